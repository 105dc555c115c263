"""The pages for a person: the headline, the board's two tables, an index of all, what is live; and a page a table."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from services.metrics.explaining import Explaining
from services.metrics.explaining.api import Door, ExplainQuery
from services.metrics.params import Dataset, Params
from services.metrics.periods import window_ending
from services.metrics.queries import CRIMES, DATASETS, Queries
from services.metrics.tables import Tables, grids, shown
from services.metrics.tables.answers import Answer
from services.metrics.tables.api import named
from services.metrics.tables.asked import Asking, TableQuery
from services.metrics.tables.links import LICENCE, address, ends, explanation, package, page
from shared.pages import templates
from shared.reference import Reference
from shared.reference.terms import Area

_LIVE = ("total-notifiable-offences", "calls-999", "calls-101", "stops-and-searches")
_PLAN, _PRIORITIES = "police-and-crime-plan", "local-priorities"


def router(reference: Reference, queries: Queries, tables: Tables) -> APIRouter:
    """`/` and `/tables/{id}`."""
    routes = APIRouter(include_in_schema=False)
    environment, params = _environment(), Params(reference, queries)
    asking = Asking(params, tables)

    @routes.get("/", response_class=HTMLResponse)
    async def overview(dataset: Dataset = None) -> str:
        chosen = dataset or await _most_telling(asking, tables, queries)
        plan = priorities = None
        if chosen != "simulated":
            priorities = await _filled(tables, asking, _PRIORITIES, TableQuery(dataset=chosen))
            plan = await _headline(tables, asking, chosen)
        return environment.get_template("overview.html").render(
            here="/",
            dataset=chosen,
            datasets=DATASETS,
            tables=tables.declared,
            stream=await _stream(params, queries),
            plan=plan,
            priorities=priorities,
        )

    @routes.get("/tables/{table_id}", response_class=HTMLResponse)
    async def table(table_id: str, asked: Annotated[TableQuery, Query()]) -> str:
        answer = await _filled(tables, asking, table_id, asked)
        return environment.get_template("table.html").render(
            here=f"/tables/{answer.table.id}",
            dataset=answer.dataset,
            datasets=DATASETS,
            answer=answer,
            areas=_areas(answer, reference),
            statuses=shown.STATUSES,
            has_previous=await _reaches_back(answer, tables, queries),
            has_next=ends(answer, 3) <= queries.today,
        )

    door = Door(params, queries, tables, Explaining(queries, reference))

    @routes.get("/explain", response_class=HTMLResponse)
    async def explain(request: Request, asked: Annotated[ExplainQuery, Query()]) -> str:
        answer = await door.answer(asked)
        return environment.get_template("explain.html").render(
            here="/",
            dataset=answer["dataset"],
            datasets=DATASETS,
            answer=answer,
            query=request.url.query,
            table_area=asked.area,
            area=reference.areas.resolve(answer["area"]).name,
        )

    return routes


async def _filled(tables: Tables, asking: Asking, table_id: str, asked: TableQuery) -> Answer:
    table = named(tables, table_id)
    return await tables.fill(table, *await asking.resolve(table, asked))


async def _headline(tables: Tables, asking: Asking, dataset: str) -> Answer:
    """The plan's rows, to the end of the last whole quarter."""
    end, plan = await tables.last_end(named(tables, _PRIORITIES), dataset), named(tables, _PLAN)
    asked = await asking.resolve(plan, TableQuery(dataset=dataset))
    return await tables.fill(plan, *asked._replace(end=end))


async def _most_telling(asking: Asking, tables: Tables, queries: Queries) -> str:
    """The first dataset whose headline is complete; a few records in `live` do not yet make one."""
    for dataset in DATASETS:
        answer = await _headline(tables, asking, dataset)
        if answer.rows()[0]["status"] == "complete":
            return dataset
    return await queries.dataset_for(CRIMES, None)


async def _reaches_back(answer: Answer, tables: Tables, queries: Queries) -> bool:
    """Whether the data, if there are any, begin three months before or earlier."""
    begins = await queries.begins(tables.reach(answer.table), answer.dataset)
    return begins is None or begins <= ends(answer, -3)


async def _stream(params: Params, queries: Queries) -> list[dict[str, Any]]:
    today = queries.today
    week, found = window_ending("week", today), []
    for name in _LIVE:
        measure = params.measure(name)
        dataset = await queries.dataset_for(queries.reach_of(measure), week)
        answer = await queries.compare(measure, params.area("London"), dataset, "week", week, "year-before")
        found.append({"title": measure.title, **answer})
    return found


def _areas(answer: Answer, reference: Reference) -> list[Area]:
    """The areas that the table may be asked about, by name; none where it is of London alone."""
    if answer.table.areas == "london":
        return []
    fitting = [each for each in reference.areas if answer.table.areas == "any" or each.kind in ("borough", "region")]
    return sorted(fitting, key=lambda each: (not each.is_region, each.name))


def _environment() -> Environment:
    environment = templates("services.metrics")
    environment.filters |= {
        "number": shown.number,
        "signed": shown.signed,
        "day": shown.day,
        "spans": shown.spans,
        "headings": grids.headings,
        "lines": grids.lines,
        "address": address,
        "explanation": explanation,
        "package": package,
        "page": page,
        "ends": ends,
    }
    environment.globals["licence"] = LICENCE
    return environment
