"""CloudEvents 1.0 over HTTP, in the binary, structured and batched content modes. Pure: bytes to (topic, data)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from shared.errors import FieldError, Invalid, Malformed
from shared.events import topics

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
_REQUIRED = ("specversion", "id", "source", "type")
_KINDS = {
    "crime": topics.CRIMES,
    "call": topics.CALLS,
    "stop": topics.STOPS,
    "indicator": topics.INDICATORS,
    "crime-count": topics.CRIME_COUNTS,
}
Attribute = Annotated[str, msgspec.Meta(min_length=1)]
Item = tuple[str, bytes | msgspec.Raw]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The attributes that are read; extensions pass unread. Exactly one of `data` and `data_base64` is set."""

    specversion: Attribute
    id: Attribute
    source: Attribute
    type: Attribute
    datacontenttype: str = "application/json"
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    data_base64: str | None = None


def read(body: bytes, headers: Mapping[str, str]) -> list[Item]:
    """The (topic, JSON data) of each event in a request; `headers` have lower-case names.

    Raises Malformed where the body is not JSON, Invalid (naming the attribute) where it is not a CloudEvent.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == BATCHED:
        envelopes = _decode(body, list[Envelope])
        return [_item(envelope, f"[{index}].") for index, envelope in enumerate(envelopes)]
    if media == STRUCTURED:
        return [_item(_decode(body, Envelope), "")]
    return [_binary(body, headers, media)]


def _binary(body: bytes, headers: Mapping[str, str], media: str) -> Item:
    missing = [name for name in _REQUIRED if not headers.get(f"ce-{name}")]
    if missing:
        errors = [FieldError(f"ce-{name}", "required header in binary mode") for name in missing]
        raise Invalid(
            f"not a CloudEvent: send ce-* headers, or the content type {STRUCTURED} or {BATCHED}", errors=errors
        )
    attributes = {name: headers[f"ce-{name}"] for name in _REQUIRED}
    envelope = Envelope(**attributes, datacontenttype=media or "application/json", data=msgspec.Raw(body))
    return _item(envelope, "ce-")


def _item(envelope: Envelope, place: str) -> Item:
    if envelope.specversion != "1.0":
        raise _invalid(f"{place}specversion", f"{envelope.specversion!r} is not supported; must be '1.0'")
    if not envelope.datacontenttype.partition(";")[0].strip().lower().endswith("json"):
        raise _invalid(f"{place}datacontenttype", f"{envelope.datacontenttype!r} is not JSON; send application/json")
    return topic_of(envelope.type, f"{place}type"), _data(envelope, place)


def _data(envelope: Envelope, place: str) -> bytes | msgspec.Raw:
    if envelope.data_base64 is not None:
        if envelope.data is not msgspec.UNSET:
            raise _invalid(f"{place}data_base64", "stands beside data; send one of the two")
        try:
            return base64.b64decode(envelope.data_base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _invalid(f"{place}data_base64", f"not base64: {error}") from error
    if isinstance(envelope.data, msgspec.UnsetType) or not bytes(envelope.data).strip():
        raise _invalid(f"{place}data", "required")
    return envelope.data


def topic_of(event_type: str, field: str) -> str:
    """The topic of a CloudEvents type: the one that has exactly one of the record kinds among its dotted words."""
    words = event_type.lower().split(".")
    found = {topic for word in words for kind, topic in _KINDS.items() if word in (kind, f"{kind}s")}
    if len(found) != 1:
        known = ", ".join(f"oversight.{kind}.v1" for kind in _KINDS)
        raise _invalid(field, f"unknown type {event_type!r}; known: {known}")
    return found.pop()


def _decode(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Invalid(f"not a CloudEvent: {error}", errors=[FieldError("", str(error))]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}; nothing of it was accepted") from error


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(f"not an accepted CloudEvent: {field}: {message}", errors=[FieldError(field, message)])
