"""The terms of a record, resolved to the reference data's ids: areas, offences, flags, categories, dates."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from shared.clock import LONDON
from shared.errors import FieldError
from shared.events import Call, Crime, CrimeCount, Indicator, Record, Stop, Victim
from shared.events.periods import parse_day_or_month, parse_period
from shared.reference import Reference, UnknownValue, Vocabulary
from shared.reference.spellings import nearest_of
from shared.reference.vocabulary import short, shown

_EARLIEST = date(1990, 1, 1)
# A suggestion takes up to a millisecond in which no other request is served; a batch repeats its misspellings.
_SUGGESTED_SPELLINGS = 100
_AGE_RANGES = ("under 10", "10-17", "18-24", "25-34", "over 34")
RecordT = TypeVar("RecordT", bound=Record)


class Refused(Exception):
    """One or more terms of a record are not known here; each named, with the nearest known values."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class Terms:
    """Resolves the records of one request against `reference`, on the caller's day, `today`.

    Of the unknown terms of a request the first 100 spellings are answered with suggestions, wherever they are repeated;
    none at all without `suggest`.
    """

    def __init__(self, reference: Reference, today: date, *, suggest: bool = True) -> None:
        self._suggested = _SUGGESTED_SPELLINGS if suggest else 0
        self._reference = reference
        self._latest = today + timedelta(days=1)
        self._errors: list[FieldError] = []
        self._misspelt: set[str] = set()
        self._resolvers: dict[type, Callable[[Any], Record]] = {
            Crime: self._crime,
            Call: self._call,
            Stop: self._stop,
            Indicator: self._indicator,
            CrimeCount: self._crime_count,
        }

    def resolve(self, record: RecordT) -> RecordT:
        """The record with ids in place of names; raises Refused with every field that is wrong."""
        self._errors = []
        resolved = self._resolver_of(type(record))(record)
        if self._errors:
            raise Refused(self._errors)
        return resolved  # type: ignore[return-value] # each resolver answers the type it is given

    def _resolver_of(self, kind: type[Any]) -> Callable[[Any], Record]:
        return next(self._resolvers[each] for each in kind.__mro__ if each in self._resolvers)  # see shapes.py

    def _crime(self, crime: Crime) -> Crime:
        self._day("recorded_on", crime.recorded_on)
        for index, victim in enumerate(crime.victims):
            self._victim(f"victims[{index}]", victim)
        outcome = crime.outcome
        if outcome:
            self._day("outcome.on", outcome.on)
            kind = self._term(self._reference.outcomes, "outcome.type", outcome.type)
            outcome = msgspec.structs.replace(outcome, type=kind)
        return msgspec.structs.replace(
            crime,
            area=self._place(crime.area),
            offence=self._term(self._reference.offences, "offence", crime.offence),
            flags=self._flags(crime.flags),
            outcome=outcome,
        )

    def _crime_count(self, count: CrimeCount) -> CrimeCount:
        if len(count.month) != len("YYYY-MM"):
            self._error("month", f"{shown(count.month)} is not a month; write YYYY-MM", count.month)
        else:
            self._day("month", count.month)
        return msgspec.structs.replace(
            count,
            area=self._place(count.area),
            offence=self._term(self._reference.offences, "offence", count.offence),
            flags=self._flags(count.flags),
        )

    def _call(self, call: Call) -> Call:
        self._moment("received_at", call.received_at)
        category = self._term(self._reference.call_categories, "category", call.category)
        known = self._reference.call_categories.get(category)
        if known and known.kind != call.kind:
            message = f"category {category!r} is of kind {known.kind!r}, not {call.kind!r}"
            self._error("kind", message, call.kind, (known.kind,))
        return msgspec.structs.replace(
            call, line=999 if call.line in (999, "999") else 101, area=self._place(call.area), category=category
        )

    def _stop(self, stop: Stop) -> Stop:
        self._moment("stopped_at", stop.stopped_at)
        self._age("age", stop.age)
        return msgspec.structs.replace(
            stop,
            area=self._place(stop.area),
            power=self._term(self._reference.stop_powers, "power", stop.power),
            object=self._term(self._reference.stop_objects, "object", stop.object),
            outcome=self._term(self._reference.stop_outcomes, "outcome", stop.outcome),
        )

    def _indicator(self, indicator: Indicator) -> Indicator:
        try:
            self._within("period", parse_period(short(indicator.period))[0], indicator.period)
        except ValueError as error:
            self._error("period", str(error), indicator.period)
        return msgspec.structs.replace(
            indicator,
            indicator=self._term(self._reference.indicators, "indicator", indicator.indicator),
            area=self._term(self._reference.areas, "area", indicator.area),
        )

    def _term(self, vocabulary: Vocabulary[Any], field: str, text: str) -> str:
        try:
            suggest = len(self._misspelt) < self._suggested or text in self._misspelt
            return str(vocabulary.resolve(text, suggest=suggest).id)
        except UnknownValue as unknown:
            if suggest:
                self._misspelt.add(text)
            self._errors.append(FieldError(field, str(unknown), short(text), unknown.nearest))
            return text

    def _place(self, text: str) -> str:
        area = self._term(self._reference.areas, "area", text)
        known = self._reference.areas.get(area)
        if known and known.is_region:
            self._error("area", f"{known.name} as a whole is counted, not recorded; name a borough, or 'unknown'", text)
        return area

    def _flags(self, flags: tuple[str, ...]) -> tuple[str, ...]:
        ids = [self._term(self._reference.flags, f"flags[{index}]", flag) for index, flag in enumerate(flags)]
        return () if self._errors or not ids else self._reference.expand_flags(ids)

    def _victim(self, field: str, victim: Victim) -> None:
        self._age(f"{field}.age", victim.age)

    def _age(self, field: str, age: int | str | None) -> None:
        if isinstance(age, str) and age not in _AGE_RANGES:
            message = f"{age!r} is not an age; send years, or one of {', '.join(_AGE_RANGES)}"
            self._error(field, message, age, nearest_of(age, _AGE_RANGES))

    def _day(self, field: str, text: str) -> None:
        try:
            self._within(field, parse_day_or_month(short(text))[0], text)
        except ValueError as error:
            self._error(field, str(error), text)

    def _moment(self, field: str, moment: datetime) -> None:
        try:
            day = moment.astimezone(LONDON).date()
        except OverflowError:  # within a day of the calendar's ends
            day = moment.date()
        self._within(field, day, moment.isoformat())

    def _within(self, field: str, day: date, value: str) -> None:
        if not _EARLIEST <= day <= self._latest:
            self._error(field, f"{day} lies outside {_EARLIEST} to {self._latest}", value)

    def _error(self, field: str, message: str, value: str, nearest: tuple[str, ...] = ()) -> None:
        self._errors.append(FieldError(field, message, short(value), nearest))
