"""Names of records' states: a digest of the record's key, which begins with the shard that its state lies in."""

from collections.abc import Iterable

import numpy as np
from xxhash import xxh3_128_digest

from services.metrics.rows import Array

SHARD_BYTES, FIELD_BYTES = 2, 8
NAME_BYTES = SHARD_BYTES + FIELD_BYTES
SHARDS = 16_384
"""Small hashes a partition, which Redis keeps as listpacks up to 512 records each: 8 million records a partition."""


def names(keys: Iterable[bytes]) -> bytes:
    """The names of the records with these keys, NAME_BYTES each, end to end.

    78 bits of them tell records apart: a hundred million records collide once in fifty million logs.
    """
    digests: Array = (
        np.frombuffer(b"".join(map(xxh3_128_digest, keys)), np.uint8).reshape(-1, 16)[:, :NAME_BYTES].copy()
    )
    digests[:, 0] &= (SHARDS - 1) >> 8
    return digests.tobytes()
