"""A record's stored state: its revision and what it contributed, so that a later revision can take it back."""

import struct
from hashlib import blake2b
from typing import NamedTuple

from services.metrics.facts import Contribution

DIGEST_BYTES = 10
_REVISION = struct.Struct("<Q")
_CONTRIBUTION = struct.Struct("<HBIB")


class State(NamedTuple):
    """`revision` is the highest applied; `contributions` are what that revision counts for."""

    revision: int
    contributions: list[Contribution]


def digest(key: bytes) -> bytes:
    """The name of a record's state. At 80 bits, a hundred million records collide once in two hundred million logs."""
    return blake2b(key, digest_size=DIGEST_BYTES).digest()


def pack(state: State) -> bytes:
    parts = [_REVISION.pack(state.revision)]
    for day, area, weight, measures in state.contributions:
        parts += _CONTRIBUTION.pack(day, area, weight, len(measures)), measures
    return b"".join(parts)


def unpack(data: bytes) -> State:
    (revision,) = _REVISION.unpack_from(data)
    contributions, at = [], _REVISION.size
    while at < len(data):
        day, area, weight, length = _CONTRIBUTION.unpack_from(data, at)
        at += _CONTRIBUTION.size
        contributions.append(Contribution(day, area, weight, data[at : at + length]))
        at += length
    return State(revision, contributions)
