"""Which row of a table a printed row means. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.metrics.reconciliations.columns import plain
from services.metrics.tables.cells import DIMENSIONS, Row, title_of
from shared.errors import FieldError, Invalid
from shared.reference import Reference, UnknownValue, Vocabulary

_TOTALS = ("total", "all boroughs", "london")
_SAME = {"title": "measure", "measure": "title", "name": "area", "area": "name"}
"""A measure and an area go by id and by title alike."""


class Rows:
    """A table's lines, found by what a printed row calls them: names, other spellings, codes."""

    def __init__(self, lines: Sequence[dict[str, Any]], known: Reference) -> None:
        self._lines, self._known = lines, known
        self._named = [{key: plain(str(line.get(key, ""))) for key in ("title", "name", *DIMENSIONS)} for line in lines]

    def meant(self, names: Mapping[str, str], field: str) -> dict[str, Any] | None:
        """The line of these names, by their column, None where there is none.

        Raises Invalid for `field`, where there are several.
        """
        asked = {key: self._spellings(key, text) for key, text in names.items() if text.strip()}
        found = [
            line
            for line, named in zip(self._lines, self._named, strict=True)
            if asked and all(_is(named, key, spellings) for key, spellings in asked.items())
        ]
        found = found or self._totals(names)
        if len(found) > 1:
            several = "; ".join(title_of(line) for line in found[:3])
            message = f"may be {len(found)} rows of the table ({several} ...); name the section, or more of the row"
            raise Invalid(f"{field}: {message}", errors=[FieldError(field, message)])
        return found[0] if found else None

    def _spellings(self, key: str, text: str) -> set[str]:
        if key in ("title", "measure"):
            return {plain(text), *_resolved(self._known.measures, text)}
        if key in ("name", "area"):
            return {plain(text), *_resolved(self._known.areas, text)}
        return {plain(text)}

    def _totals(self, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """The one row that is the sum of all others, whatever it is called: `Grand Total`."""
        totals = [line for line in self._lines if line.get("total")]
        is_one = any(word in plain(text) for text in names.values() for word in _TOTALS)
        return totals if is_one and len(totals) == 1 else []


def _is(named: Row, key: str, spellings: set[str]) -> bool:
    return named[key] in spellings or (key in _SAME and named[_SAME[key]] in spellings)


def _resolved(vocabulary: Vocabulary[Any], text: str) -> list[str]:
    try:
        return [plain(vocabulary.resolve(text, suggest=False).id)]
    except UnknownValue:
        return []
