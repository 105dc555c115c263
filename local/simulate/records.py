"""First versions of records, drawn at random. Pure: the same random numbers give the same records."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from local.simulate import mixes
from local.simulate.mixes import Mix
from shared.clock import LONDON
from shared.events import Call, Crime, Stop, Victim
from shared.reference import Reference

Record = Crime | Call | Stop
_SECONDS_TO_ANSWER = {999: 9.0, 101: 150.0}


class Records:
    """Makes records of `dataset`, whose ids begin with `run` so that no two runs share one."""

    def __init__(self, reference: Reference, run: str, dataset: str) -> None:
        self._run, self._dataset = run, dataset
        self._kind_of = {category.id: category.kind for category in reference.call_categories}
        self._areas = Mix(mixes.areas(reference))
        self._offences, self._hate = Mix(mixes.OFFENCES), Mix(mixes.HATE)
        self._categories, self._grades = Mix(mixes.CALL_CATEGORIES), Mix(mixes.GRADES)
        self._powers = Mix({power: weight for power, (_, weight) in mixes.POWERS.items()})
        self._stop_outcomes = Mix(mixes.STOP_OUTCOMES)
        self._ages, self._ethnicities = Mix(mixes.AGE_RANGES), Mix(mixes.ETHNICITIES)
        self._makers: dict[str, Callable[[Random, int, datetime], Record]] = {
            "crimes": self._crime,
            "calls": self._call,
            "stops": self._stop,
        }

    def make(self, kind: str, random: Random, number: int, at: datetime) -> Record:
        """The first version of the `number`th record of `kind` (crimes, calls, stops), at the aware time `at`."""
        return self._makers[kind](random, number, at)

    def _crime(self, random: Random, number: int, at: datetime) -> Crime:
        offence = self._offences.draw(random)
        return Crime(
            crime_id=f"{self._run}-crime-{number}",
            status="recorded",
            recorded_on=at.astimezone(LONDON).date().isoformat(),
            area=self._areas.draw(random),
            offence=offence,
            flags=self._flags(random, offence),
            victims=(Victim(age=random.randint(8, 85), sex=random.choice(("F", "M"))),) * (random.random() < 0.7),
            dataset=self._dataset,
        )

    def _flags(self, random: Random, offence: str) -> tuple[str, ...]:
        found = []
        if offence in mixes.DOMESTIC and random.random() < 0.27:
            found.append("domestic-abuse")
        if offence in mixes.ARMED and random.random() < 0.13:
            found.append(random.choice(("knife-crime", "knife-crime", "knife-injury", "firearm-discharged")))
        if offence == "race-or-religious-agg-public-fear" or random.random() < 0.01:
            found.append(self._hate.draw(random))
        return tuple(found)

    def _call(self, random: Random, number: int, at: datetime) -> Call:
        category = self._categories.draw(random)
        line = 999 if random.random() < 0.48 else 101
        abandoned = random.random() < (0.02 if line == 999 else 0.12)
        return Call(
            call_id=f"{self._run}-call-{number}",
            received_at=at,
            line=999 if line == 999 else 101,
            kind=self._kind_of[category],
            category=category,
            area=self._areas.draw(random),
            grade=None if abandoned else self._grades.draw(random),  # type: ignore[arg-type] # a key of GRADES
            abandoned=abandoned,
            answer_seconds=None if abandoned else round(random.expovariate(1 / _SECONDS_TO_ANSWER[line]), 1),
            dataset=self._dataset,
        )

    def _stop(self, random: Random, number: int, at: datetime) -> Stop:
        power = self._powers.draw(random)
        return Stop(
            stop_id=f"{self._run}-stop-{number}",
            stopped_at=at,
            area=self._areas.draw(random),
            power=power,
            object=mixes.POWERS[power][0],
            outcome=self._stop_outcomes.draw(random),
            age=self._ages.draw(random),
            sex="Male" if random.random() < 0.92 else "Female",
            ethnicity_officer=self._ethnicities.draw(random),
            section_60=power == "public-order-section-60",
            dataset=self._dataset,
        )
