"""Crimes, and the monthly counts of them that are published."""

from collections.abc import Sequence

import numpy as np

from services.metrics.facts import views
from services.metrics.facts.terms import Memo, indexes
from services.metrics.profiles import CANCELLED, CRIME, pack
from services.metrics.rows import COUNT_STATE, CRIME_STATE, Array, day_number
from shared.reference import Reference
from shared.reference.people import NOT_KNOWN, age_band, ethnicity, is_under_25, sex


class Crimes:
    """States of crimes."""

    view, dtype = views.Crime, CRIME_STATE

    def __init__(self, reference: Reference) -> None:
        self.areas, self.days = indexes(reference.areas), Memo(day_number)
        self._offences, self._flags = indexes(reference.offences), indexes(reference.flags)
        self._outcomes = indexes(reference.outcomes)
        self.classes, self._people = Memo(self._class), Memo(_one)

    def _class(self, given: tuple[str, tuple[str, ...]]) -> int:
        offence, flags = given
        marks = sum(1 << index for index in {self._flags[flag] for flag in flags})
        return pack(CRIME, offence=self._offences[offence], flags=marks)

    def states(self, crimes: Sequence[views.Crime]) -> Array:
        """Raises KeyError for an unknown term, ValueError for a day that cannot be counted."""
        days, areas, classes = self.days, self.areas, self.classes
        states = np.zeros(len(crimes), self.dtype)
        states["day"] = [days[each.recorded_on] for each in crimes]
        states["area"] = [areas[each.area] for each in crimes]
        profiles = [classes[each.offence, each.flags] | self._victims(each.victims) for each in crimes]
        decided = [(place, crime.outcome) for place, crime in enumerate(crimes) if crime.outcome is not None]
        for place, outcome in decided:
            profiles[place] |= CRIME["outcome"].put(self._outcomes[outcome.type])
        for place, crime in enumerate(crimes):
            if crime.status == "cancelled":
                profiles[place] |= CANCELLED
        states["profile"] = profiles
        states["outcome_day"][[place for place, _ in decided]] = [days[outcome.on] for _, outcome in decided]
        return states

    def _victims(self, victims: Sequence[views.Victim]) -> int:
        if not victims:
            return 0
        known = [self._people[each.age, each.sex, each.ethnicity] for each in victims]
        if len(known) == 1:
            return known[0]  # type: ignore[no-any-return] # what _one answers
        every = {name: all(CRIME[name].of(each) for each in known) for name in ("age", "sex", "ethnicity")}
        under_25 = sum(CRIME["under_25"].of(each) for each in known)
        return pack(CRIME, victims=len(known), under_25=under_25, **every)


class CrimeCounts:
    """States of published monthly counts."""

    view, dtype = views.CrimeCount, COUNT_STATE

    def __init__(self, reference: Reference) -> None:
        self._crimes = Crimes(reference)

    def states(self, counts: Sequence[views.CrimeCount]) -> Array:
        """As Crimes.states."""
        states = np.zeros(len(counts), self.dtype)
        states["day"] = [self._crimes.days[each.month] for each in counts]
        states["area"] = [self._crimes.areas[each.area] for each in counts]
        states["profile"] = [self._crimes.classes[each.offence, each.flags] for each in counts]
        states["weight"] = [each.count for each in counts]
        return states


def _one(person: tuple[int | str | None, str | None, str | None]) -> int:
    """The part of a profile that a single victim makes: how old, and what of them is known."""
    age, gender, group = person
    return pack(
        CRIME,
        victims=1,
        under_25=is_under_25(age),
        age=age_band(age) != NOT_KNOWN,
        sex=sex(gender) != NOT_KNOWN,
        ethnicity=ethnicity(group) != NOT_KNOWN,
    )
