"""The routes that serve the contracts: the AsyncAPI document, and the JSON Schema of every event."""

import json
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from shared.errors import NotFound
from shared.events.asyncapi import asyncapi
from shared.events.schemas import event_schemas
from shared.web import problems

SCHEMA_JSON = "application/schema+json"
_ANY_OBJECT: dict[str, Any] = {"schema": {"type": "object"}}


def router() -> APIRouter:
    """Both are public: they say what is posted and published, and nothing of anybody's data."""
    routes = APIRouter(tags=["contracts"])
    _add_asyncapi(routes)
    _add_schemas(routes)
    return routes


def _add_asyncapi(routes: APIRouter) -> None:
    document = json.dumps(asyncapi())
    answers: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": _ANY_OBJECT}}}

    @routes.get("/asyncapi.json", summary="AsyncAPI 3: every topic and its messages", responses=answers)
    async def asyncapi_document() -> Response:
        return Response(document, media_type="application/json")


def _add_schemas(routes: APIRouter) -> None:
    documents = {name: json.dumps(schema) for name, schema in event_schemas().items()}
    answers: dict[int | str, dict[str, Any]] = {200: {"content": {SCHEMA_JSON: _ANY_OBJECT}}, **problems(404)}

    # OpenAPI knows a parameter only as a whole part of the path, so `.json` is part of the name.
    @routes.get("/schemas/{file}", summary="JSON Schema of an event's type", responses=answers, response_class=Response)
    async def event_schema(file: str) -> Response:
        name, _, suffix = file.rpartition(".")
        if suffix != "json" or name not in documents:
            raise NotFound(f"no schema {file!r}; known: {', '.join(f'{known}.json' for known in documents)}")
        return Response(documents[name], media_type=SCHEMA_JSON)
