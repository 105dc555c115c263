"""Crimes, and the monthly counts of them that are published."""

from collections.abc import Sequence

import msgspec
import numpy as np

from services.metrics.facts import views
from services.metrics.facts.terms import Memo, indexes
from services.metrics.profiles import CANCELLED, CRIME, pack
from services.metrics.rows import COUNT_STATE, CRIME_STATE, Array, day_number
from shared.reference import Reference
from shared.reference.people import NOT_KNOWN, age_band, ethnicity, is_under_25, sex

_decode_victims = msgspec.json.Decoder(tuple[views.Victim, ...]).decode


class Crimes:
    """States of crimes."""

    view, dtype = views.Crime, CRIME_STATE

    def __init__(self, reference: Reference) -> None:
        self.areas, self.days = indexes(reference.areas), Memo(day_number)
        self._offences, self._flags = indexes(reference.offences), indexes(reference.flags)
        self._outcomes = indexes(reference.outcomes)
        self.classes, self._victims = Memo(self._class), Memo(_victims)

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
        victims = self._victims
        profiles = [classes[each.offence, each.flags] | victims[bytes(each.victims)] for each in crimes]
        decided = [(place, crime.outcome) for place, crime in enumerate(crimes) if crime.outcome is not None]
        for place, outcome in decided:
            profiles[place] |= CRIME["outcome"].put(self._outcomes[outcome.type])
        for place, crime in enumerate(crimes):
            if crime.status == "cancelled":
                profiles[place] |= CANCELLED
        states["profile"] = profiles
        states["outcome_day"][[place for place, _ in decided]] = [days[outcome.on] for _, outcome in decided]
        return states


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


def _victims(text: bytes) -> int:
    """The part of a profile that victims, in JSON, make: how many, how old, and what is known of every one."""
    victims = _decode_victims(text)
    if not victims:
        return 0
    return pack(
        CRIME,
        victims=len(victims),
        under_25=sum(is_under_25(each.age) for each in victims),
        age=all(age_band(each.age) != NOT_KNOWN for each in victims),
        sex=all(sex(each.sex) != NOT_KNOWN for each in victims),
        ethnicity=all(ethnicity(each.ethnicity) != NOT_KNOWN for each in victims),
    )
