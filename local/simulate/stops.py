"""Stops and searches: under which power, for what, with which result. Pure; round figures of the usual shape."""

from datetime import datetime
from random import Random

from local.simulate.mixes import Mix
from local.simulate.people import person_stopped
from shared.events import Stop

_POWERS = Mix(
    {
        "misuse-of-drugs-section-23": 60,
        "pace-section-1": 36,
        "firearms-section-47": 1,
        "public-order-section-60": 3,
    }
)
_OBJECTS = {
    "misuse-of-drugs-section-23": Mix({"drugs": 98, "psychoactive-substances": 2}),
    "pace-section-1": Mix(
        {
            "offensive-weapons": 50,
            "stolen-goods": 21,
            "articles-for-theft": 20,
            "articles-for-criminal-damage": 7,
            "fireworks": 1,
            "evidence-of-offences": 1,
        }
    ),
    "firearms-section-47": Mix({"firearms": 1}),
    "public-order-section-60": Mix({"anything-to-threaten-or-harm": 1}),
}
_OUTCOMES = Mix(
    {
        "no-further-action": 68,
        "arrested": 15,
        "community-resolution": 7,
        "penalty-notice": 3,
        "drugs-possession-warning": 3,
        "summonsed": 2,
        "cautioned": 1,
        "not-recorded": 1,
    }
)
_NOTHING_FOUND = {"no-further-action", "not-recorded"}
_HANDCUFFED: Mix[bool | None] = Mix({True: 45, False: 40, None: 15})


class Stops:
    """Makes the first version of a stop."""

    def __init__(self, areas: Mix[str]) -> None:
        self._areas = areas

    def make(self, random: Random, stop_id: str, at: datetime, dataset: str) -> Stop:
        power, outcome, who = _POWERS.draw(random), _OUTCOMES.draw(random), person_stopped(random)
        return Stop(
            stop_id=stop_id,
            stopped_at=at,
            area=self._areas.draw(random),
            power=power,
            object=_OBJECTS[power].draw(random),
            outcome=outcome,
            linked=_linked(random, outcome),
            age=who.age,
            sex=who.sex,
            ethnicity_officer=who.officer,
            ethnicity_self=who.own,
            section_60=power == "public-order-section-60",
            handcuffed=_HANDCUFFED.draw(random),
            dataset=dataset,
        )


def _linked(random: Random, outcome: str) -> bool | None:
    """Whether what was found is what was looked for; many records do not say."""
    if random.random() < 0.2:
        return None
    return outcome not in _NOTHING_FOUND and random.random() < 0.7
