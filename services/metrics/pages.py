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
        chosen = dataset or await _most_telling(queries, tables)
        shown = {"dataset": chosen, "datasets": DATASETS, "stream": await _stream(params, queries)}
        if chosen == "simulated":
            return template.render(shown)
        quarter = last_whole_quarter(await queries.last_day("crime", chosen))
        table = await tables.police_and_crime_plan(chosen, window_ending("12m", quarter.last))
        priorities = await tables.local_priorities(chosen, quarter)
        return template.render(shown, table=table, priorities=priorities, end=quarter.last)

    return routes


async def _most_telling(queries: Queries, tables: Tables) -> str:
    """The first dataset whose headline is complete; a few records in `live` do not yet make one."""
    for dataset in DATASETS:
        quarter = last_whole_quarter(await queries.last_day("crime", dataset))
        headline = (await tables.police_and_crime_plan(dataset, window_ending("12m", quarter.last)))["rows"][0]
        if headline["status"] == "complete":
            return dataset
    return await queries.dataset_for("crime", None)


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
