"""What can be asked of /v1/explain: a measure's figure, as of /v1/compare, or a cell of a table."""

from pydantic import BaseModel, ConfigDict, Field

from services.metrics.params import AcrossBreaks, Dataset, Day, refused
from services.metrics.periods import WindowName, Yardstick
from services.metrics.tables.asked import LONDON


class ExplainQuery(BaseModel):
    """The parameters of /v1/compare; or a table's, with `table`, `section`, `row` and `column`."""

    model_config = ConfigDict(extra="forbid")

    measure: str | None = None
    area: str = LONDON
    window: WindowName | None = Field(default=None, description="12m unless given")
    end: Day | None = None
    against: Yardstick | None = Field(default=None, description="year-before unless given")
    dataset: Dataset = None
    first: Day | None = Field(default=None, alias="from", description="of a custom window")
    last: Day | None = Field(default=None, alias="to", description="of a custom window")
    baseline_from: Day | None = None
    baseline_to: Day | None = None
    across_breaks: AcrossBreaks = False
    table: str | None = Field(default=None, description="a table's id, instead of a measure")
    section: str | None = Field(default=None, description="of a table with several")
    row: int = Field(default=0, ge=0, description="of the section, from 0; a line of its own where rows hold lines")
    column: str | None = Field(default=None, description="key of the table's column")
    quarter: str | None = Field(default=None, description="a table's, instead of 'end'")


_OF_A_MEASURE = ("window", "against", "first", "last", "baseline_from", "baseline_to")
_OF_A_TABLE = ("section", "column", "quarter")
_NAMES = {"first": "from", "last": "to"}


def refuse_idle(asked: ExplainQuery) -> None:
    """Raises Invalid, naming the parameter, unless a measure is asked for or a table, with what goes with it alone."""
    if (asked.measure is None) == (asked.table is None):
        raise refused("measure", "give 'measure', or 'table' with 'column' and 'row', and not both")
    idle = _OF_A_TABLE if asked.table is None else _OF_A_MEASURE
    for field in idle:
        if getattr(asked, field) is not None:
            whose = "a table's cell" if asked.table is None else "a measure's figure"
            raise refused(_NAMES.get(field, field), f"is asked of {whose} alone")
