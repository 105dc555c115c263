"""The people of records, with what is known of them and what is not. Pure.

Who suffers which crime is in round figures of the usual shape. Those who are stopped are as in London's published
stops and searches of June 2016, a force's words for them included.
"""

from random import Random
from typing import NamedTuple

from local.simulate.mixes import Mix
from shared.events import Victim

_WITHOUT_VICTIM = {
    "possession-of-drugs",
    "trafficking-of-drugs",
    "possession-of-weapons",
    "other-offences-public-order",
    "misc-crimes-against-society",
    "shoplifting",
    "robbery-of-business-property",
    "burglary-business-and-community",
    "nfib-fraud",
}
_ETHNICITIES = Mix({"White": 54, "Asian": 20, "Black": 15, "Mixed": 5, "Other": 6})
_YOUNG, _ANY = (20.0, 7.0), (38.0, 16.0)
_KNIVES = {"knife-crime", "knife-injury", "firearm-discharged"}


class Victims:
    """Draws the victims of a crime. Half of the records do not say of which ethnicity they are."""

    def draw(self, random: Random, offence: str, flags: tuple[str, ...]) -> tuple[Victim, ...]:
        if offence in _WITHOUT_VICTIM:
            return ()
        number = 1 + (random.random() < 0.04) + (random.random() < 0.01)
        return tuple(_victim(random, flags) for _ in range(number))


def _victim(random: Random, flags: tuple[str, ...]) -> Victim:
    mean, deviation = _YOUNG if _KNIVES & set(flags) and "domestic-abuse" not in flags else _ANY
    women = 0.75 if "domestic-abuse" in flags else 0.2 if _KNIVES & set(flags) else 0.5
    return Victim(
        age=None if random.random() < 0.05 else min(max(round(random.gauss(mean, deviation)), 4), 97),
        sex=None if random.random() < 0.02 else "Female" if random.random() < women else "Male",
        ethnicity=None if random.random() < 0.5 else _ETHNICITIES.draw(random),
    )


class Person(NamedTuple):
    """Who was stopped, in a force's words; None where the record does not say."""

    age: str | None
    sex: str | None
    officer: str | None
    own: str | None


_AGES: Mix[str | None] = Mix({"10-17": 190, "18-24": 374, "25-34": 230, "over 34": 163, "under 10": 1, None: 42})
_SEXES: Mix[str | None] = Mix({"Male": 924, "Female": 65, "Other": 1, None: 10})
_SEEN: Mix[str | None] = Mix({"White": 427, "Black": 401, "Asian": 132, "Other": 29, None: 11})
_NOT_STATED = "Not Stated (NS)"
_OWN_WORDS = {
    "White": Mix(
        {
            "White - White British (W1)": 2449,
            "White - Any other White ethnic background (W9)": 1388,
            _NOT_STATED: 266,
            "White - White Irish (W2)": 113,
            "Mixed - Any other Mixed ethnic background (M9)": 90,
            "Chinese or other ethnic group - Any other ethnic group (O9)": 83,
        }
    ),
    "Black": Mix(
        {
            "Black or Black British - Any other Black ethnic background (B9)": 1267,
            "Black or Black British - African (B2)": 1089,
            "Black or Black British - Caribbean (B1)": 931,
            _NOT_STATED: 521,
            "Mixed - White and Black Caribbean (M1)": 169,
            "Mixed - Any other Mixed ethnic background (M9)": 77,
        }
    ),
    "Asian": Mix(
        {
            "Asian or Asian British - Any other Asian ethnic background (A9)": 453,
            "Asian or Asian British - Bangladeshi (A3)": 260,
            "Asian or Asian British - Pakistani (A2)": 189,
            "Asian or Asian British - Indian (A1)": 160,
            _NOT_STATED: 161,
            "Mixed - White and Asian (M3)": 19,
        }
    ),
    "Other": Mix(
        {
            "Asian or Asian British - Any other Asian ethnic background (A9)": 82,
            _NOT_STATED: 71,
            "Chinese or other ethnic group - Any other ethnic group (O9)": 66,
            "White - Any other White ethnic background (W9)": 20,
        }
    ),
}


def person_stopped(random: Random) -> Person:
    """Somebody who was stopped: as the officer saw them, and as they described themselves."""
    seen = _SEEN.draw(random)
    own = _OWN_WORDS[seen].draw(random) if seen else None
    return Person(_AGES.draw(random), _SEXES.draw(random), seen, own)
