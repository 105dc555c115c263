"""The parameters that the metrics routes share, resolved: names to measures and areas, days to windows."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, NamedTuple

from pydantic import Field

from services.metrics.breaks import Bearing, refusal
from services.metrics.periods import (
    FIRST_DAY,
    LAST_DAY,
    Window,
    WindowName,
    Yardstick,
    period_before,
    quarter_start,
    shift_months,
    window_ending,
)
from services.metrics.queries import CRIMES, DATASETS, Queries, Reach
from shared.errors import FieldError, Invalid
from shared.events.periods import parse_period
from shared.reference import Reference, UnknownValue, Vocabulary
from shared.reference.measures import Measure, MeasureKind
from shared.reference.register import Break
from shared.reference.targets import Target
from shared.reference.terms import Area

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY, description=f"YYYY-MM-DD, {FIRST_DAY} to {LAST_DAY}")]
_DATASET = r"^[a-z0-9][a-z0-9-]{0,39}$"
DatasetName = Annotated[str, Field(pattern=_DATASET)]
Dataset = Annotated[
    str | None,
    Field(
        pattern=_DATASET,
        description="`live`; where none is named, the first of live, demo and simulated that has data for the days: "
        "records of the kind that the measure counts, or figures that were posted of it",
    ),
]
AcrossBreaks = Annotated[
    bool, Field(description="compare across the breaks of a series; refused, with the reason, unless it is asked for")
]
_QUARTER = re.compile(r"\d{4}-\d{2}-Q[1-4]")


def refused(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", errors=[FieldError(field, message)])


class _PlanArea(NamedTuple):
    id: str
    name: str
    aliases: tuple[str, ...] = ()


class Params:
    """Resolves against the reference data; raises Invalid naming the parameter and what would be right."""

    def __init__(self, reference: Reference, queries: Queries) -> None:
        self._reference, self._queries = reference, queries
        names = dict.fromkeys(measure.plan_area for measure in reference.measures)
        self._plan_areas = Vocabulary("plan area", [_PlanArea(name, name) for name in names])

    def measure(self, text: str) -> Measure:
        try:
            return self._reference.measures.resolve(text)
        except UnknownValue as unknown:
            raise refused("measure", str(unknown)) from unknown

    def area(self, text: str) -> Area:
        try:
            return self._reference.areas.resolve(text)
        except UnknownValue as unknown:
            raise refused("area", str(unknown)) from unknown

    def measures(self, kind: MeasureKind | None, plan_area: str | None, words: str | None) -> list[Measure]:
        """The measures of a kind and a plan area of which every word is said somewhere: id, title or definition."""
        area = self._plan_area(plan_area) if plan_area is not None else None
        asked = (words or "").casefold().split()
        return [
            each
            for each in self._reference.measures
            if (kind is None or each.kind == kind)
            and (area is None or each.plan_area == area)
            and all(word in f"{each.id} {each.title} {each.definition}".casefold() for word in asked)
        ]

    def _plan_area(self, text: str) -> str:
        try:
            return self._plan_areas.resolve(text).id
        except UnknownValue as unknown:
            raise refused("plan_area", str(unknown)) from unknown

    def target(self, measure: Measure, area: Area, window: WindowName) -> Target:
        """The measure's target, which must be one for that area and window."""
        targets = self._queries.targets
        target = targets.get(measure.id)
        if target is None:
            raise refused("against", f"no target is declared of {measure.id!r}; those with one: {', '.join(targets)}")
        if area.id != target.area:
            name = self._reference.areas.resolve(target.area).name
            raise refused("area", f"the target of {measure.id!r} is for {name}, not for {area.name}")
        if target.window not in (None, window):
            raise refused("window", f"the target of {measure.id!r} is for the window {target.window!r}, not {window!r}")
        return target

    async def dataset_and_quarter(self, reach: Reach, dataset: str | None, end: date | None) -> tuple[str, Window]:
        """The last whole quarter up to `end`, or up to the last day with data; the dataset as for a window."""
        if end is None:
            dataset = dataset or await self._queries.dataset_for(reach, None)
            return dataset, last_whole_quarter(await self._queries.last_day(reach, dataset))
        quarter = last_whole_quarter(end)
        return dataset or await self._queries.dataset_for(reach, quarter), quarter

    async def dataset_and_window(
        self, reach: Reach, dataset: str | None, name: WindowName, end: date | None, span: Window | None
    ) -> tuple[str, Window]:
        """Where no end is given, up to the last day with data; where no dataset is named, the first that fits."""
        if name == "custom":
            if span is None:
                raise refused("from", "a custom window needs 'from' and 'to'")
            window = span
        elif end is None:
            dataset = dataset or await self._queries.dataset_for(reach, None)
            window = window_ending(name, await self._queries.last_day(reach, dataset))
        else:
            window = window_ending(name, end)
        return dataset or await self._queries.dataset_for(reach, window), window

    async def refuse_days_before_data(self, reach: Reach, dataset: str | None, field: str, last: date) -> None:
        """Raises Invalid, naming `field`, where a dataset that could answer begins after `last` and none before."""
        found = {each: await self._queries.begins(reach, each) for each in ([dataset] if dataset else DATASETS)}
        begun = {each: first for each, first in found.items() if first}
        if begun and all(first > last for first in begun.values()):
            said = " and ".join(f"of {each!r} on {first:%-d %B %Y}" for each, first in begun.items())
            raise refused(field, f"{last:%-d %B %Y} is before the data begin: {said}")

    async def quarter(self, text: str | None, dataset: str | None) -> tuple[str, Window]:
        """A financial quarter such as 2017-18-Q1; the last whole one with data unless given."""
        if text is None:
            dataset = dataset or await self._queries.dataset_for(CRIMES, None)
            return dataset, last_whole_quarter(await self._queries.last_day(CRIMES, dataset))
        if not _QUARTER.fullmatch(text):
            raise refused("quarter", f"{text!r} is not a financial quarter; write YYYY-YY-Qn, as in 2017-18-Q1")
        try:
            window = Window(*parse_period(text))
        except ValueError as error:
            raise refused("quarter", str(error)) from error
        if not FIRST_DAY <= window.first <= LAST_DAY:
            raise refused("quarter", f"the days that are counted are {FIRST_DAY} to {LAST_DAY}")
        return dataset or await self._queries.dataset_for(CRIMES, window), window


def breaks_between(queries: Queries, on: Bearing, windows: Iterable[Window], asked_across: bool) -> list[Break]:
    """The breaks between these windows; refused, with the reasons, unless a comparison across them is asked for."""
    crossed = queries.breaks.crossed(on, windows)
    if crossed and not asked_across:
        raise refused("across_breaks", refusal(crossed))
    return crossed


def last_whole_quarter(day: date) -> Window:
    """The latest quarter that ends on `day` or before."""
    first = quarter_start(day)
    window = Window(first, shift_months(first, 3) - timedelta(days=1))
    return window if window.last <= day else period_before("quarter", window)


def span_of(first: date | None, last: date | None, names: tuple[str, str] = ("from", "to")) -> Window | None:
    """Two given days, of the parameters `names`, as a window; both or neither, and in order."""
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise refused(names[0] if first is None else names[1], f"give '{names[0]}' and '{names[1]}' together")
    if first > last:
        raise refused(names[0], f"{first} is later than '{names[1]}', {last}")
    return Window(first, last)


def refuse_idle_days(window: WindowName, end: date | None, span: date | None) -> None:
    """Days that the window has no use for would be passed over, and the answer be one to another question."""
    if window == "custom" and end:
        raise refused("end", "a custom window ends with 'to'")
    if window != "custom" and span:
        raise refused("from", f"only window=custom begins and ends with 'from' and 'to'; window={window} has 'end'")


def fixed_baseline(against: Yardstick, first: date | None, last: date | None) -> Window | None:
    """The days of `against=baseline`, which must then be given."""
    span = span_of(first, last, ("baseline_from", "baseline_to"))
    if span and against != "baseline":
        raise refused("baseline_from", f"only against=baseline has days of its own, not against={against}")
    if against == "baseline" and span is None:
        raise refused("baseline_from", "against=baseline needs 'baseline_from' and 'baseline_to'")
    return span
