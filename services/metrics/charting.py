"""Control charts out of the counts: the figures of a measure, read with the register."""

from dataclasses import dataclass
from typing import Any

from services.metrics import answers
from services.metrics.breaks import Bearing, annotations_json, breaks_json
from services.metrics.periods import FIRST_DAY, Window
from services.metrics.queries import Queries
from services.metrics.signals import RUN, Chart, Start, read
from services.metrics.signals.answers import chart_json
from services.metrics.signals.seasons import changes, windows_before
from services.metrics.signals.spans import ChartInterval, whole
from services.metrics.signals.starts import baseline_from, starts_of
from shared.reference.register import Annotation, Break


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose chart, of which days. `starts` are sections chosen by hand in place of the register's."""

    on: Bearing
    span: Window
    interval: ChartInterval
    starts: tuple[Start, ...] = ()
    run: int = RUN
    across_breaks: bool = False


@dataclass(frozen=True, slots=True)
class Charted:
    """A chart, and what it is to be read with. `is_change`: the figures are changes on the year before."""

    asked: Asked
    chart: Chart
    is_change: bool
    breaks: list[Break]
    annotations: list[Annotation]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """The answer of /v1/signals."""
        on = self.asked.on
        return {
            **answers.named(on.measure, on.area, on.dataset),
            "title": on.measure.title,
            "unit": on.measure.unit,
            "good": on.measure.good,
            "interval": self.asked.interval,
            "basis": "change on the year before" if self.is_change else "value",
            "run": self.asked.run,
            **chart_json(self.chart),
            "breaks": breaks_json(self.breaks),
            "annotations": annotations_json(self.annotations),
            "as_of": self.as_of,
            **answers.note(on.dataset),
        }


async def chart(queries: Queries, asked: Asked) -> Charted:
    """The control chart of a measure. Its baseline is read although it lies before the days asked for."""
    on, breaks = asked.on, queries.breaks
    up_to = Window(FIRST_DAY, asked.span.last)
    starts = starts_of(breaks, on, up_to, by_hand=asked.starts, across_breaks=asked.across_breaks)
    windows = whole(Window(baseline_from(starts, asked.span.first), asked.span.last), asked.interval)
    is_change = breaks.is_seasonal(on.measure)
    before = windows_before(windows, asked.interval) if is_change else []
    found, facts = await queries.figures([on.measure], on.area, on.dataset, list(dict.fromkeys([*windows, *before])))
    by_window = {each.window: each for each in found[on.measure.id]}
    figures = [by_window[each] for each in windows]
    if is_change:
        figures = changes(figures, [by_window[each] for each in before], on.measure.id, starts)
    whole_chart = read(figures, starts, on.measure.good, asked.run)
    points = [each for each in whole_chart.points if each.figure.window.first >= asked.span.first]
    return Charted(
        asked,
        whole_chart._replace(points=points),
        is_change,
        breaks.crossed(on, [asked.span]),
        breaks.annotations(on, asked.span),
        facts.as_of,
    )
