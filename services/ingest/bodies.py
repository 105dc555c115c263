"""From a request's body to its JSON items: one object, an array, or NDJSON."""

from collections.abc import Sequence

import msgspec

from shared.errors import Malformed, TooLarge, UnsupportedMedia

JSON_TYPES = ("application/json", "")
NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_array = msgspec.json.Decoder(list[msgspec.Raw])
_anything = msgspec.json.Decoder()


def is_lines(content_type: str) -> bool:
    """Whether the body is NDJSON; raises UnsupportedMedia for what is neither that nor JSON."""
    if content_type in JSON_TYPES:
        return False
    media = content_type.partition(";")[0].strip().lower()
    if media not in NDJSON_TYPES and media not in JSON_TYPES:
        raise UnsupportedMedia(f"{media!r} is not accepted; send application/json or application/x-ndjson")
    return media in NDJSON_TYPES


def json_items(body: bytes, most: int) -> list[bytes]:
    """The JSON text of a body's only event, or of each in its array.

    Raises Malformed where the body is not JSON, TooLarge above `most` items.
    """
    if body.startswith(b"{"):
        return [body]
    text = body.strip()
    if text.startswith(b"["):
        try:
            found = list(map(bytes, _array.decode(text)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"the body is not JSON: {error}") from error
        check_number(len(found), most)
        return found
    check_number(1 if text else 0, most)
    return [text]


def lines(body: bytes, most: int) -> list[bytes]:
    """The lines that are not empty; raises Malformed where none is, TooLarge above `most`. See `check`."""
    found = list(filter(None, map(bytes.strip, body.split(b"\n"))))
    check_number(len(found), most)
    return found


def check_number(events: int, most: int) -> None:
    """Raises Malformed for a body without events, TooLarge for one with more than `most`."""
    if not events:
        raise Malformed("the body holds no event")
    if events > most:
        raise TooLarge(f"the body holds {events:,} events; send at most {most:,} a request")


def check(items: Sequence[bytes], body: bytes, index: int, *, of_lines: bool) -> None:
    """Raises Malformed where the item at `index` of the body, which is no event, is not even JSON.

    A broken NDJSON line most often means that the transfer was cut off: the whole body is refused, and nothing of it
    kept.
    """
    try:
        _anything.decode(items[index])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        place = f"line {_line_number(body, index)}" if of_lines else "the body"
        raise Malformed(f"{place} is not JSON: {error}; nothing of the body was accepted") from error


def _line_number(body: bytes, index: int) -> int:
    """Empty lines have been left out of the items, but count."""
    return [number for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()][index]
