"""The kinds of field that records are made of: their bounds, which are checked, and what the schemas say of them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta


def _dated(pattern: str, description: str, *examples: str) -> Meta:
    # For the schemas alone: what decodes is a text, and the rules say more of a wrong one than a pattern could.
    return Meta(description=description, extra_json_schema={"pattern": pattern, "examples": list(examples)})


# `(?!\n)`: to Python, `$` also matches before a line feed at the end.
RecordId = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$(?!\n)")]
Dataset = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$(?!\n)")]
Revision = Annotated[int, Meta(ge=1, le=2**63 - 1, description="of one record the highest counts")]
Term = Annotated[str, Meta(min_length=1, max_length=200)]
Place = Annotated[Term, Meta(description="a borough's GSS code or name, or `unknown`", examples=["E09000007"])]
Area = Annotated[Term, Meta(description="a GSS code or a name, London's too", examples=["E12000007"])]
Seconds = Annotated[float, Meta(ge=0, le=10_000_000)]
AgeInYears = Annotated[int, Meta(ge=0, le=130)]
Moment = Annotated[datetime, Meta(tz=True, description="with its offset from UTC")]
DayOrMonth = Annotated[
    str,
    _dated(
        r"^[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$",
        "YYYY-MM-DD, or YYYY-MM where only the month is known; from 1990 to tomorrow",
        "2017-06-01",
        "2017-06",
    ),
]
Month = Annotated[str, _dated(r"^[0-9]{4}-(0[1-9]|1[0-2])$", "YYYY-MM; from 1990 on", "2017-06")]
Period = Annotated[
    str,
    _dated(
        r"^[0-9]{4}-[0-9]{2}(-[0-9]{2}|-Q[1-4])?(/[0-9]{4}-[0-9]{2}(-[0-9]{2})?)?$",
        "a day, a month, a financial quarter or year, or the first and last day or month of any other period",
        "2017-06",
        "2017-18-Q1",
        "2017-18",
        "2016-07/2017-06",
    ),
]
# The bounds keep an event well below the size that Kafka takes, 1 MB.
Flags = Annotated[tuple[Term, ...], Meta(max_length=50)]
Breakdown = Annotated[dict[Term, Term], Meta(max_length=20)]
