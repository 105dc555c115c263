"""What a record contributes to the counts: pure, from events to (day, area, measures, weight)."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from services.metrics.layout import Layout
from services.metrics.periods import FIRST_DAY, LAST_DAY
from shared.clock import LONDON
from shared.events import Call, Crime, CrimeCount, Stop
from shared.events.periods import parse_day_or_month
from shared.reference import Reference
from shared.reference.tags import category_tags, flag_tag, offence_tags, outcome_tags, stop_outcome_tags

MONTHLY = 0x8000
"""Set in a day number: only the month is known. The number is then that of the month's first day."""
_EPOCH = FIRST_DAY.toordinal()


class Contribution(NamedTuple):
    """`weight` more in every measure of `measures` (places, a byte each), for one area and day."""

    day: int
    area: int
    weight: int
    measures: bytes


class Unfit(ValueError):
    """A decoded event that cannot be counted; it belongs with the dead letters."""


@lru_cache(maxsize=65536)
def day_number(text: str) -> int:
    """Days since 1990 of YYYY-MM-DD; for YYYY-MM those of its first day, with MONTHLY set."""
    first, last = parse_day_or_month(text)
    return number_of(first) | (0 if first == last else MONTHLY)


def number_of(day: date) -> int:
    """Days since 1990; raises ValueError for a day that cannot be counted."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day} is not among the days that are counted, {FIRST_DAY} to {LAST_DAY}")
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The day of a day number; the month's first where only the month is known."""
    return date.fromordinal((number & ~MONTHLY) + _EPOCH)


class Facts:
    """Reads contributions off records, by the reference data and a layout for each kind of record."""

    def __init__(self, reference: Reference, layouts: Mapping[str, Layout]) -> None:
        self._layouts = layouts
        self._offences = {each.id: frozenset(offence_tags(each)) for each in reference.offences}
        self._flags = {each.id: flag_tag(each.id) for each in reference.flags}
        self._outcomes = {each.id: each for each in reference.outcomes}
        self._categories = {each.id: frozenset(category_tags(each)) for each in reference.call_categories}
        self._stop_outcomes = {each.id: frozenset(stop_outcome_tags(each)) for each in reference.stop_outcomes}
        self._crime_tags: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}
        self._readers: dict[type, Callable[[Any], list[Contribution]]] = {
            Crime: self._crime,
            CrimeCount: self._crime_count,
            Call: self._call,
            Stop: self._stop,
        }

    def of(self, record: Crime | CrimeCount | Call | Stop) -> list[Contribution]:
        """What the record contributes: nothing if cancelled. Raises Unfit, naming a term that is not known here."""
        try:
            return self._readers[type(record)](record)
        except KeyError as unknown:
            raise Unfit(f"{unknown} is not in the reference data") from unknown
        except (ValueError, OverflowError) as wrong:
            raise Unfit(str(wrong)) from wrong

    def _crime(self, crime: Crime) -> list[Contribution]:
        if crime.status == "cancelled":
            return []
        layout = self._layouts["crime"]
        tags, area = self._tags_of(crime.offence, crime.flags), layout.areas[crime.area]
        found = [Contribution(day_number(crime.recorded_on), area, 1, layout.counted("recorded", tags))]
        if crime.outcome:
            outcome = self._outcomes[crime.outcome.type]
            tags |= outcome_tags(outcome)
            if measures := layout.counted("outcome", tags):
                found.append(Contribution(day_number(crime.outcome.on), area, 1, measures))
        return found

    def _crime_count(self, count: CrimeCount) -> list[Contribution]:
        layout = self._layouts["crime"]
        tags = self._tags_of(count.offence, count.flags)
        area, month = layout.areas[count.area], day_number(count.month)
        return [Contribution(month, area, count.count, layout.counted("recorded", tags))]

    def _tags_of(self, offence: str, flags: tuple[str, ...]) -> frozenset[str]:
        tags = self._crime_tags.get((offence, flags))
        if tags is None:
            tags = self._offences[offence] | {self._flags[flag] for flag in flags}
            self._crime_tags[offence, flags] = tags
        return tags

    def _call(self, call: Call) -> list[Contribution]:
        layout = self._layouts["call"]
        marks = {"abandoned": call.abandoned, "repeat-caller": call.repeat_caller, f"grade:{call.grade}": call.grade}
        tags = self._categories[call.category] | {f"line:{call.line}"}
        tags |= {mark for mark, carried in marks.items() if carried}
        day = number_of(call.received_at.astimezone(LONDON).date())
        return [Contribution(day, layout.areas[call.area], 1, layout.counted("recorded", tags))]

    def _stop(self, stop: Stop) -> list[Contribution]:
        layout = self._layouts["stop"]
        tags = self._stop_outcomes[stop.outcome] | {"stop", f"power:{stop.power}", f"object:{stop.object}"}
        if stop.section_60:
            tags |= {"section-60"}
        day = number_of(stop.stopped_at.astimezone(LONDON).date())
        return [Contribution(day, layout.areas[stop.area], 1, layout.counted("recorded", tags))]
