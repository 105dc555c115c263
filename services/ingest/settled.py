"""Which of many records need no resolving: every term is an id already, every date in order. Pure.

The rules stand in terms.py alone. They look at a few parts of a record, each by itself, and thousands of records repeat
the same few values there: each value is tried once, in a record that is in order else, and known from then on.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import repeat
from operator import attrgetter, call, contains
from typing import Any

import msgspec

from services.ingest.terms import Refused, Terms
from shared.events import topics
from shared.events.examples import RECORDS
from shared.reference import Reference

# Outcomes, which are of a kind and a day, have the most values. Posted without end, they would fill the memory.
_REMEMBERED = 20_000
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

    @property
    def known(self) -> Container[Any]:
        return self._settled

    def learn(self, records: Iterable[Any], is_settled: Try) -> Container[Any]:
        """Try the values that are new; answers those of all that are not settled."""
        if self._settled.issuperset(map(self.of, records)):
            return ()
        new = set(map(self.of, records)) - self._settled
        for value in new - self._unsettled:
            known = self._settled if is_settled(self._as_fields(value)) else self._unsettled
            if len(known) < _REMEMBERED:
                known.add(value)
            elif known is self._settled:
                new.discard(value)
        return new - self._settled

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

    def learn(self, records: Iterable[Any], is_settled: Try) -> Container[Any]:
        """Try the earliest and the latest where they are new; answers all of them where one is not settled."""
        moments = set(map(self.of, records))
        first, last = min(moments), max(moments)
        if not all(each in self or is_settled({self._name: each}) for each in (first, last)):
            return moments
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
        return all(map(contains, known, map(call, of, repeat(event)))) or self.only(topic, [event])[0] is not None

    def only(self, topic: str, events: Sequence[Any]) -> list[Any]:
        """The events, of which some may be None, with None for each that Terms would not answer just as it is."""
        found, example = list(events), RECORDS[topic]
        for part in self._parts[topic]:
            records = found if all(found) else [event for event in found if event]
            unsettled = part.learn(records, lambda fields: self._is_settled(example, fields)) if records else ()
            if unsettled:
                found = [None if each is None or part.of(each) in unsettled else each for each in found]
        return found

    def _is_settled(self, example: Any, fields: dict[str, Any]) -> bool:
        record = msgspec.structs.replace(example, **fields)
        try:
            return bool(self._terms.resolve(record) == record)
        except Refused:
            return False
