"""What OpenAPI says of ingest's bodies, taken from the event models themselves, so that it cannot drift."""

from typing import Any

from fastapi import FastAPI

from services.ingest import cloudevents
from services.ingest.idempotency import HEADER, PATTERN
from shared.events import RECORD_TYPES, Record
from shared.events.schemas import components
from shared.web import FIELD_ERRORS, problems

_REF = "#/components/schemas/{name}"
_SCHEMAS = components(RECORD_TYPES.values(), _REF)
_ANSWER = {
    "type": "object",
    "required": ["accepted", "rejected"],
    "properties": {
        "accepted": {"type": "integer", "minimum": 0},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "errors"],
                "properties": {"index": {"type": "integer", "minimum": 0}, "errors": FIELD_ERRORS},
            },
        },
    },
}
BATCH_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Kafka has acknowledged every accepted event.",
        "content": {"application/json": {"schema": _ANSWER}},
        "headers": {
            "Idempotency-Replayed": {
                "description": "`true` where this is the answer of an earlier request with the same Idempotency-Key.",
                "schema": {"const": "true"},
            }
        },
    },
    **problems(400, 401, 403, 408, 409, 413, 415, 422, 431, 503),
    429: {
        **problems(429)[429],
        "description": "The source has used up a quota of its own; nothing was accepted.",
        "headers": {
            "Retry-After": {"description": "Seconds until it has something left.", "schema": {"type": "integer"}},
            "RateLimit": {
                "description": "What is left of each quota (`r`), and seconds until all of it is back (`t`).",
                "schema": {"type": "string"},
            },
            "RateLimit-Policy": {
                "description": "The quotas: `q` of the unit `qu` in `w` seconds.",
                "schema": {"type": "string"},
            },
        },
    },
}

_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Chosen by the sender. The same request with the same key is given the first one's answer, "
    "for a day; another answers 422, and one that comes while the first is under way 409.",
    "schema": {"type": "string", "pattern": PATTERN},
}

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]


def record_body(kind: type[Record]) -> dict[str, Any]:
    """The request body of a record's route."""
    one = {"$ref": _REF.format(name=kind.__name__)}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }


_ATTRIBUTE = {"type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"}


def cloudevent_body() -> dict[str, Any]:
    """The request body of the CloudEvents route."""
    event = {
        "type": "object",
        "required": ["specversion", "id", "source", "type"],
        "properties": {
            "specversion": {"const": "1.0"},
            **dict.fromkeys(("id", "source", "type"), _ATTRIBUTE),
            "data": {"anyOf": [{"$ref": _REF.format(name=kind.__name__)} for kind in RECORD_TYPES.values()]},
            "data_base64": {"type": "string"},
        },
    }
    return {
        "required": True,
        "content": {
            cloudevents.STRUCTURED: {"schema": event},
            cloudevents.BATCHED: {"schema": {"type": "array", "items": event}},
            "application/json": {"schema": event["properties"]["data"]},  # type: ignore[index]
        },
    }


def add_schemas(app: FastAPI) -> None:
    """Serve the event models' schemas and the token's scheme with the rest of `app`'s OpenAPI document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for operation in [verbs["post"] for verbs in document["paths"].values() if "post" in verbs]:
            operation["parameters"] = [_KEY]
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {}).update(_SCHEMAS)
        parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document
