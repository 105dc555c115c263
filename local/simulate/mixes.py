"""What happens where, in which proportion. Pure; the values are ids of the reference data.

The mix of offences is London's in the twelve months to February 2024 (London Datastore), per thousand crimes; other
mixes are round figures. An area's weight is its population.
"""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from shared.reference import Reference

T = TypeVar("T")

OFFENCES = {
    "other-theft": 144.4,
    "violence-without-injury": 118.2,
    "violence-with-injury": 85.7,
    "theft-from-the-person": 81.6,
    "stalking-and-harassment": 65.8,
    "theft-from-a-vehicle": 64.0,
    "shoplifting": 63.8,
    "criminal-damage": 60.1,
    "public-fear-alarm-or-distress": 44.7,
    "theft-or-unauth-taking-of-a-motor-veh": 35.2,
    "robbery-of-personal-property": 31.9,
    "possession-of-drugs": 29.0,
    "residential-burglary-of-a-home": 25.3,
    "burglary-business-and-community": 19.3,
    "bicycle-theft": 17.3,
    "other-sexual-offences": 16.6,
    "interfering-with-a-motor-vehicle": 12.4,
    "race-or-religious-agg-public-fear": 12.4,
    "misc-crimes-against-society": 12.3,
    "trafficking-of-drugs": 12.2,
    "residential-burglary-of-unconnected-building": 9.6,
    "rape": 9.5,
    "other-offences-public-order": 7.7,
    "possession-of-weapons": 6.9,
    "domestic-burglary": 6.1,
    "robbery-of-business-property": 4.6,
    "arson": 2.3,
    "aggravated-vehicle-taking": 0.7,
    "homicide": 0.1,
    "nfib-fraud": 0.5,
}
CLOSE_OFFENCES = {
    "violence-without-injury": "violence-with-injury",
    "violence-with-injury": "violence-without-injury",
    "theft-from-the-person": "robbery-of-personal-property",
    "robbery-of-personal-property": "theft-from-the-person",
    "other-theft": "theft-from-the-person",
    "domestic-burglary": "criminal-damage",
    "residential-burglary-of-a-home": "other-theft",
    "criminal-damage": "arson",
}
"""What a crime is most often reclassified as."""
DOMESTIC = {"violence-with-injury", "violence-without-injury", "stalking-and-harassment", "criminal-damage", "rape"}
ARMED = {"violence-with-injury", "robbery-of-personal-property", "robbery-of-business-property", "homicide"}
HATE = {
    "racist-and-religious-hate": 80,
    "antisemitic-hate": 4,
    "islamophobic-hate": 6,
    "sexual-orientation-hate": 14,
    "transgender-hate": 2,
    "disability-hate": 2,
}
OUTCOMES = {"charged": 55, "cautioned": 15, "penalty-notice": 5, "drugs-possession-warning": 10, "summonsed": 5}
CALL_CATEGORIES = {
    "other": 560,
    "violence-against-the-person": 110,
    "unlisted-crime": 60,
    "theft-other": 50,
    "burglary-dwelling": 25,
    "criminal-damage": 30,
    "robbery": 15,
    "theft-from-motor-vehicle": 20,
    "theft-of-motor-vehicle": 15,
    "theft-shoplifting": 20,
    "drugs-offence": 15,
    "rowdy-or-inconsiderate-behaviour": 45,
    "noise": 12,
    "vehicle-nuisance-inappropriate-use": 10,
    "begging-vagrancy": 6,
    "street-drinking": 4,
    "trespass": 3,
}
GRADES = {"I": 20, "S": 38, "E": 10, "R": 32}
POWERS = {
    "misuse-of-drugs-section-23": ("drugs", 60),
    "pace-section-1": ("offensive-weapons", 36),
    "firearms-section-47": ("firearms", 1),
    "public-order-section-60": ("anything-to-threaten-or-harm", 3),
}
"""Power -> its usual object of search, and how often it is used."""
STOP_OUTCOMES = {
    "no-further-action": 70,
    "arrested": 15,
    "community-resolution": 7,
    "penalty-notice": 3,
    "drugs-possession-warning": 3,
    "summonsed": 2,
}
AGE_RANGES = {"10-17": 18, "18-24": 38, "25-34": 25, "over 34": 19}
ETHNICITIES = {"White": 42, "Black": 37, "Asian": 15, "Other": 6}


class Mix(Generic[T]):
    """Draws values in proportion to their weights."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = list(weights)
        self._cumulative = list(accumulate(weights.values()))

    def draw(self, random: Random) -> T:
        # random.choices does the same in three times the time; hi keeps a rounded-up product within the values.
        place = bisect(self._cumulative, random.random() * self._cumulative[-1], hi=len(self._values) - 1)
        return self._values[place]


def areas(reference: Reference) -> dict[str, float]:
    """Each borough by its population, with a few records at the airports and at places not known."""
    weights: dict[str, float] = {a.id: a.population_2015 or 0 for a in reference.areas if a.kind == "borough"}
    total = sum(weights.values())
    small = {"airport": 0.005, "unknown": 0.02}
    return weights | {a.id: total * small[a.kind] for a in reference.areas if a.kind in small}
