"""The page that a person opens first: the headline, the 15 rows, the boroughs' priorities, what is live."""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment

from services.metrics.params import Dataset, Params, last_whole_quarter
from services.metrics.periods import window_ending
from services.metrics.queries import DATASETS, Queries
from services.metrics.tables import Tables
from shared.reference import Reference

_LIVE = ("total-notifiable-offences", "calls-999", "calls-101", "stops-and-searches")


def router(reference: Reference, queries: Queries, tables: Tables) -> APIRouter:
    """`/`."""
    routes = APIRouter(include_in_schema=False)
    template = _environment().get_template("overview.html")
    params = Params(reference, queries)

    @routes.get("/", response_class=HTMLResponse)
    async def overview(dataset: Dataset = None) -> str:
        chosen = dataset or await queries.dataset_for("crime", None)
        if chosen == "simulated":
            return template.render(dataset=chosen, datasets=DATASETS, table=None, stream=await _stream(params, queries))
        last = await queries.last_day("crime", chosen)
        quarter = last_whole_quarter(last)
        return template.render(
            dataset=chosen,
            datasets=DATASETS,
            table=await tables.police_and_crime_plan(chosen, window_ending("12m", quarter.last)),
            priorities=await tables.local_priorities(chosen, quarter),
            stream=await _stream(params, queries),
            end=quarter.last,
        )

    return routes


async def _stream(params: Params, queries: Queries) -> list[dict[str, Any]]:
    today = queries.today
    week, found = window_ending("week", today), []
    for name in _LIVE:
        measure = params.measure(name)
        dataset = await queries.dataset_for(str(measure.of), week)
        answer = await queries.compare(measure, params.area("London"), dataset, "week", week, "year-before")
        found.append({"title": measure.title, **answer})
    return found


def _environment() -> Environment:
    folder = files("services.metrics") / "templates"
    templates = {each.name: each.read_text() for each in folder.iterdir() if each.name.endswith((".html", ".css"))}
    environment = Environment(loader=DictLoader(templates), autoescape=True)
    environment.filters["number"] = lambda value: "no data" if value is None else f"{value:,}"
    environment.filters["signed"] = lambda value: "n/a" if value is None else f"{value:+,}"
    environment.filters["percent"] = lambda value: "n/a" if value is None else f"{value:+}%" if value else "0%"
    environment.filters["day"] = lambda day: f"{day:%-d %B %Y}"
    return environment
