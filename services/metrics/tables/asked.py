"""What a request asks of a table, resolved: the area, the dataset and the day that the table ends on."""

from datetime import date
from typing import Annotated, Literal, NamedTuple

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.metrics.params import Dataset, Day, Params, refused
from services.metrics.periods import Window, window_ending, year_start
from services.metrics.tables.declarations import Table
from services.metrics.tables.filling import Tables
from shared.reference.terms import Area

LONDON = "E12000007"
Format = Literal["json", "csv"] | None
# A route of the contract lists what it always took; what every table takes, it takes too.
AlsoFormat = Annotated[Format, Query(include_in_schema=False)]
_AREAS = {
    "any": "GSS code or name of any area; London unless given",
    "london": "London alone",
    "boroughs": "London for every borough, or one borough by GSS code or name; London unless given",
}


class TableQuery(BaseModel):
    """The parameters of a table. `end` and `quarter` both say where it ends; give one of them, or neither."""

    model_config = ConfigDict(extra="forbid")

    end: Day | None = None
    quarter: str | None = Field(default=None, description="financial quarter, as in 2017-18-Q1")
    area: str | None = Field(default=None, description="GSS code or name; London unless given")
    dataset: Dataset = None
    format: Format = Field(default=None, description="as the Accept header says unless given")


class TableInBody(BaseModel):
    """A table in the body of a POST, which asks for it as GET /v1/tables/{id} takes it."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(max_length=200, description="as /v1/tables lists it")
    end: Day | None = None
    quarter: str | None = Field(default=None, description="instead of 'end', a financial quarter as in 2017-18-Q1")
    area: str | None = Field(default=None, description="GSS code or name; London unless given")
    dataset: Dataset = None

    @property
    def query(self) -> TableQuery:
        return TableQuery(end=self.end, quarter=self.quarter, area=self.area, dataset=self.dataset)


class Asked(NamedTuple):
    """A table's dataset, its last day, and whose it is."""

    dataset: str
    end: date
    area: Area


class Asking:
    """Resolves what is asked of tables. Raises Invalid naming the parameter and what would be right."""

    def __init__(self, params: Params, tables: Tables) -> None:
        self._params, self._tables = params, tables

    async def resolve(self, table: Table, query: TableQuery) -> Asked:
        area = self.area(table, query.area)
        if query.quarter is not None:
            if query.end is not None:
                raise refused("quarter", "give 'end' or 'quarter', not both")
            _, window = await self._params.quarter(query.quarter, query.dataset or "live")
            await self._refuse(table, query.dataset, "quarter", window.last)
            return Asked(query.dataset or await self._tables.dataset_for(table, window), window.last, area)
        if query.end is not None:
            window = _leading_up_to(table, query.end)
            await self._refuse(table, query.dataset, "end", query.end)
            return Asked(query.dataset or await self._tables.dataset_for(table, window), query.end, area)
        dataset = query.dataset or await self._tables.dataset_for(table, None)
        return Asked(dataset, await self._tables.last_end(table, dataset), area)

    async def _refuse(self, table: Table, dataset: str | None, field: str, last: date) -> None:
        await self._params.refuse_days_before_data(self._tables.reach(table), dataset, field, last)

    def area(self, table: Table, text: str | None) -> Area:
        """The area of that code or name, London unless given, if the table has it."""
        area = self._params.area(text or LONDON)
        if table.areas == "london" and not area.is_region:
            raise refused("area", f"this table is of London alone; {area.name} has none")
        if table.areas == "boroughs" and not area.is_region and area.kind != "borough":
            raise refused("area", f"this table has a row a borough; {area.name} is none")
        return area


def parameters(table: Table) -> dict[str, str]:
    """What can be asked of the table: parameters by name, and what they mean."""
    itself = "the last day with data" if table.ends_on == "day" else "the end of the last whole quarter with data"
    return {
        "end": f"YYYY-MM-DD, the day that the table ends on; {itself} unless given",
        "quarter": "instead of 'end', a financial quarter as in 2017-18-Q1",
        "area": _AREAS[table.areas],
        "dataset": "where none is named, the first of live, demo and simulated that has data for the days",
        "format": "json or csv; as the Accept header says unless given",
    }


def _leading_up_to(table: Table, end: date) -> Window:
    """The days whose data the table is about: a year of counts, the financial year so far of what was posted."""
    return Window(year_start(end), end) if table.of == "indicator" else window_ending("12m", end)
