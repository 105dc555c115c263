"""Writes docs/measures.md from the measures' files: `python -m shared.reference.document`."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from shared.reference import DIRECTORY, Reference, reference
from shared.reference.entries import Entry
from shared.reference.families import MEASURES, TERMS
from shared.reference.loading import measure_files
from shared.reference.sheets import Sheet, read_sheet

DOCUMENT = DIRECTORY.parents[1] / "docs" / "measures.md"
_BETTER = {"up": "higher", "down": "lower", "neither": ""}
_HEADER = """# Measures

Made from `shared/reference/measures/*.toml` by `make docs`; change it there. `GET /v1/measures` lists the same, and
`/v1/compare` and `/v1/series` answer for each by its id.

- A **count** counts records by their tags: all of those named, any of those in brackets, and none of those crossed out.
- A **percentile** is the duration in seconds that a share of the records do not exceed.
- A **rate** divides one measure by another (times 100, 1,000 or 1), a **difference** takes one from another.
- An **indicator** is posted, not counted. Of the periods posted, a window is answered for by the last that ends in it,
  by the sum or the mean of those that tile it, or (standing) by the latest that ends on its last day or before.
- A row with `{id}` is a family: a measure for each [term](#terms), whose id stands in that place.

- Of a **sensitive** count, and of all that asks about its flags or is computed from it, small counts of a borough are
  [not published](decisions/0019-suppression.md).

*Better* says which way is better, where one is. There are %(measures)d measures, and %(indicators)d of them are posted.
"""


def document(known: Reference, sheets: Iterable[Sheet]) -> str:
    """The catalogue as Markdown: a section for each sheet, a table in it for each area of the plan, the terms last."""
    sheets = list(sheets)
    lines = [_HEADER % {"measures": len(known.measures), "indicators": len(known.indicators)}]
    for sheet in sheets:
        lines += [f"## {sheet.topic}\n", *_tables(sheet.entries)]
    lines += ["## Terms\n", *_terms(known, [entry for sheet in sheets for entry in sheet.entries])]
    return "\n".join(lines).rstrip() + "\n"


def _tables(entries: Iterable[Entry]) -> Iterator[str]:
    rows = [entry.fields for entry in entries]
    areas = list(dict.fromkeys(str(row["plan_area"]) for row in rows))
    for area, group in groupby(
        sorted(rows, key=lambda row: areas.index(row["plan_area"])), lambda row: row["plan_area"]
    ):
        of_area = list(group)
        yield f"### {area}\n" if len(areas) > 1 else f"{area}.\n"
        yield "| id | title | what it is | how | unit | better |\n|---|---|---|---|---|---|"
        yield from map(_row, of_area)
        yield ""
        yield from _caveats(of_area)


def _row(fields: dict[str, Any]) -> str:
    what = fields["definition"] + _of_whom(fields)
    cells = (f"`{fields['id']}`", fields["title"], what, _how(fields), fields["unit"], _BETTER[fields["good"]])
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _of_whom(fields: dict[str, Any]) -> str:
    if fields.get("for") == MEASURES:
        return f" Of each: {_codes(fields['only'])}."
    if "for" not in fields:
        return ""
    left_out = f" but {_codes(fields['except'])}" if "except" in fields else ""
    return f" For each {fields['for']}{left_out}."


def _how(fields: dict[str, Any]) -> str:
    match fields["kind"]:
        case "count":
            weight = fields.get("weight", "records")
            counted = f"{fields['of']}s" if weight == "records" else f"{weight.replace('-', ' ')} of {fields['of']}s"
            day = ", on the day of the outcome" if fields.get("dated") == "outcome" else ""
            return f"{counted}: {_tags(fields)}{day}{' (sensitive)' if fields.get('sensitive') else ''}"
        case "percentile":
            return f"{fields['quantile']:.0%} of {fields['of']}s, by {fields['value']}: {_tags(fields)}"
        case "rate":
            times = f"{fields['per']:,} × " if fields["per"] > 1 else ""  # noqa: RUF001 # a multiplication sign
            return f"{times}`{fields['numerator']}` ÷ `{fields['denominator']}`"
        case "difference":
            return f"`{fields['minuend']}` − `{fields['subtrahend']}`"  # noqa: RUF001 # a minus sign
    return _posted(fields)


def _posted(fields: dict[str, Any]) -> str:
    over = fields.get("over", "last")
    if "indicator" in fields:
        breakdown = ", ".join(f"{name} {value}" for name, value in fields["breakdown"].items())
        return f"`{fields['indicator']}` at {breakdown} ({over})"
    default = f"; else {fields['default'].replace('-', ' ')} of 2015" if "default" in fields else ""
    return f"posted ({over}){default}"


def _tags(fields: dict[str, Any]) -> str:
    some = [f"[{_codes(fields['any'])}]"] if fields.get("any") else []
    return " ".join(
        [*map(_code, fields.get("all", [])), *some, *(f"~~{_code(tag)}~~" for tag in fields.get("none", []))]
    )


def _code(text: str) -> str:
    return f"`{text}`"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(_code, texts))


def _caveats(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Each caveat once, with the measures that it holds for, unless it holds for the whole table."""
    holders: dict[str, list[str]] = {}
    for row in rows:
        for caveat in row.get("caveats", []):
            holders.setdefault(caveat, []).append(row["id"])
    for caveat, ids in holders.items():
        yield f"- {caveat}" if len(ids) == len(rows) else f"- {_codes(ids)}: {caveat}"
    if holders:
        yield ""


def _terms(known: Reference, entries: list[Entry]) -> Iterator[str]:
    yield "| for each | terms |\n|---|---|"
    asked = {entry.fields["for"] for entry in entries if entry.is_family}
    for vocabulary, terms in TERMS.items():
        if vocabulary in asked:
            yield f"| {vocabulary} | {', '.join(f'`{term.id}` {term.name}' for term in terms(known))} |"


def main(path: Path = DOCUMENT) -> None:
    """Writes the document of the project's own measures."""
    path.write_text(document(reference(), map(read_sheet, measure_files(DIRECTORY))), encoding="utf-8")


if __name__ == "__main__":
    main()
