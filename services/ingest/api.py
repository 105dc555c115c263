"""Ingest's routes: parse, take, answer."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from services.ingest import bodies, cloudevents
from services.ingest.answers import Taken, encode, taken
from services.ingest.door import Post
from services.ingest.express import Lane
from services.ingest.intake import Intake
from services.ingest.openapi import BATCH_ANSWERS, BEARER, cloudevent_body, record_body
from shared.bodies import read_body
from shared.events import RECORD_TYPES, topics
from shared.web import Authenticate

PATHS = {
    "crimes": topics.CRIMES,
    "calls": topics.CALLS,
    "stops": topics.STOPS,
    "indicators": topics.INDICATORS,
    "crime-counts": topics.CRIME_COUNTS,
}
EVENTS = "/v1/events"
_SCOPES = {topic: f"ingest:{path}" for path, topic in PATHS.items()}


def lanes() -> dict[str, Lane]:
    """What may be posted the express way, by its path."""
    return {f"/v1/{path}": Lane(topic, _SCOPES[topic]) for path, topic in PATHS.items()}


def posts(intake: Intake, principal: Authenticate, max_events: int) -> dict[str, Post]:
    """What answers a POST, by its path: one a kind of record, and one for CloudEvents."""
    records = {f"/v1/{path}": _records(topic, intake, principal, max_events) for path, topic in PATHS.items()}
    return records | {EVENTS: _events(intake, principal, max_events)}


def _records(topic: str, intake: Intake, principal: Authenticate, max_events: int) -> Post:
    scope = _SCOPES[topic]

    async def post(request: Request) -> Taken:
        caller = await principal(request)
        caller.require(scope)
        body = await read_body(request, caller.source)
        of_lines = bodies.is_lines(request.headers.get("content-type", ""))
        return taken(await intake.take_body(topic, body, caller, of_lines=of_lines, most=max_events))

    return post


def _events(intake: Intake, principal: Authenticate, max_events: int) -> Post:
    async def post(request: Request) -> Taken:
        caller = await principal(request)
        items = cloudevents.read(await read_body(request, caller.source), request.headers, caller.require_event_source)
        if not items:
            return Taken(0, [])  # CloudEvents allows an empty batch
        bodies.check_number(len(items), max_events)
        for topic in sorted({topic for topic, _ in items}):
            caller.require(_SCOPES[topic])
        return taken(await intake.take(items, caller))

    return post


def router(posts: Mapping[str, Post]) -> APIRouter:
    """The routes, described."""
    routes = APIRouter(tags=["events"])
    for path, topic in PATHS.items():
        summary = f"Post {path.replace('-', ' ')}: one object, an array, or NDJSON"
        _add_route(routes, f"/v1/{path}", posts, summary, record_body(RECORD_TYPES[topic]))
    _add_route(routes, EVENTS, posts, "Post CloudEvents 1.0: binary, structured or batched", cloudevent_body())
    return routes


def _add_route(routes: APIRouter, path: str, posts: Mapping[str, Post], summary: str, body: dict[str, Any]) -> None:
    async def post(request: Request) -> Response:
        return Response(encode(await posts[path](request)), 202, media_type="application/json")

    routes.add_api_route(
        path,
        post,
        methods=["POST"],
        status_code=202,
        name=f"post_{path.rpartition('/')[2].replace('-', '_')}",
        summary=summary,
        responses=BATCH_ANSWERS,
        openapi_extra={"requestBody": body, "security": BEARER},
    )
