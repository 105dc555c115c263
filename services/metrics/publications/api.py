"""The routes of publications: whoever has the scope `publish` makes them, everybody reads what has been released."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from services.metrics.csvs import table_csv
from services.metrics.params import Dataset, Day
from services.metrics.publications.access import publisher, sees_embargoed
from services.metrics.publications.answers import (
    IN_CSV,
    LISTED,
    Format,
    as_csv,
    keeping,
    listed,
    told,
    wants_csv,
    whole,
)
from services.metrics.publications.document import Status, described, digest_field
from services.metrics.publications.freezing import Freezing, PublicationCreate
from services.metrics.publications.releases import Punctuality, add_releases
from services.metrics.publications.revisions import revised_columns, revisions
from services.metrics.publications.store import Filter, Publications
from services.metrics.tables.links import licensed
from shared.clock import Clock
from shared.names import Id
from shared.routes import BoundedRoute, Limit, Offset, page
from shared.security import Principal
from shared.web import Authenticate, problems

Accept = Annotated[str, Header()]
_OF_ONE = {**IN_CSV, **problems(404)}


def router(
    store: Publications, freezing: Freezing, punctuality: Punctuality, principal: Authenticate, clock: Clock
) -> APIRouter:
    """Everything under /v1/publications and /v1/releases."""
    routes = APIRouter(prefix="/v1", tags=["publications"], route_class=BoundedRoute)
    embargoed = sees_embargoed(principal)
    _add_post(routes, freezing, clock, publisher(principal))
    _add_list(routes, store, freezing, clock, embargoed)
    _add_one(routes, store, clock, embargoed)
    _add_revisions(routes, store, freezing, clock, embargoed)
    add_releases(routes, punctuality)
    return routes


def _add_post(routes: APIRouter, freezing: Freezing, clock: Clock, publishing: Any) -> None:
    same = {"description": "The same was asked for before, with this id; here it is."}

    @routes.post(
        "/publications",
        status_code=201,
        summary="Freeze a table as it stands now",
        responses={200: same, **problems(400, 401, 403, 408, 409, 413, 415, 422, 503)},
    )
    async def publish(asked: PublicationCreate, caller: Annotated[Principal, publishing]) -> Response:
        kept, new = await freezing.freeze(asked, caller)
        headers = {"Location": f"/v1/publications/{kept.frozen.id}", **keeping(embargoed=True)}
        return JSONResponse(described(kept.frozen, kept.hash, clock.now()), 201 if new else 200, headers)


class PublicationsQuery(BaseModel):
    """The parameters of /v1/publications."""

    model_config = ConfigDict(extra="forbid")

    table: str | None = Field(default=None, pattern=r"^[a-z0-9-]{1,100}$", description="a table's id")
    area: str | None = Field(default=None, pattern=r"^E\d{8}$", description="GSS code")
    dataset: Dataset = None
    status: Status | None = None
    end: Day | None = None
    format: Format = Field(default=None, description="as the Accept header says unless given")
    offset: Offset = 0
    limit: Limit = 200


def _add_list(routes: APIRouter, store: Publications, freezing: Freezing, clock: Clock, embargoed: Any) -> None:
    @routes.get("/publications", summary="What has been published, the latest first", responses=IN_CSV)
    def publications(
        request: Request,
        asked: Annotated[PublicationsQuery, Query()],
        sees_all: Annotated[bool, embargoed],
        accept: Accept = "",
    ) -> Response:
        wanted = Filter(asked.table, asked.area, asked.dataset, asked.status, asked.end)
        found = store.find(wanted, asked.offset, asked.limit + 1, embargoed=sees_all)
        if asked.table is not None and not found:
            freezing.table(asked.table)  # one that is declared no longer may have been published
        linked = Response()
        shown = [listed(each, clock) for each in page(request, linked, found, asked.offset, asked.limit)]
        headers = keeping(embargoed=sees_all) | ({"Link": linked.headers["link"]} if "link" in linked.headers else {})
        return told({"publications": shown}, shown, LISTED, in_csv=wants_csv(asked.format, accept), headers=headers)


def _add_one(routes: APIRouter, store: Publications, clock: Clock, embargoed: Any) -> None:
    @routes.get("/publications/{publication_id}", summary="A publication, with its table", responses=_OF_ONE)
    def publication(
        publication_id: Id,
        sees_all: Annotated[bool, embargoed],
        format: Format = None,  # noqa: A002 - the parameter's name
        accept: Accept = "",
    ) -> Response:
        kept = store.get(publication_id, embargoed=sees_all)
        headers = licensed() | keeping(embargoed=sees_all)
        if wants_csv(format, accept):
            return as_csv(table_csv(kept.frozen.content), headers)
        return JSONResponse(whole(kept, clock), headers=headers)

    @routes.get(
        "/publications/{publication_id}/document",
        summary="The bytes that were frozen, of which the hash was made",
        responses={200: {"content": {"application/json": {}}}, **problems(401, 404, 422, 503)},
    )
    def document(publication_id: Id, sees_all: Annotated[bool, embargoed]) -> Response:
        kept = store.get(publication_id, embargoed=sees_all)
        headers = {"Repr-Digest": digest_field(kept.document), **keeping(embargoed=sees_all)}
        return Response(kept.document, media_type="application/json", headers=headers)


def _add_revisions(routes: APIRouter, store: Publications, freezing: Freezing, clock: Clock, embargoed: Any) -> None:
    @routes.get(
        "/publications/{publication_id}/revisions",
        summary="Frozen figures beside today's",
        responses={**_OF_ONE, **problems(409)},
    )
    async def revised(
        publication_id: Id,
        sees_all: Annotated[bool, embargoed],
        format: Format = None,  # noqa: A002 - the parameter's name
        accept: Accept = "",
    ) -> Response:
        kept = await asyncio.to_thread(store.get, publication_id, embargoed=sees_all)
        today = await freezing.today(kept.frozen)
        found = revisions(kept.frozen.content, today)
        about = {"published_as_of": kept.frozen.content["as_of"], "as_of": today["as_of"]}
        answer = {**described(kept.frozen, kept.hash, clock.now()), **about, **found}
        in_csv = wants_csv(format, accept)
        columns = revised_columns(kept.frozen.content)
        return told(answer, found["revised"], columns, in_csv=in_csv, headers=keeping(embargoed=sees_all))
