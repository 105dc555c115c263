"""Constructed crimes as the JSON lines that a force would post. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import msgspec
import numpy as np
from numpy.typing import NDArray

from local.simulate.people import Victims
from parts.constructed import FIRST, YEAR_DAYS, Crimes
from parts.mix import CLASSES, FLAGS, OFFENCES

_WITH_VICTIMS = ("violence-against-the-person", "total-sexual-offences", "total-robbery", "theft-person")
_VARIETY = 400
_LONGEST_DAYS = 120
_OUTCOMES = ("no-suspect-identified", "unable-to-prosecute", "charged", "cautioned", "community-resolution")
_OUTCOME_SHARE = 0.6


def json_lines(crimes: Crimes, dataset: str, seed: int = 5) -> list[bytes]:
    """Each crime as one JSON object, with victims and outcomes such as its class has; ids count up from 0."""
    random = np.random.default_rng(seed)
    days = [f"{FIRST + timedelta(days=n)}" for n in range(sum(YEAR_DAYS) + _LONGEST_DAYS)]
    marks = list(zip(crimes.flags.tolist(), crimes.narrow.tolist(), strict=True))
    flags = {each: _flags_text(*each) for each in set(marks)}
    victims = _victims(Random(seed))
    drawn = zip(
        zip(crimes.days.tolist(), crimes.areas.tolist(), crimes.offences.tolist(), marks, strict=True),
        _victim_numbers(random, crimes),
        _outcome_numbers(random, len(crimes)),
        strict=True,
    )
    return [
        (
            f'{{"crime_id":"{number}","status":"recorded","recorded_on":"{days[day]}","area":"{crimes.area_ids[area]}"'
            f',"offence":"{OFFENCES[offence]}"{flags[carried]}{victims[victim]}{_outcome(days, day, outcome)}'
            f',"dataset":"{dataset}"}}'
        ).encode()
        for number, ((day, area, offence, carried), victim, outcome) in enumerate(drawn)
    ]


def with_repetitions(lines: list[bytes], one_in: int) -> Iterator[bytes]:
    """All lines, and after each `one_in` of them an earlier one again."""
    for number, line in enumerate(lines, start=1):
        yield line
        if number % one_in == 0:
            yield lines[number // 2]


def _flags_text(flags: int, narrow: int) -> str:
    carried = [flag.narrower if narrow >> bit & 1 else flag.id for bit, flag in enumerate(FLAGS) if flags >> bit & 1]
    return f',"flags":{msgspec.json.encode(carried).decode()}' if carried else ""


def _victims(random: Random) -> list[str]:
    """Texts, of which the first is that of no victim."""
    drawn = (Victims().draw(random, "violence-with-injury", ()) for _ in range(_VARIETY))
    return ["", *(f',"victims":{msgspec.json.encode(each).decode()}' for each in drawn)]


def _victim_numbers(random: np.random.Generator, crimes: Crimes) -> list[int]:
    of_class = [OFFENCES.index(offence) for row in _WITH_VICTIMS for offence in CLASSES[row]]
    known = np.isin(crimes.offences, of_class) & (random.random(len(crimes)) < 0.9)
    return np.where(known, random.integers(1, _VARIETY + 1, len(crimes)), 0).tolist()


def _outcome_numbers(random: np.random.Generator, number: int) -> list[int]:
    """0 without an outcome, else days until then and the kind of it in one number."""
    numbers: NDArray[np.int64] = random.integers(1, _LONGEST_DAYS * len(_OUTCOMES), number)
    return np.where(random.random(number) < _OUTCOME_SHARE, numbers, 0).tolist()


def _outcome(days: list[str], day: int, number: int) -> str:
    if not number:
        return ""
    after, kind = divmod(number, len(_OUTCOMES))
    return f',"outcome":{{"type":"{_OUTCOMES[kind]}","on":"{days[day + after]}"}}'
