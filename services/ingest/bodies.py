"""From a request's body to its JSON items: one object, an array, or NDJSON."""

import msgspec

from shared.errors import Malformed, TooLarge, UnsupportedMedia

JSON_TYPES = ("application/json", "")
NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_array = msgspec.json.Decoder(list[msgspec.Raw])
_anything = msgspec.json.Decoder()


def items(body: bytes, content_type: str, most: int) -> list[bytes | msgspec.Raw]:
    """The body's items, each the JSON text of one event.

    Raises Malformed where the body is not JSON (a broken NDJSON line most often means that the transfer was cut
    off, so the whole body is refused and nothing of it kept), TooLarge above `most` items, UnsupportedMedia else.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media in NDJSON_TYPES:
        found = _lines(body)
    elif media in JSON_TYPES:
        found = _json_items(body)
    else:
        raise UnsupportedMedia(f"{media!r} is not accepted; send application/json or application/x-ndjson")
    check_number(len(found), most)
    return found


def check_number(events: int, most: int) -> None:
    """Raises Malformed for a body without events, TooLarge for one with more than `most`."""
    if not events:
        raise Malformed("the body holds no event")
    if events > most:
        raise TooLarge(f"the body holds {events:,} events; send at most {most:,} a request")


def _json_items(body: bytes) -> list[bytes | msgspec.Raw]:
    text = body.strip()
    if not text:
        return []
    if text.startswith(b"["):
        try:
            return list(_array.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"the body is not JSON: {error}") from error
    _check(text, "the body")
    return [text]


def _lines(body: bytes) -> list[bytes | msgspec.Raw]:
    found: list[bytes | msgspec.Raw] = []
    for number, line in enumerate(body.split(b"\n"), start=1):
        text = line.strip()
        if text:
            _check(text, f"line {number}")
            found.append(text)
    return found


def _check(text: bytes, place: str) -> None:
    try:
        _anything.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"{place} is not JSON: {error}; nothing of the body was accepted") from error
