"""From a request's body to its JSON items: one object, an array, or NDJSON."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from itertools import islice

import msgspec
from msgspec.structs import astuple

from shared.errors import Malformed, TooLarge, UnsupportedMedia

JSON_TYPES = ("application/json", "")
NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
# Of shorter arrays the events are counted when all are found; they cannot be so many that it matters.
_LONG_BYTES = 512 * 1024
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
            found = _array.decode(text) if len(text) <= _LONG_BYTES else _first(text, most)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"the body is not JSON: {error}") from error
        check_number(len(found), most)
        return list(map(bytes, found))
    check_number(1 if text else 0, most)
    return [text]


def lines(body: bytes, most: int) -> list[bytes]:
    """The lines that are not empty; raises Malformed where none is, TooLarge above `most`. See `check`."""
    found = list(islice(filter(None, map(bytes.strip, BytesIO(body))), most + 1))
    check_number(len(found), most)
    return found


def check_number(events: int, most: int) -> None:
    """Raises Malformed for a body without events, TooLarge for one with more than `most`."""
    if not events:
        raise Malformed("the body holds no event")
    if events > most:
        raise TooLarge(f"the body holds more than {most:,} events; send it in smaller requests")


def _first(text: bytes, most: int) -> list[msgspec.Raw]:
    """The items of an array; raises TooLarge above `most`, at the first that is one too many."""
    try:
        found = astuple(_at_most(most).decode(text))
    except msgspec.ValidationError:
        check_number(most + 1, most)
        raise
    return [item for item in found if item is not msgspec.UNSET]


@cache
def _at_most(most: int) -> msgspec.json.Decoder[msgspec.Struct]:
    """Of an array with so many items. A list's length msgspec would look at when it has read all of it."""
    fields = [(f"item_{number}", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for number in range(most)]
    return msgspec.json.Decoder(msgspec.defstruct("AtMost", fields, array_like=True, forbid_unknown_fields=True))


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
