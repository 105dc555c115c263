"""The figures that the quarterly report prints, read from `printed/`."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "printed"
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class TwelveMonths:
    """A row of the table of recorded crime: offences from July to June, the year before and the current one."""

    measure: str
    plan_area: str
    title: str
    previous: int
    current: int
    change: int
    percent_change: float


@dataclass(frozen=True, slots=True)
class BoroughPriority:
    """A borough's priority: the change, in whole percent, of April to June 2017 on April to June 2016."""

    area: str
    borough: str
    title: str
    measure: str
    percent_change: int


@dataclass(frozen=True, slots=True)
class PeriodTotal:
    """London's offences of a measure in a year (`2016-17`), a quarter (`2017-18-Q1`) or a month (`2016-07`)."""

    measure: str
    period: str
    value: int


def rows(name: str) -> list[Row]:
    """The rows of a file of printed figures, as they are written; `README.md` there says what each file is."""
    with (_DIRECTORY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def twelve_months() -> tuple[TwelveMonths, ...]:
    """The 15 rows of recorded crime, in the order of the report."""
    return tuple(
        TwelveMonths(
            measure=row["measure"],
            plan_area=row["plan_area"],
            title=row["title"],
            previous=int(row["previous"]),
            current=int(row["current"]),
            change=int(row["change"]),
            percent_change=float(row["percent_change"]),
        )
        for row in rows("twelve_months.csv")
    )


@cache
def borough_priorities() -> tuple[BoroughPriority, ...]:
    """The 32 boroughs' two priorities, and the additional ones of two boroughs: 66 changes."""
    return tuple(
        BoroughPriority(row["area"], row["borough"], row["title"], row["measure"], int(row["percent_change"]))
        for row in rows("borough_priorities.csv")
    )


@cache
def period_totals() -> tuple[PeriodTotal, ...]:
    """Years, quarters and months that the report's text names."""
    return tuple(PeriodTotal(row["measure"], row["period"], int(row["value"])) for row in rows("periods.csv"))


def year_totals(measure: str) -> tuple[int, int]:
    """London's offences of a measure in the year before and the current one; KeyError if it is not printed."""
    for row in twelve_months():
        if row.measure == measure:
            return row.previous, row.current
    raise KeyError(measure)
