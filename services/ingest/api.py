"""Ingest's routes: parse, take, answer."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.ingest import bodies, cloudevents
from services.ingest.acceptance import Verdict
from services.ingest.intake import Intake
from services.ingest.openapi import BATCH_ANSWERS, BEARER, cloudevent_body, record_body
from shared.bodies import read_body
from shared.errors import Invalid
from shared.events import RECORD_TYPES, topics
from shared.security import Principal
from shared.web import Authenticate

PATHS = {
    "crimes": topics.CRIMES,
    "calls": topics.CALLS,
    "stops": topics.STOPS,
    "indicators": topics.INDICATORS,
    "crime-counts": topics.CRIME_COUNTS,
}
_SCOPES = {topic: f"ingest:{path}" for path, topic in PATHS.items()}


def router(intake: Intake, principal: Authenticate, max_events: int) -> APIRouter:
    """One route a kind of record, and one for CloudEvents."""
    routes = APIRouter(prefix="/v1", tags=["events"])
    caller = Depends(principal)
    for path, topic in PATHS.items():
        _add_record_route(routes, path, topic, intake, caller, max_events)
    _add_events_route(routes, intake, caller, max_events)
    return routes


def _add_record_route(routes: APIRouter, path: str, topic: str, intake: Intake, caller: Any, max_events: int) -> None:
    async def post(request: Request, principal: Annotated[Principal, caller]) -> JSONResponse:
        principal.require(_SCOPES[topic])
        body, of_lines = await read_body(request), bodies.is_lines(request.headers.get("content-type", ""))
        return _answer(await intake.take_body(topic, body, principal, of_lines=of_lines, most=max_events))

    routes.add_api_route(
        f"/{path}",
        post,
        methods=["POST"],
        status_code=202,
        name=f"post_{path.replace('-', '_')}",
        summary=f"Post {path.replace('-', ' ')}: one object, an array, or NDJSON",
        responses=BATCH_ANSWERS,
        openapi_extra={"requestBody": record_body(RECORD_TYPES[topic]), "security": BEARER},
    )


def _add_events_route(routes: APIRouter, intake: Intake, caller: Any, max_events: int) -> None:
    @routes.post(
        "/events",
        status_code=202,
        summary="Post CloudEvents 1.0: binary, structured or batched",
        responses=BATCH_ANSWERS,
        openapi_extra={"requestBody": cloudevent_body(), "security": BEARER},
    )
    async def post_events(request: Request, principal: Annotated[Principal, caller]) -> JSONResponse:
        items = cloudevents.read(await read_body(request), request.headers, principal.require_event_source)
        bodies.check_number(len(items), max_events)
        for topic in sorted({topic for topic, _ in items}):
            principal.require(_SCOPES[topic])
        return _answer(await intake.take(items, principal))


def _answer(verdict: Verdict) -> JSONResponse:
    body = {"accepted": len(verdict.accepted), "rejected": msgspec.to_builtins(verdict.rejected)}
    if verdict.accepted:
        return JSONResponse(body, 202)
    raise Invalid(_why(verdict), errors=_first_errors(verdict), extra=body)


def _why(verdict: Verdict) -> str:
    first = verdict.rejected[0].errors[0]
    more = len(verdict.rejected) - 1
    return f"{first.field or 'the event'}: {first.message}" + (f" (and {more} more events)" if more else "")


def _first_errors(verdict: Verdict) -> Sequence[Any]:
    return verdict.rejected[0].errors if len(verdict.rejected) == 1 else ()
