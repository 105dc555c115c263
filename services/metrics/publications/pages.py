"""The pages of what has been released: a list, a publication with what has become of it, the release calendar."""

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from services.metrics.periods import Window
from services.metrics.publications.document import Frozen, described
from services.metrics.publications.freezing import Freezing
from services.metrics.publications.releases import Punctuality
from services.metrics.publications.revisions import revisions
from services.metrics.publications.store import Filter, Publications
from services.metrics.tables import grids, shown
from services.metrics.tables.parts import Column, Part, is_suppressed
from shared.clock import LONDON, Clock
from shared.errors import Conflict, Invalid, Unavailable
from shared.names import Id
from shared.pages import templates

SHOWN = 200


def router(store: Publications, freezing: Freezing, punctuality: Punctuality, clock: Clock) -> APIRouter:
    """`/publications`, `/publications/{id}`, `/releases`. Pages take no token: they show what has been released."""
    routes = APIRouter(include_in_schema=False)
    environment = _environment()

    def render(template: str, here: str, **told: Any) -> str:
        return environment.get_template(template).render(here=here, dataset="", datasets=(), **told)

    @routes.get("/publications", response_class=HTMLResponse)
    def publications() -> str:
        found = store.find(Filter(), 0, SHOWN + 1, embargoed=False)
        return render("publications.html", "/publications", found=found[:SHOWN], more=len(found) > SHOWN)

    @routes.get("/publications/{publication_id}", response_class=HTMLResponse)
    async def publication(publication_id: Id) -> str:
        kept = await asyncio.to_thread(store.get, publication_id, embargoed=False)
        frozen = kept.frozen
        return render(
            "publication.html",
            f"/publications/{frozen.id}",
            frozen=frozen,
            about=described(frozen, kept.hash, clock.now()),
            parts=_parts(frozen),
            **await _revised(frozen, freezing),
        )

    @routes.get("/releases", response_class=HTMLResponse)
    def releases() -> str:
        return render("releases.html", "/releases", releases=punctuality.releases(), late=punctuality.late())

    return routes


async def _revised(frozen: Frozen, freezing: Freezing) -> dict[str, Any]:
    """`{revised, reason}`: where today's table is not to be had, why; what was published is shown all the same."""
    try:
        return {"revised": revisions(frozen.content, await freezing.today(frozen)), "reason": ""}
    except (Conflict, Invalid, Unavailable) as error:
        return {"revised": None, "reason": error.detail}


def _parts(frozen: Frozen) -> list[tuple[dict[str, Any], Part]]:
    """Each section with its rows, as the columns that were frozen with them show them."""
    return [(section, _part(frozen, section)) for section in frozen.content["sections"]]


def _part(frozen: Frozen, section: dict[str, Any]) -> Part:
    columns = [Column(**each) for each in frozen.columns[section["id"]]]
    windows = {name: msgspec.convert((each["from"], each["to"]), Window) for name, each in section["windows"].items()}
    return Part(columns, _rows(frozen, section["id"]), windows)


def _rows(frozen: Frozen, section: str) -> list[dict[str, Any]]:
    return [row for row in frozen.content["rows"] if row.get("section", section) == section]


def _figure(revised: dict[str, Any], key: str) -> str:
    return shown.SUPPRESSED if is_suppressed(revised, key) else shown.number(revised[key])


def _environment() -> Environment:
    environment = templates("services.metrics")
    environment.filters |= {
        "day": shown.day,
        "number": shown.number,
        "figure": _figure,
        "signed": shown.signed,
        "percent": shown.percent,
        "headings": grids.headings,
        "lines": grids.lines,
        "spans": shown.spans,
        "london": lambda at: f"{at.astimezone(LONDON):%-d %B %Y, %H:%M}",
    }
    return environment
