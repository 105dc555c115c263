"""Calls to 999 and 101: about what, how soon answered and attended. Pure; round figures of the usual shape."""

from datetime import datetime
from math import log
from random import Random
from typing import Literal

from local.simulate.mixes import Mix
from shared.events import Call
from shared.reference import Reference

Grade = Literal["I", "S", "E", "R"]

CATEGORIES = {
    "other": 520,
    "violence-against-the-person": 110,
    "unlisted-crime": 60,
    "theft-other": 50,
    "criminal-damage": 30,
    "burglary-dwelling": 25,
    "theft-from-motor-vehicle": 20,
    "theft-shoplifting": 20,
    "drugs-offence": 15,
    "robbery": 15,
    "theft-of-motor-vehicle": 15,
    "harassment-act-offences": 12,
    "burglary-other-than-a-dwelling": 8,
    "fraud-and-forgery": 8,
    "sexual-offences": 8,
    "abduction-kidnap": 1,
    "bomb-threat": 0.2,
    "rowdy-or-inconsiderate-behaviour": 40,
    "noise": 12,
    "rowdy-nuisance-neighbours": 10,
    "vehicle-nuisance-inappropriate-use": 10,
    "begging-vagrancy": 5,
    "malicious-nuisance-communications": 5,
    "environmental-damage-littering": 3,
    "street-drinking": 3,
    "trespass": 3,
    "vehicle-abandoned-not-stolen": 2,
    "animal-problems": 1,
    "fireworks": 1,
    "hate-incident": 1,
    "littering-drugs-paraphernalia": 1,
    "prostitution-related-activity": 1,
    "substance-misuse": 1,
}
_GRADES: Mix[Grade] = Mix({"I": 20, "S": 38, "E": 10, "R": 32})
# Median seconds, and how wide they scatter (the standard deviation of their logarithm).
_ANSWERED = {999: (4.0, 0.9), 101: (70.0, 1.2)}
_ATTENDED: dict[Grade, tuple[float, float]] = {"I": (500.0, 0.5), "S": (2200.0, 0.7), "E": (40_000.0, 0.8)}
_ATTENDED_SHARE: dict[Grade, float] = {"I": 0.95, "S": 0.8, "E": 0.5}
_REPEAT_SHARE = {"asb": 0.25, "crime": 0.12, "other": 0.08}


class Calls:
    """Makes the first version of a call: it was answered, and graded. Whether anybody came is told later."""

    def __init__(self, reference: Reference, areas: Mix[str]) -> None:
        self._kind_of = {category.id: category.kind for category in reference.call_categories}
        self._areas, self._categories = areas, Mix(CATEGORIES)

    def make(self, random: Random, call_id: str, at: datetime, dataset: str) -> Call:
        category = self._categories.draw(random)
        kind = self._kind_of[category]
        line: Literal[999, 101] = 999 if random.random() < 0.48 else 101
        abandoned = random.random() < (0.02 if line == 999 else 0.12)
        return Call(
            call_id=call_id,
            received_at=at,
            line=line,
            kind=kind,
            category=category,
            area=self._areas.draw(random),
            grade=None if abandoned else _GRADES.draw(random),
            abandoned=abandoned,
            answer_seconds=None if abandoned or random.random() < 0.02 else _seconds(random, *_ANSWERED[line]),
            # Who it was that hung up is not known, and one call in ten is not looked up.
            repeat_caller=None if abandoned or random.random() < 0.1 else random.random() < _REPEAT_SHARE[kind],
            dataset=dataset,
        )


def is_attended(random: Random, call: Call) -> bool:
    """Whether an officer comes, by the call's grade: nobody to one that is abandoned or referred."""
    return call.grade is not None and random.random() < _ATTENDED_SHARE.get(call.grade, 0.0)


def seconds_to_attend(random: Random, call: Call) -> float:
    """Seconds until an officer came to a call of a grade that is attended; KeyError for any other."""
    assert call.grade is not None
    return _seconds(random, *_ATTENDED[call.grade])


def _seconds(random: Random, median: float, scatter: float) -> float:
    return round(random.lognormvariate(log(median), scatter), 1)
