"""Many records at once that need no resolving: every term is an id already, every date in order. Pure.

The rules stand in terms.py alone. They look at a few parts of a record, each by itself, and thousands of records repeat
the same few values there: each value is tried once, in a record that has it, and known from then on.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from services.ingest.terms import Refused, Terms
from shared.events import topics
from shared.reference import Reference

# Outcomes, which are of a kind and a day, have the most values. Posted without end, they would fill the memory.
_REMEMBERED = 20_000
Records = Sequence[Any]


class Part(NamedTuple):
    """A part of a record that is looked at by itself: its values in some records, and a record that has one of them."""

    values: Callable[[Records], Iterable[Any]]
    trial: Callable[[Any, Any], Any]


def _field(name: str) -> Part:
    value_of = attrgetter(name)
    return Part(lambda records: map(value_of, records), lambda record, value: _with(record, {name: value}))


def _together(*names: str) -> Part:
    values_of = attrgetter(*names)
    return Part(
        lambda records: map(values_of, records),
        lambda record, values: _with(record, dict(zip(names, values, strict=True))),
    )


def _moment(name: str) -> Part:
    """What holds for the earliest and the latest holds for all that lie between."""
    value_of = attrgetter(name)

    def ends(records: Records) -> Iterable[Any]:
        moments = [value_of(each) for each in records]
        return min(moments), max(moments)

    return Part(ends, lambda record, value: _with(record, {name: value}))


def _victims() -> Part:
    return Part(
        lambda crimes: (victim for crime in crimes for victim in crime.victims),
        lambda crime, victim: _with(crime, {"victims": (victim,)}),
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
        self._terms = Terms(reference, today)
        self.today = today
        self._known: dict[str, list[set[Any]]] = {topic: [set() for _ in parts] for topic, parts in PARTS.items()}

    def all(self, topic: str, records: Records) -> bool:
        """Whether Terms would answer each of these records just as it is."""
        return all(
            self._settled(records, part, known) for part, known in zip(PARTS[topic], self._known[topic], strict=True)
        )

    def _settled(self, records: Records, part: Part, known: set[Any]) -> bool:
        new = set(part.values(records)) - known
        for value in new:
            trial = part.trial(records[0], value)
            try:
                if self._terms.resolve(trial) != trial:
                    return False
            except Refused:
                return False
        if len(known) + len(new) <= _REMEMBERED:
            known |= new
        return True
