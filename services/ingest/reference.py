"""The routes that tell upstreams which values are known, and by which spellings, so that they can map their own."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, get_type_hints

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from shared.reference import (
    Area,
    CallCategory,
    Flag,
    Offence,
    Outcome,
    Reference,
    StopObject,
    StopOutcome,
    StopPower,
    Vocabulary,
)
from shared.reference.measures import Measure

_JSON = "application/json"
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer that you have: 304 if it is still so",
    "schema": {"type": "string"},
}
_CACHING: dict[str, Any] = {
    "ETag": {"description": "Changes with the values", "schema": {"type": "string"}},
    "Cache-Control": {"description": "Ask again before you rely on it", "schema": {"type": "string"}},
}


class Listing(NamedTuple):
    """A vocabulary: which fields of records take its values, and what is told of each."""

    vocabulary: str
    term: type
    told: Sequence[str]
    of: str


LISTINGS: Mapping[str, Listing] = {
    "areas": Listing("areas", Area, ("kind",), "`area`. Nothing is recorded in the area of kind `region`"),
    "offences": Listing("offences", Offence, ("group", "notifiable"), "`offence` of crimes and crime counts"),
    "call-categories": Listing("call_categories", CallCategory, ("kind", "asb_type"), "`category` and `kind` of calls"),
    "flags": Listing("flags", Flag, ("implies",), "`flags`. One that `implies` another brings it along"),
    "outcomes": Listing("outcomes", Outcome, ("detected", "positive"), "`outcome.type` of crimes"),
    "stop-powers": Listing("stop_powers", StopPower, (), "`power` of stops"),
    "stop-objects": Listing("stop_objects", StopObject, (), "`object` of stops"),
    "stop-outcomes": Listing("stop_outcomes", StopOutcome, ("arrest", "positive"), "`outcome` of stops"),
    "indicators": Listing("indicators", Measure, ("unit",), "`indicator`, and the `unit` of its values"),
}


def router(reference: Reference) -> APIRouter:
    """Public, as the values are published: no token. What is answered changes only with the service's version."""
    routes = APIRouter(prefix="/v1/reference", tags=["reference"])
    for path, listing in LISTINGS.items():
        _add_listing(routes, path, listing, getattr(reference, listing.vocabulary))
    return routes


def _add_listing(routes: APIRouter, path: str, listing: Listing, vocabulary: Vocabulary[Any]) -> None:
    body = msgspec.json.encode({"values": [_told(term, listing) for term in vocabulary]})
    tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}

    async def values(request: Request) -> Response:
        if _holds(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=_JSON)

    routes.add_api_route(
        f"/{path}",
        values,
        name=f"reference_{path.replace('-', '_')}",
        summary=f"The known values of {path.replace('-', ' ')}",
        description=f"For {listing.of}. A record may name a value by its id, its name or an alias, in any case.",
        response_class=Response,
        openapi_extra={"parameters": [_IF_NONE_MATCH]},
        responses={
            200: {
                "description": "Every value, in an order that does not change.",
                "headers": _CACHING,
                "content": {_JSON: {"schema": _schema(listing)}},
            },
            304: {"description": "What you have is still so.", "headers": _CACHING},
        },
    )


def _told(term: Any, listing: Listing) -> dict[str, Any]:
    return {name: getattr(term, name) for name in ("id", "name", *listing.told, "aliases")}


def _schema(listing: Listing) -> dict[str, Any]:
    types = get_type_hints(listing.term)
    fields = {"id": str, "name": str, **{name: types[name] for name in listing.told}, "aliases": list[str]}
    (value,) = msgspec.json.schema_components([msgspec.defstruct("Value", list(fields.items()))])[1].values()
    return {"type": "object", "required": ["values"], "properties": {"values": {"type": "array", "items": value}}}


def _holds(if_none_match: str | None, tag: str) -> bool:
    """Whether `If-None-Match` (RFC 9110) names the tag; weak tags, which proxies make, are the same here."""
    held = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    return bool(held & {"*", tag})
