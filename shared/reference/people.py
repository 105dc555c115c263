"""What is known of people, as the groups that they are counted in.

Whatever a record says, these answer: what no group is known by, or nothing at all, is `not-known`.
"""

from functools import cache, lru_cache
from pathlib import Path

from shared.reference import builders
from shared.reference.tables import read_table
from shared.reference.terms import AgeBand, Ethnicity, Sex
from shared.reference.vocabulary import TermT, UnknownValue, Vocabulary

NOT_KNOWN = "not-known"
ETHNICITIES, AGE_BANDS, SEXES = "ethnicities.csv", "age_bands.csv", "sexes.csv"
_DIRECTORY = Path(__file__).parent
_UNDER = 25


@lru_cache(maxsize=4096)
def ethnicity(text: str | None) -> str:
    """The id of the broad group: white, black, asian, mixed, other or not-known."""
    return _resolved(_ethnicities(), text)


@lru_cache(maxsize=4096)
def sex(text: str | None) -> str:
    """male, female, other or not-known."""
    return _resolved(_sexes(), text)


@lru_cache(maxsize=4096)
def age_band(age: int | str | None) -> str:
    """The id of the band that an age in years, or a range as published (`18-24`, `over 34`), falls into."""
    if isinstance(age, str) and age.strip().isdecimal():
        age = int(age)
    if isinstance(age, int):
        return next((band.id for band in _age_bands() if band.holds(age)), NOT_KNOWN)
    return _resolved(_age_bands(), age)


@lru_cache(maxsize=4096)
def is_under_25(age: int | str | None) -> bool:
    """Whether an age, or all of a range, is below 25 years; an unknown one is not."""
    band = _age_bands().get(age_band(age))
    return band is not None and band.to_age is not None and band.to_age < _UNDER


def _resolved(vocabulary: Vocabulary[TermT], text: str | None) -> str:
    try:
        return vocabulary.resolve(text or NOT_KNOWN, suggest=False).id
    except UnknownValue:
        return NOT_KNOWN


@cache
def _ethnicities() -> Vocabulary[Ethnicity]:
    return read_table(_DIRECTORY / ETHNICITIES, "ethnicity", builders.ethnicity).vocabulary


@cache
def _sexes() -> Vocabulary[Sex]:
    return read_table(_DIRECTORY / SEXES, "sex", builders.sex).vocabulary


@cache
def _age_bands() -> Vocabulary[AgeBand]:
    return read_table(_DIRECTORY / AGE_BANDS, "age band", builders.age_band).vocabulary
