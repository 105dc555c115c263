"""CloudEvents 1.0 over HTTP, in the binary, structured and batched content modes. Pure: bytes to (topic, data)."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from services.ingest.explanations import explained
from services.ingest.header_values import NOT_PLAIN, is_plain, text_of
from services.ingest.repeats import Repeated, refuse_any_repeat
from shared.errors import FieldError, Invalid, Malformed, Scalar, UnsupportedMedia
from shared.events import topics
from shared.reference.spellings import nearest_of
from shared.reference.vocabulary import short

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
_ANY_FORMAT = "application/cloudevents"
_REQUIRED = ("specversion", "id", "source", "type")
_OPTIONAL = ("time", "subject", "dataschema")
_KINDS = {
    "crime": topics.CRIMES,
    "call": topics.CALLS,
    "stop": topics.STOPS,
    "indicator": topics.INDICATORS,
    "crime-count": topics.CRIME_COUNTS,
}
Attribute = Annotated[str, msgspec.Meta(min_length=1)]
Item = tuple[str, bytes | msgspec.Raw]
CheckSource = Callable[[str, str], None]
"""Given an event's `source` and the name of that field; raises unless it is the caller's own."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The attributes that are checked; extensions pass unread. Exactly one of `data` and `data_base64` is set.

    An attribute that need not be there may be null, which is the same as absent.
    """

    specversion: Attribute
    id: Attribute
    source: Attribute
    type: Attribute
    time: Moment | None = None
    subject: Attribute | None = None
    dataschema: Attribute | None = None
    datacontenttype: str | None = None
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    data_base64: str | None = None


def read(body: bytes, headers: Mapping[str, str], check_source: CheckSource) -> list[Item]:
    """The (topic, JSON data) of each event in a request; `headers` have lower-case names.

    Raises Malformed where the body is not JSON, UnsupportedMedia for another event format than JSON's, Invalid
    (naming the attribute) where it is not a CloudEvent, and what `check_source` raises.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == BATCHED:
        envelopes = _decode(body, list[Envelope])
        _refuse_repeats(body, len(envelopes))
        return [_item(envelope, f"[{index}].", check_source) for index, envelope in enumerate(envelopes)]
    if media == STRUCTURED:
        envelope = _decode(body, Envelope)
        _refuse_repeats(body, 1)
        return [_item(envelope, "", check_source)]
    if media.startswith(_ANY_FORMAT):
        raise UnsupportedMedia(f"the event format {media!r} is not accepted; send {STRUCTURED} or {BATCHED}")
    return [_item(_binary(body, headers, media), "ce-", check_source)]


def _refuse_repeats(body: bytes, events: int) -> None:
    """An attribute that stands twice could be read either way. Looked for only where one may: it takes its time."""
    counts = {name: body.count(f'"{name}"'.encode()) for name in Envelope.__struct_fields__}
    if b"\\u" in body or max(*counts.values(), counts["data"] + counts["data_base64"]) > events:
        try:
            refuse_any_repeat(body)
        except Repeated as repeated:
            raise _invalid(short(repeated.name), "stands more than once; send it once") from repeated
        except RecursionError as error:
            raise Malformed("the body is nested too deeply") from error


def _binary(body: bytes, headers: Mapping[str, str], media: str) -> Envelope:
    missing = [name for name in _REQUIRED if not headers.get(f"ce-{name}")]
    if missing:
        errors = [FieldError(f"ce-{name}", "required header in binary mode") for name in missing]
        raise Invalid(
            f"not a CloudEvent: send ce-* headers, or the content type {STRUCTURED} or {BATCHED}", errors=errors
        )
    if "ce-datacontenttype" in headers:
        raise _invalid("ce-datacontenttype", "must not be sent in binary mode; Content-Type says it")
    envelope = _converted({name: _attribute(headers, name) for name in (*_REQUIRED, *_OPTIONAL)})
    return msgspec.structs.replace(envelope, datacontenttype=media or None, data=msgspec.Raw(body))


def _attribute(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(f"ce-{name}")
    try:
        return None if value is None else text_of(value)
    except ValueError as error:
        raise _invalid(f"ce-{name}", str(error)) from error


def _converted(attributes: Mapping[str, str | None]) -> Envelope:
    try:
        return msgspec.convert(attributes, Envelope)
    except msgspec.ValidationError as error:
        wrong = explained(error, msgspec.json.encode(attributes), Envelope)
        raise _invalid(f"ce-{wrong.field}", wrong.message, wrong.value, wrong.nearest) from error


def _item(envelope: Envelope, place: str, check_source: CheckSource) -> Item:
    if envelope.specversion != "1.0":
        version = short(envelope.specversion)
        raise _invalid(f"{place}specversion", f"{version!r} is not supported; must be '1.0'", version, ("1.0",))
    if envelope.datacontenttype is not None and not _is_json(envelope.datacontenttype):
        media = short(envelope.datacontenttype)
        raise _invalid(f"{place}datacontenttype", f"{media!r} is not JSON; send application/json", media)
    _check_texts(envelope, place)
    item = topic_of(envelope.type, f"{place}type"), _data(envelope, place)
    check_source(envelope.source, f"{place}source")
    return item


def _check_texts(envelope: Envelope, place: str) -> None:
    texts = (envelope.id, envelope.source, envelope.type, envelope.subject or "", envelope.dataschema or "")
    if not is_plain("".join(texts)):
        names = ("id", "source", "type", "subject", "dataschema")
        wrong = next(name for name, text in zip(names, texts, strict=True) if not is_plain(text))
        raise _invalid(f"{place}{wrong}", NOT_PLAIN, short(getattr(envelope, wrong)))


def _is_json(media_type: str) -> bool:
    """As CloudEvents' JSON format says: `*/json` or `*/*+json`, whatever its parameters."""
    kind, _, subtype = media_type.partition(";")[0].strip().lower().partition("/")
    return bool(kind) and (subtype == "json" or subtype.endswith("+json"))


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
        known, sent = [f"oversight.{kind}.v1" for kind in _KINDS], short(event_type)
        raise _invalid(field, f"unknown type {sent!r}; known: {', '.join(known)}", sent, nearest_of(sent, known))
    return found.pop()


def _decode(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        wrong = explained(error, body, Envelope)
        raise Invalid(f"not a CloudEvent: {wrong.field or 'the body'}: {wrong.message}", errors=[wrong]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}; nothing of it was accepted") from error


def _invalid(
    field: str, message: str, value: Scalar | msgspec.UnsetType = msgspec.UNSET, nearest: tuple[str, ...] = ()
) -> Invalid:
    wrong = FieldError(field, message, value, nearest)
    return Invalid(f"not an accepted CloudEvent: {field}: {message}", errors=[wrong])
