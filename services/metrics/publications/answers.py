"""How publications are told: their members, as JSON and CSV, and who may keep the answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from fastapi.responses import JSONResponse, PlainTextResponse, Response

from services.metrics.csvs import spelled_out, written
from services.metrics.publications.document import described, moment
from services.metrics.publications.models import Publication
from services.metrics.publications.store import Kept
from shared.clock import Clock
from shared.web import problems

Format = Literal["json", "csv"] | None
LISTED = (
    "id",
    "table",
    "title",
    "area",
    "dataset",
    "end",
    "status",
    "release_on",
    "embargo_until",
    "released",
    "frozen_at",
    "hash",
    "href",
)
IN_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/csv": {"schema": {"type": "string"}}}},
    **problems(401, 422, 503),
}


def whole(kept: Kept, clock: Clock) -> dict[str, Any]:
    """A publication with its content."""
    frozen, here = kept.frozen, f"/v1/publications/{kept.frozen.id}"
    return {
        **described(frozen, kept.hash, clock.now()),
        "note": frozen.note,
        "published_by": frozen.published_by,
        "document": f"{here}/document",
        "revisions": f"{here}/revisions",
        "content": frozen.content,
    }


def listed(row: Publication, clock: Clock) -> dict[str, Any]:
    """A publication as the list of them shows it."""
    return {
        "id": row.id,
        "table": row.table_id,
        "title": row.title,
        "area": row.area,
        "dataset": row.dataset,
        "end": row.ends_on.isoformat(),
        "status": row.status,
        "release_on": row.release_on.isoformat(),
        "embargo_until": moment(row.embargo_until),
        "released": row.embargo_until <= clock.now(),
        "frozen_at": moment(row.frozen_at),
        "hash": row.hash,
        "href": f"/v1/publications/{row.id}",
    }


def keeping(*, embargoed: bool) -> dict[str, str]:
    """Who may keep the answer: nobody, if it may show what is under embargo; else whoever asks again each time."""
    return {"Cache-Control": "private, no-store" if embargoed else "no-cache", "Vary": "Accept, Authorization"}


def wants_csv(asked: Format, accept: str) -> bool:
    return asked == "csv" or (asked is None and "text/csv" in accept.lower())


def told(
    answer: Any,
    rows: Sequence[Mapping[str, Any]],
    columns: Iterable[str],
    *,
    in_csv: bool,
    headers: Mapping[str, str],
) -> Response:
    """The answer as JSON, or its rows as CSV under `columns`, which stand there without a row too."""
    if in_csv:
        return as_csv(written([dict(_flat(spelled_out(row))) for row in rows], columns), headers)
    return JSONResponse(answer, headers=dict(headers))


def as_csv(text: str, headers: Mapping[str, str]) -> Response:
    return PlainTextResponse(text, media_type="text/csv; charset=utf-8", headers=dict(headers))


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A window is two columns, what there are several of stands in one."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}_{part}", each) for part, each in value.items())
        else:
            yield name, " ".join(value) if isinstance(value, list) else value
