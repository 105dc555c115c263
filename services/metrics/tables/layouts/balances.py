"""Balances that roll from year to year: opening + movement = closing, and each closing is the next opening."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from services.metrics.periods import Window, year_start
from services.metrics.tables.exact import Number, total
from services.metrics.tables.layouts.naming import Undeclared, indicators_named
from services.metrics.tables.layouts.section import Section
from services.metrics.tables.layouts.sums import against_parts
from services.metrics.tables.origins import Origins, PostedFigure
from services.metrics.tables.parts import Column, Difference, Found, Part, Scope
from services.metrics.tables.posted import status_of, value_of
from shared.reference import Reference


class Share(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the closing balance."""

    key: str
    title: str
    measure: str


class Balances(Section, frozen=True, kw_only=True, tag="balances"):
    """`opening`, `movement` and `closing` are posted by financial year; `shares` add up to the closing balance."""

    opening: str
    movement: str
    closing: str
    shares: tuple[Share, ...] = ()
    years_before: int
    years_after: int
    tolerance: Number

    def check(self, known: Reference) -> None:
        indicators_named(known, {"opening": self.opening, "movement": self.movement, "closing": self.closing})
        indicators_named(known, {f"shares {each.key}": each.measure for each in self.shares})
        if not 0 <= self.years_before + self.years_after <= 30:
            raise Undeclared("years_before, years_after: a table holds at most 30 years")

    def posted(self, known: Reference) -> list[str]:
        del known
        return [self.closing]

    def render(self, scope: Scope, found: Found) -> Part:
        years = self._years(scope)
        rows = [self._row(year, scope, found) for year in years]
        differences = list(self.sums(rows))
        return Part(
            columns=list(self._columns(scope.reference)),
            rows=rows,
            windows={"current": Window(years[0].first, years[-1].last)},
            differences=[each for each in differences if each.difference],
            checked=len(differences),
            measures=list(self._measures().values()),
        )

    def _years(self, scope: Scope) -> list[Window]:
        first = year_start(scope.end)
        return [_year(first.year + n) for n in range(-self.years_before, self.years_after + 1)]

    def _measures(self) -> dict[str, str]:
        moving = {"opening": self.opening, "movement": self.movement, "closing": self.closing}
        return moving | {each.key: each.measure for each in self.shares}

    def _row(self, year: Window, scope: Scope, found: Found) -> dict[str, Any]:
        figures = {
            key: found.posted.of_period(measure, scope.area.id, year) for key, measure in self._measures().items()
        }
        held = [each for each in figures.values() if each]
        final = all(each.status == "final" for each in held)
        return {
            "year": f"{year.first.year}-{year.last.year % 100:02d}",
            **{key: value_of(each) for key, each in figures.items()},
            "posted_as": ("final" if final else "provisional") if held else None,
            "status": status_of(figures.values()),
        }

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        year = _year(int(line["year"][:4]))
        return {
            key: PostedFigure(measure, found.posted.of_period(measure, scope.area.id, year))
            for key, measure in self._measures().items()
        }

    def sums(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
        shares = [each.key for each in self.shares]
        found = []
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            year, closing = row["year"], row["closing"]
            moved = total([row["opening"], row["movement"]])
            found.append(against_parts(f"{year}, opening and movement against closing", closing, moved, self.tolerance))
            if shares:
                parts = total(row[key] for key in shares)
                found.append(against_parts(f"{year}, shares against closing", closing, parts, self.tolerance))
            if following:
                place = f"{year}, closing against the next opening"
                found.append(against_parts(place, following["opening"], closing, self.tolerance))
        yield from (each for each in found if each)

    def _columns(self, known: Reference) -> Iterator[Column]:
        unit = known.measures.resolve(self.closing).unit
        yield Column("year", "Financial year", "text")
        yield Column("opening", "Opening balance", "value", unit, self.opening)
        yield Column("movement", "Movement", "change", unit, self.movement)
        yield Column("closing", "Closing balance", "value", unit, self.closing)
        yield from (Column(each.key, each.title, "value", unit, each.measure) for each in self.shares)
        yield Column("posted_as", "Posted as", "text")
        yield Column("status", "Data", "status")


def _year(starting: int) -> Window:
    return Window(date(starting, 4, 1), date(starting + 1, 3, 31))
