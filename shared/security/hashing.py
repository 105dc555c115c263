"""How a token's secret is kept: salted, and hashed by scrypt."""

import hashlib
import hmac

import msgspec


class Cost(msgspec.Struct, frozen=True):
    """scrypt's parameters, kept with each hash, so that they can be raised for new tokens. 16 MiB and 40 ms."""

    n: int = 2**14
    r: int = 8
    p: int = 1


def hashed(secret: str, salt: bytes, cost: Cost) -> bytes:
    # OpenSSL's own limit is 32 MiB, which a higher cost would exceed.
    memory = 256 * cost.r * (cost.n + cost.p)
    return hashlib.scrypt(secret.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory)


def check_of(secret: str, salt: bytes) -> str:
    """16 bits of a quick hash: nearly every wrong secret is told by them alone, at no cost.

    They leave a secret of 256 random bits 240 that nobody knows, and would be too much to tell of a password.
    """
    return hashlib.sha256(salt + secret.encode()).hexdigest()[:4]


def is_hash_of(secret: str, salt: bytes, cost: Cost, kept: bytes) -> bool:
    return hmac.compare_digest(hashed(secret, salt, cost), kept)
