"""Stops and searches."""

from collections.abc import Sequence

import numpy as np

from services.metrics.facts import views
from services.metrics.facts.terms import YES_NO, Memo, indexes
from services.metrics.profiles import STOP, pack
from services.metrics.rows import PLAIN_STATE, Array, number_of
from shared.clock import LONDON
from shared.reference import Reference
from shared.reference.people import age_band, ethnicity, sex

Person = tuple[str | None, str | None, int | str | None, str | None]


class Stops:
    """States of stops and searches, on London's day."""

    view, dtype = views.Stop, PLAIN_STATE

    def __init__(self, reference: Reference) -> None:
        self._areas, self._powers = indexes(reference.areas), indexes(reference.stop_powers)
        self._objects, self._outcomes = indexes(reference.stop_objects), indexes(reference.stop_outcomes)
        self._ethnicities, self._ages = indexes(reference.ethnicities), indexes(reference.age_bands)
        self._sexes = indexes(reference.sexes)
        self._people = Memo(self._person)

    def states(self, stops: Sequence[views.Stop]) -> Array:
        """Raises KeyError for an unknown term, ValueError for a day that cannot be counted."""
        states = np.zeros(len(stops), self.dtype)
        states["day"] = [number_of(each.stopped_at.astimezone(LONDON).date()) for each in stops]
        states["area"] = [self._areas[each.area] for each in stops]
        states["profile"] = [self._profile(each) for each in stops]
        return states

    def _profile(self, stop: views.Stop) -> int:
        person: int = self._people[stop.ethnicity_officer, stop.ethnicity_self, stop.age, stop.sex]
        return person | pack(
            STOP,
            power=self._powers[stop.power],
            object=self._objects[stop.object],
            outcome=self._outcomes[stop.outcome],
            section_60=int(stop.section_60),
            handcuffed=YES_NO[stop.handcuffed],
            linked=YES_NO[stop.linked],
        )

    def _person(self, given: Person) -> int:
        officer, self_defined, age, gender = given
        return pack(
            STOP,
            officer=self._ethnicities[ethnicity(officer)],
            self=self._ethnicities[ethnicity(self_defined)],
            age=self._ages[age_band(age)],
            sex=self._sexes[sex(gender)],
        )
