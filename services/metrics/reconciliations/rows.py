"""Which row of a table a printed row means. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from services.metrics.reconciliations.columns import plain
from services.metrics.tables.cells import DIMENSIONS, Row, title_of
from shared.errors import FieldError, Invalid
from shared.reference import Reference, UnknownValue, Vocabulary
from shared.reference.terms import Area

_TOTALS = ("total", "all boroughs", "london")
_SAME = {"title": "measure", "measure": "title", "name": "area", "area": "name"}
"""A measure and an area go by id and by title alike."""


class Rows:
    """A table's lines, found by what a printed row calls them: names, other spellings, codes.

    Lines that name no area are of the table's, `area`.
    """

    def __init__(self, lines: Sequence[dict[str, Any]], area: Area, known: Reference) -> None:
        self._lines, self._known = lines, known
        of_area = {"area": area.id, "name": area.name}
        full = [{**({} if "area" in line else of_area), **line} for line in lines]
        self._named = [{key: plain(str(line.get(key, ""))) for key in ("title", "name", *DIMENSIONS)} for line in full]
        # Anybody may upload: thousands of printed rows are not each held against every line.
        self._called: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, named in enumerate(self._named):
            for item in named.items():
                self._called[item].append(number)
        self._sums = [line for line in lines if line.get("total")]

    def meant(self, names: Mapping[str, str], field: str) -> dict[str, Any] | None:
        """The line of these names, by their column, None where there is none.

        Raises Invalid for `field`, where there are several.
        """
        asked = {key: self._spellings(key, text) for key, text in names.items() if text.strip()}
        found = [
            self._lines[number]
            for number in self._candidates(asked)
            if all(_is(self._named[number], key, spellings) for key, spellings in asked.items())
        ]
        found = found or self._totals(names)
        if len(found) > 1:
            several = "; ".join(title_of(line) for line in found[:3])
            message = f"may be {len(found)} rows of the table ({several} ...); name the section, or more of the row"
            raise Invalid(f"{field}: {message}", errors=[FieldError(field, message)])
        return found[0] if found else None

    def _candidates(self, asked: Mapping[str, set[str]]) -> list[int]:
        """The lines that go by the first of the names, in their order."""
        for key, spellings in asked.items():
            called = [(each, text) for each in (key, _SAME.get(key, key)) for text in spellings]
            return sorted({number for item in called for number in self._called.get(item, ())})
        return []

    def _spellings(self, key: str, text: str) -> set[str]:
        if key in ("title", "measure"):
            return {plain(text), *_resolved(self._known.measures, text)}
        if key in ("name", "area"):
            return {plain(text), *_resolved(self._known.areas, text)}
        return {plain(text)}

    def _totals(self, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """The one row that is the sum of all others, whatever it is called: `Grand Total`."""
        if len(self._sums) != 1:
            return []
        return self._sums if any(word in plain(text) for text in names.values() for word in _TOTALS) else []


def _is(named: Row, key: str, spellings: set[str]) -> bool:
    return named[key] in spellings or (key in _SAME and named[_SAME[key]] in spellings)


def _resolved(vocabulary: Vocabulary[Any], text: str) -> list[str]:
    try:
        return [plain(vocabulary.resolve(text, suggest=False).id)]
    except UnknownValue:
        return []
