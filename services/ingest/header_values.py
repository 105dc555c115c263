"""CloudEvents attributes in HTTP headers: quoted, percent-encoded, or as they are. Pure: one header's value to text."""

import re
from urllib.parse import unquote_to_bytes

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PRINTABLE = re.compile(r"[\x20-\x7e\t]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
NOT_PLAIN = "must not contain control characters"


def text_of(value: str) -> str:
    """The attribute that a `ce-` header's value encodes, by the CloudEvents HTTP binding 1.0.2, section 3.1.3.2.

    Double quotes, which older senders used, are taken off first; then percent-decoding is done once. Raises
    ValueError, which says what would be right, where that cannot be done or ends in no UTF-8.
    """
    if not _PRINTABLE.fullmatch(value):
        raise ValueError("holds a character that a header cannot; percent-encode its UTF-8")
    text = _unquoted(value) if '"' in value else value
    if "%" not in text:
        return text
    if _STRAY.search(text):
        raise ValueError("holds a % without two hexadecimal digits; write %25 for a %")
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise ValueError("its percent-encoded bytes are not UTF-8") from None
    if not is_plain(decoded):
        raise ValueError(NOT_PLAIN)
    return decoded


def is_plain(text: str) -> bool:
    """Whether an attribute is without control characters, which CloudEvents does not allow in any mode."""
    return text.isprintable() or not _CONTROL.search(text)  # the first is quick, and says no to a little more


def _unquoted(value: str) -> str:
    if '"' in _QUOTED.sub("", value):
        raise ValueError("a double quote is not closed; write %22 for a double quote")
    return _QUOTED.sub(lambda match: _ESCAPED.sub(r"\1", match[1]), value)
