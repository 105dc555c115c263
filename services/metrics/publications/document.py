"""A publication as it is frozen: one JSON document, kept byte by byte, and its hash. Pure."""

import hashlib
from base64 import b64encode
from datetime import UTC, date, datetime
from typing import Any, Literal

import msgspec

from shared.errors import OversightError

Status = Literal["provisional", "final"]
_ALGORITHM = "sha256"


class Altered(OversightError):
    """What is kept is not what was frozen."""

    title = "Publication altered"


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a reader of a publication may rely on; the hash is over all of it.

    `content` is the table's answer as it stood at `frozen_at`; `columns` say, by section, how its columns are shown.
    """

    format: Literal[1] = 1
    id: str
    table: str
    title: str
    area: str
    area_name: str
    dataset: str
    end: date
    status: Status
    note: str
    release_on: date
    embargo_until: datetime
    frozen_at: datetime
    published_by: str
    columns: dict[str, list[dict[str, Any]]]
    content: dict[str, Any]

    def is_released(self, now: datetime) -> bool:
        return self.embargo_until <= now


def encoded(frozen: Frozen) -> bytes:
    """The document's bytes; its rows keep the order of their members, which is that of the columns of a CSV."""
    return msgspec.json.encode(frozen)


def hash_of(document: bytes) -> str:
    """`sha256:` and the digest in hexadecimal."""
    return f"{_ALGORITHM}:{hashlib.sha256(document).hexdigest()}"


def digest_field(document: bytes) -> str:
    """The digest as the header Repr-Digest has it (RFC 9530)."""
    return f"sha-256=:{b64encode(hashlib.sha256(document).digest()).decode()}:"


def opened(document: bytes, hash_: str) -> Frozen:
    """The publication of these bytes; raises Altered if they are not those that the hash was made of."""
    if hash_of(document) != hash_:
        raise Altered("a publication is no longer what was frozen: its bytes do not have its hash; see the runbook")
    return msgspec.json.decode(document, type=Frozen)


def described(frozen: Frozen, hash_: str, now: datetime) -> dict[str, Any]:
    """What is said of a publication, without its content; `released` as of now."""
    return {
        "id": frozen.id,
        "table": frozen.table,
        "title": frozen.title,
        "area": frozen.area,
        "dataset": frozen.dataset,
        "end": frozen.end.isoformat(),
        "status": frozen.status,
        "release_on": frozen.release_on.isoformat(),
        "embargo_until": moment(frozen.embargo_until),
        "released": frozen.is_released(now),
        "frozen_at": moment(frozen.frozen_at),
        "hash": hash_,
    }


def moment(at: datetime) -> str:
    """`2017-07-31T08:30:00Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
