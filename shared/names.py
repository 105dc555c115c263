"""How owners are named, and the texts that every database can keep."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

# No slash and no @: an owner stands in paths and on public pages, and is a body or a role, never an address.
_OWNER = r"[^\s/@\x00-\x1f\x7f](?:[^/@\x00-\x1f\x7f]{0,78}[^\s/@\x00-\x1f\x7f])?"
_OWNER_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": f"^{_OWNER}$"}


def is_owner(name: str) -> bool:
    return bool(re.fullmatch(_OWNER, name))


def _owner(name: str) -> str:
    if not is_owner(name):
        raise ValueError("an owner is a body or a role such as MPS: up to 80 characters, without '/' and '@'")
    return name


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text must not contain the character NUL")
    return text


Owner = Annotated[str, AfterValidator(_owner), WithJsonSchema(_OWNER_SCHEMA)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_without_nul)]
Name = Annotated[Line, StringConstraints(min_length=1)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), AfterValidator(_without_nul)
]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
