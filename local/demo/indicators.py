"""The indicators that the report prints: surveys, workforce, victims' code, finance. Final where they are actual."""

from collections.abc import Iterator
from decimal import Decimal

from local.demo.figures import DATASET
from local.demo.printed import rows
from shared.events import Indicator

LONDON = "E12000007"
PERIOD = "2017-18-Q1"
FINANCIAL_YEAR = "2017-18"
_MILLIONS = "million pounds"


def indicators() -> list[Indicator]:
    """Every figure that the report prints and that is posted, not counted; dataset `demo`."""
    revenue, savings = _statement("revenue.csv", "line"), _statement("savings.csv", "line")
    capital = _statement("capital.csv", "service", "project")
    finance = [*revenue, *_business_groups(), *savings, *capital, *_reserves(), *_fund()]
    return [*_figures(), *_shares(), *_surveys(), *finance]


def _figures() -> Iterator[Indicator]:
    for row in rows("figures.csv"):
        yield _indicator(row["indicator"], Decimal(row["value"]), row["unit"], period=row["period"])


def _shares() -> Iterator[Indicator]:
    """The report prints how many in a hundred: the people are the whole number that is nearest to it."""
    strength = {row["indicator"]: Decimal(row["value"]) for row in rows("figures.csv")}
    for row in rows("workforce_shares.csv"):
        people = Decimal(round(strength[row["indicator"]] * Decimal(row["percent"]) / 100))
        yield _indicator(row["indicator"], people, "people", {row["breakdown"]: row["group"]})


def _surveys() -> Iterator[Indicator]:
    """The force's average, and each group's own percentage: the average and the gap that is printed."""
    average, *groups = rows("surveys.csv")
    for name in (name for name in average if name not in ("breakdown", "group")):
        yield _indicator(name, Decimal(average[name]), "percent")
        for row in groups:
            own = Decimal(average[name]) + Decimal(row[name])
            yield _indicator(name, own, "percent", {row["breakdown"]: row["group"]})


def _statement(file: str, *by: str) -> Iterator[Indicator]:
    """A table of money by lines. Its last line is the grand total, which is also the figure of the whole."""
    *_, last = table = rows(file)
    start = file.removesuffix(".csv")
    for row in table:
        for name in (name for name in row if name.startswith(f"{start}-")):
            yield _indicator(name, Decimal(row[name]), _MILLIONS, {each: row[each] for each in by})
            if row is last:
                yield _indicator(name, Decimal(row[name]), _MILLIONS)


def _business_groups() -> Iterator[Indicator]:
    """Three lines of the revenue table by who spends them; what they come to is the line itself."""
    by = ("line", "business group")
    for row in rows("revenue_by_business_group.csv"):
        for name in (name for name in row if name.startswith("revenue-")):
            yield _indicator(name, Decimal(row[name]), _MILLIONS, {each: row[each] for each in by})


def _reserves() -> Iterator[Indicator]:
    """What is forecast or planned is provisional."""
    for row in rows("reserves.csv"):
        for name in (name for name in row if name.startswith("reserves-")):
            actual = row["position"] == "Actual"
            yield _indicator(name, Decimal(row[name]), _MILLIONS, period=row["period"], actual=actual)


def _fund() -> Iterator[Indicator]:
    """Each borough's allocation, and for London the total that is printed, which is not their sum."""
    name = "crime-prevention-fund"
    for row in rows("crime_prevention_fund.csv"):
        yield _indicator(name, Decimal(row[name]), "pounds", area=row["area"], period=FINANCIAL_YEAR)


def _indicator(
    name: str,
    value: Decimal,
    unit: str,
    breakdown: dict[str, str] | None = None,
    *,
    area: str = LONDON,
    period: str = PERIOD,
    actual: bool = True,
) -> Indicator:
    return Indicator(
        indicator=name,
        area=area,
        period=period,
        breakdown=breakdown or {},
        value=float(value),
        unit=unit,
        status="final" if actual else "provisional",
        dataset=DATASET,
    )
