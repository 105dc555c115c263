"""Which of many records need no resolving: every term is an id already, every date in order. Pure.

The rules stand in terms.py alone. They look at a few parts of a record, each by itself, and thousands of records repeat
the same few values there: each value is tried once, in a record that is in order else, and known from then on.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from services.ingest.terms import Refused, Terms
from shared.events import topics
from shared.events.examples import RECORDS
from shared.reference import Reference

# Outcomes, which are of a kind and a day, have the most values. Posted without end, they would fill the memory.
_REMEMBERED = 20_000
Records = Sequence[Any]


class Part(NamedTuple):
    """A part of a record that is looked at by itself.

    `values` are those of some records, `trial` is a record with one of them, `has` says whether a record has any of
    some values.
    """

    values: Callable[[Records], Iterable[Any]]
    trial: Callable[[Any, Any], Any]
    has: Callable[[Any, set[Any]], bool]


def _field(name: str) -> Part:
    value_of = attrgetter(name)
    return Part(
        lambda records: map(value_of, records),
        lambda record, value: _with(record, {name: value}),
        lambda record, values: value_of(record) in values,
    )


def _together(*names: str) -> Part:
    values_of = attrgetter(*names)
    return Part(
        lambda records: map(values_of, records),
        lambda record, values: _with(record, dict(zip(names, values, strict=True))),
        lambda record, values: values_of(record) in values,
    )


def _moment(name: str) -> Part:
    """What holds for the earliest and the latest holds for all that lie between; else all are looked at."""
    value_of = attrgetter(name)

    def ends(records: Records) -> Iterable[Any]:
        moments = [value_of(each) for each in records]
        return min(moments), max(moments)

    return Part(ends, lambda record, value: _with(record, {name: value}), lambda _record, _values: True)


def _victims() -> Part:
    return Part(
        lambda crimes: chain.from_iterable(map(attrgetter("victims"), crimes)),
        lambda crime, victim: _with(crime, {"victims": (victim,)}),
        lambda crime, victims: any(victim in victims for victim in crime.victims),
    )


def _with(record: Any, changes: dict[str, Any]) -> Any:
    return msgspec.structs.replace(record, **changes)


PARTS: dict[str, tuple[Part, ...]] = {
    topics.CRIMES: (*map(_field, ("recorded_on", "area", "offence", "flags", "outcome")), _victims()),
    topics.CALLS: (_moment("received_at"), _field("area"), _together("line", "kind", "category")),
    topics.STOPS: (_moment("stopped_at"), *map(_field, ("area", "power", "object", "outcome", "age"))),
    topics.INDICATORS: tuple(map(_field, ("indicator", "area", "period"))),
    topics.CRIME_COUNTS: tuple(map(_field, ("area", "offence", "flags", "month"))),
}


class Settled:
    """Knows the values that need no resolving on one day, `today`."""

    def __init__(self, reference: Reference, today: date) -> None:
        self.today = today
        self._terms = Terms(reference, today, suggest=False)
        self._known: dict[str, list[set[Any]]] = {topic: [set() for _ in parts] for topic, parts in PARTS.items()}

    def only(self, topic: str, events: list[Any]) -> list[Any]:
        """The events, of which some may be None, with None for each that Terms would not answer just as it is."""
        records = [event for event in events if event is not None]
        for part, known in zip(PARTS[topic], self._known[topic], strict=True):
            if records and (unsettled := self._unsettled(records, part, known, RECORDS[topic])):
                events = [None if each is None or part.has(each, unsettled) else each for each in events]
                records = [event for event in events if event is not None]
        return events

    def _unsettled(self, records: Records, part: Part, known: set[Any], example: Any) -> set[Any]:
        new = set(part.values(records)) - known
        settled = {value for value in new if self._is_settled(part.trial(example, value))}
        if len(known) + len(settled) <= _REMEMBERED:
            known |= settled
        return new - settled

    def _is_settled(self, record: Any) -> bool:
        try:
            return bool(self._terms.resolve(record) == record)
        except Refused:
            return False
