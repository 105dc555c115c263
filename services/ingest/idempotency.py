"""What was answered to requests that carry an `Idempotency-Key`, so that a repeat is answered the same. Pure.

Nothing that is accepted rests on it: a record that is posted again, with or without a key, changes nothing.
"""

import re
from collections import OrderedDict, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from shared.errors import Conflict, FieldError, Invalid, Malformed

HEADER = "Idempotency-Key"
_BARE = r"[\x21\x23-\x5b\x5d-\x7e]{1,255}"
PATTERN = f'^({_BARE}|"{_BARE}")$'
_KEY = re.compile(rf'("?)({_BARE})\1')
_OVERHEAD_BYTES = 1024
"""About what an entry takes in memory beside its answer."""


def key_of(value: str) -> str:
    """The key in a header's value, quoted (as the IETF's draft has it) or bare; raises Malformed for any other."""
    match = _KEY.fullmatch(value.strip())
    if match is None:
        raise Malformed(f"{HEADER} must be 1 to 255 visible ASCII characters other than double quote and backslash")
    return match[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: a status, a content type and a body."""

    status: int
    content_type: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: bytes
    answer: Answer
    until: float

    def size(self) -> int:
        return _OVERHEAD_BYTES + len(self.answer.body)


class Answers:
    """Answers by owner and key, each kept `keep_seconds`; of one owner at most `owner_bytes`, the oldest going first.

    Owners do not displace each other's. Requests that are under way are always known.
    """

    def __init__(self, keep_seconds: float, owner_bytes: int) -> None:
        self._keep, self._most = keep_seconds, owner_bytes
        self._under_way: dict[tuple[str, Hashable], bytes] = {}
        self._kept: dict[str, OrderedDict[Hashable, _Kept]] = defaultdict(OrderedDict)
        self._sizes: dict[str, int] = defaultdict(int)

    def begin(self, owner: str, key: Hashable, fingerprint: bytes, now: float) -> Answer | None:
        """The answer that this request got before; None where it is now to be answered, and `end` then called.

        Raises Invalid where the key came with another request, Conflict while the first is under way.
        """
        if first := self._under_way.get((owner, key)):
            _check(first, fingerprint)
            raise Conflict(f"a request with this {HEADER} is under way; come back later", headers={"Retry-After": "1"})
        self._make_room(owner, 0, now)
        if kept := self._kept[owner].get(key):
            _check(kept.fingerprint, fingerprint)
            return kept.answer
        self._under_way[owner, key] = fingerprint
        return None

    def end(self, owner: str, key: Hashable, answer: Answer | None, now: float) -> None:
        """The request that began is answered; None where its answer is not to be kept."""
        fingerprint = self._under_way.pop((owner, key))
        kept = _Kept(fingerprint, answer, now + self._keep) if answer else None
        if kept and kept.size() <= self._most:
            self._make_room(owner, kept.size(), now)
            self._kept[owner][key] = kept
            self._sizes[owner] += kept.size()

    def size(self, owner: str) -> int:
        """About how many bytes an owner's answers take."""
        return self._sizes[owner]

    def _make_room(self, owner: str, needed: int, now: float) -> None:
        """Forget what is too old, and the oldest until there is room for `needed` bytes."""
        kept = self._kept[owner]
        while kept and (next(iter(kept.values())).until <= now or self._sizes[owner] + needed > self._most):
            self._sizes[owner] -= kept.popitem(last=False)[1].size()


def _check(first: bytes, fingerprint: bytes) -> None:
    if first != fingerprint:
        message = "was sent with another request before; send a key of its own with each request"
        raise Invalid(f"this {HEADER} {message}", errors=[FieldError(HEADER, message)])
