"""Which of many records need no resolving: every term is an id already, every date in order. Pure.

The rules stand in terms.py alone. They look at a few parts of a record, each by itself, and thousands of records repeat
the same few values there: each value is tried once, in a record that is in order else, and known from then on.
"""

from collections.abc import Callable, Container, Iterable
from datetime import UTC, date, datetime
from itertools import chain, repeat
from operator import attrgetter, call, contains
from typing import Any

import msgspec

from services.ingest.shapes import Columns, columns_of
from services.ingest.terms import Refused, Terms
from shared.events import topics
from shared.events.examples import RECORDS
from shared.reference import Reference

# Values come from outside, without end and of any length: the memory of a part is bounded by their JSON, and a list of
# short texts takes a dozen times as much. Outcomes, which are of a kind and a day, need the most: a quarter of it.
_REMEMBERED_BYTES = 1024 * 1024
_LONGEST_BYTES = 1024
_EACH_BYTES = 32
_encode = msgspec.json.Encoder().encode
Try = Callable[[dict[str, Any]], bool]
"""Whether a record that is in order else needs no resolving with these fields."""


class Values:
    """A field that is looked at by itself, or some that are looked at together.

    `of` is a record's value, and `known` holds those that are settled.
    """

    def __init__(self, *names: str) -> None:
        self.of, self._names = attrgetter(*names), names
        self._settled: set[Any] = set()
        self._unsettled: set[Any] = set()
        self._remembered_bytes = 0

    @property
    def known(self) -> Container[Any]:
        return self._settled

    def odd(self, columns: Columns, is_settled: Try) -> Iterable[int]:
        """Try the values that are new; answers the places of all that are not settled."""
        values = [columns[name] for name in self._names]
        column = values[0] if len(values) == 1 else list(zip(*values, strict=True))
        new = set(column) - self._settled
        unsettled = new & self._unsettled
        for value in new - unsettled:
            if is_settled(self._as_fields(value)):
                self._remember(value, self._settled)
            else:
                unsettled.add(value)
                self._remember(value, self._unsettled)
        return [place for place, value in enumerate(column) if value in unsettled] if unsettled else ()

    def _remember(self, value: Any, among: set[Any]) -> None:
        size = len(_encode(value)) + _EACH_BYTES
        if size > _LONGEST_BYTES:
            return
        if self._remembered_bytes + size > _REMEMBERED_BYTES:  # what is still in use is soon known anew
            self._settled.clear()
            self._unsettled.clear()
            self._remembered_bytes = 0
        among.add(value)
        self._remembered_bytes += size

    def _as_fields(self, value: Any) -> dict[str, Any]:
        return dict(zip(self._names, value if len(self._names) > 1 else (value,), strict=True))


class Moments:
    """A field with a time. What holds for the earliest and the latest holds for all that lie between."""

    def __init__(self, name: str) -> None:
        self.of, self._name = attrgetter(name), name
        self._first, self._last = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

    @property
    def known(self) -> Container[Any]:
        return self

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, datetime) and self._first <= moment <= self._last

    def odd(self, columns: Columns, is_settled: Try) -> Iterable[int]:
        """Try the earliest and the latest where they are new; answers all places where one is not settled."""
        column = columns[self._name]
        first, last = min(column), max(column)
        if not all(each in self or is_settled({self._name: each}) for each in (first, last)):
            return range(len(column))
        self._first, self._last = min(first, self._first), max(last, self._last)
        return ()


Part = Values | Moments
PARTS: dict[str, Callable[[], tuple[Part, ...]]] = {
    topics.CRIMES: lambda: tuple(map(Values, ("recorded_on", "area", "offence", "flags", "outcome", "victims"))),
    topics.CALLS: lambda: (Moments("received_at"), Values("area"), Values("line", "kind", "category")),
    topics.STOPS: lambda: (Moments("stopped_at"), *map(Values, ("area", "power", "object", "outcome", "age"))),
    topics.INDICATORS: lambda: tuple(map(Values, ("indicator", "area", "period"))),
    topics.CRIME_COUNTS: lambda: tuple(map(Values, ("area", "offence", "flags", "month"))),
}


class Settled:
    """Knows the values that need no resolving on one day, `today`."""

    def __init__(self, reference: Reference, today: date) -> None:
        self.today = today
        self._terms = Terms(reference, today, suggest=False)
        self._parts = {topic: parts() for topic, parts in PARTS.items()}
        self._looks = {
            topic: ([part.known for part in parts], [part.of for part in parts]) for topic, parts in self._parts.items()
        }

    def knows(self, topic: str, event: Any) -> bool:
        """Whether Terms would answer the event just as it is."""
        known, of = self._looks[topic]
        if all(map(contains, known, map(call, of, repeat(event)))):
            return True
        return not list(self.odd(topic, columns_of([event])))

    def odd(self, topic: str, columns: Columns) -> Iterable[int]:
        """The places of the events that Terms would not answer just as they are."""
        example = RECORDS[topic]
        parts = (part.odd(columns, lambda fields: self._is_settled(example, fields)) for part in self._parts[topic])
        return chain.from_iterable(parts)

    def _is_settled(self, example: Any, fields: dict[str, Any]) -> bool:
        record = msgspec.structs.replace(example, **fields)
        try:
            return bool(self._terms.resolve(record) == record)
        except Refused:
            return False
