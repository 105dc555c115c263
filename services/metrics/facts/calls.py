"""Calls to 999 and 101."""

from collections.abc import Sequence

import numpy as np

from services.metrics.facts import views
from services.metrics.facts.terms import NOT_GIVEN, YES_NO, indexes
from services.metrics.profiles import CALL, pack
from services.metrics.rows import CALL_STATE, Array, number_of
from shared.clock import LONDON
from shared.reference import Reference
from shared.reference.seconds import bucket_of
from shared.reference.tags import GRADES


class Calls:
    """States of calls, on London's day; seconds as the bucket that they fall into."""

    view, dtype = views.Call, CALL_STATE

    def __init__(self, reference: Reference) -> None:
        self._areas, self._categories = indexes(reference.areas), indexes(reference.call_categories)

    def states(self, calls: Sequence[views.Call]) -> Array:
        """Raises KeyError for an unknown term, ValueError for a day that cannot be counted."""
        states = np.zeros(len(calls), self.dtype)
        states["day"] = [number_of(each.received_at.astimezone(LONDON).date()) for each in calls]
        states["area"] = [self._areas[each.area] for each in calls]
        states["profile"] = [self._profile(each) for each in calls]
        states["answer"] = [_bucket(each.answer_seconds) for each in calls]
        states["response"] = [_bucket(each.response_seconds) for each in calls]
        return states

    def _profile(self, call: views.Call) -> int:
        return pack(
            CALL,
            category=self._categories[call.category],
            line_101=int(call.line in {101, "101"}),
            grade=GRADES.index(call.grade) + 1 if call.grade else NOT_GIVEN,
            abandoned=int(call.abandoned),
            repeat=YES_NO[call.repeat_caller],
            answered=int(call.answer_seconds is not None),
            attended=int(call.response_seconds is not None),
        )


def _bucket(seconds: float | None) -> int:
    return NOT_GIVEN if seconds is None else bucket_of(seconds) + 1
