"""A page a measure: its control chart, what happened in its days, and the figures beside it."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from services.metrics.answers import note
from services.metrics.charting import Charted, chart
from services.metrics.charts.asking import Asking, ChartQuery
from services.metrics.params import Params
from services.metrics.periods import Window
from services.metrics.queries import DATASETS, Queries
from services.metrics.signals.drawing import HEIGHT, WIDTH, draw
from services.metrics.tables import shown
from shared.pages import templates
from shared.reference import Reference


def router(known: Reference, queries: Queries) -> APIRouter:
    """`/charts/{measure_id}`."""
    routes, environment = APIRouter(include_in_schema=False), _environment()
    asking = Asking(Params(known, queries), queries)
    areas = [each for each in known.areas if each.kind in ("borough", "region")]

    @routes.get("/charts/{measure_id}", response_class=HTMLResponse)
    async def page(measure_id: str, asked: Annotated[ChartQuery, Query()]) -> str:
        charted = await chart(queries, await asking.resolve(measure_id, asked))
        return environment.get_template("chart.html").render(
            here=f"/charts/{charted.asked.on.measure.id}",
            dataset=charted.asked.on.dataset,
            datasets=DATASETS,
            charted=charted,
            on=charted.asked.on,
            drawing=draw(charted.chart, happened(charted)),
            size=(WIDTH, HEIGHT),
            described=described(charted),
            chosen=asked.chosen(),
            as_json=_as_json(charted, asked),
            areas=sorted(areas, key=lambda each: (not each.is_region, each.name)),
            note=note(charted.asked.on.dataset).get("note"),
        )

    return routes


def happened(charted: Charted) -> list[tuple[date, str, bool]]:
    """Breaks and annotations in the order of their days."""
    span = charted.asked.span
    found = [(each.on, f"{shown.day(each.on)}: {each.title}. {each.reason}", True) for each in charted.breaks]
    for each in charted.annotations:
        days = shown.span(Window(each.first, each.last or each.first))
        found.append((max(each.first, span.first), f"{days}: {each.title}. {each.text}", False))
    return sorted(found)


def _as_json(charted: Charted, asked: ChartQuery) -> str:
    """Where the figures of the page stand as JSON: the same chart."""
    on, span = charted.asked.on, charted.asked.span
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    whose = {"measure": on.measure.id, "area": on.area.id, "dataset": on.dataset, "interval": charted.asked.interval}
    return f"/v1/signals?{urlencode(whose | days | asked.chosen())}"


def described(charted: Charted) -> str:
    """The chart in words, for who does not see it."""
    points, latest = charted.chart.points, charted.chart.latest
    signalling = [each for each in points if each.signals]
    said = [f"{len(points)} points by {charted.asked.interval}, {len(signalling)} of which signal a change."]
    if latest and latest.limits:
        limits = latest.limits
        said.append(
            f"Mean {float(limits.mean):,.1f}, limits {float(limits.lower):,.1f} and {float(limits.upper):,.1f}."
        )
        said.append(f"The last point: {latest.variation}.")
    said += [f"From {each.window.first}: no limits, {each.lacks}." for each in charted.chart.sections if each.lacks]
    return " ".join(said)


def _environment() -> Environment:
    environment = templates("services.metrics")
    environment.filters |= {"number": shown.number, "signed": shown.signed, "day": shown.day}
    return environment
