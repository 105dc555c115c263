"""What was answered to requests that carry an `Idempotency-Key`, so that a repeat is answered the same. Pure.

Nothing that is accepted rests on it: a record that is posted again, with or without a key, changes nothing.
"""

import re
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from shared.errors import Conflict, FieldError, Invalid, Malformed

HEADER = "Idempotency-Key"
_BARE = r"[\x21\x23-\x5b\x5d-\x7e]{1,255}"
PATTERN = f'^({_BARE}|"{_BARE}")$'
_KEY = re.compile(rf'("?)({_BARE})\1')
_OVERHEAD_BYTES = 1024
"""About what an entry takes in memory beside its answer."""
_FULL_OWNERS = 16
"""So many owners may have as much as one may; what is more is taken from whoever has most."""


def key_of(values: Sequence[str]) -> str:
    """The key in the only value, quoted (as the IETF's draft has it) or bare; raises Malformed for any other."""
    match = _KEY.fullmatch(values[0].strip())
    if len(values) > 1:
        raise Malformed(f"{HEADER} stands more than once; send it once")
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

    All of them together have at most 16 times as much: beyond that, whoever has most loses the oldest. So no owner
    displaces those of one that has less. Requests that are under way are always known.
    """

    def __init__(self, keep_seconds: float, owner_bytes: int) -> None:
        self._keep, self._most = keep_seconds, owner_bytes
        self._under_way: dict[tuple[str, Hashable], bytes] = {}
        self._kept: dict[str, OrderedDict[Hashable, _Kept]] = {}
        self._sizes: dict[str, int] = {}
        self._total = 0

    def begin(self, owner: str, key: Hashable, fingerprint: bytes, now: float) -> Answer | None:
        """The answer that this request got before; None where it is now to be answered, and `end` then called.

        Raises Invalid where the key came with another request, Conflict while the first is under way.
        """
        if first := self._under_way.get((owner, key)):
            _check(first, fingerprint)
            raise Conflict(f"a request with this {HEADER} is under way; come back later", headers={"Retry-After": "1"})
        self._make_room(owner, 0, now)
        answers = self._kept.get(owner)
        if answers and (kept := answers.get(key)):
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
            self._kept.setdefault(owner, OrderedDict())[key] = kept
            self._add(owner, kept.size())

    def size(self, owner: str) -> int:
        """About how many bytes an owner's answers take."""
        return self._sizes.get(owner, 0)

    def _make_room(self, owner: str, needed: int, now: float) -> None:
        """Forget what is too old, and the oldest until there is room for `needed` bytes."""
        while kept := self._kept.get(owner):
            if next(iter(kept.values())).until > now and self._sizes[owner] + needed <= self._most:
                break
            self._forget_oldest(owner)
        while self._total + needed > self._most * _FULL_OWNERS:
            self._forget_oldest(max(self._sizes, key=self._sizes.__getitem__))

    def _forget_oldest(self, owner: str) -> None:
        _, forgotten = self._kept[owner].popitem(last=False)
        self._add(owner, -forgotten.size())
        if not self._kept[owner]:
            del self._kept[owner], self._sizes[owner]

    def _add(self, owner: str, size: int) -> None:
        self._sizes[owner] = self._sizes.get(owner, 0) + size
        self._total += size


def _check(first: bytes, fingerprint: bytes) -> None:
    if first != fingerprint:
        message = "was sent with another request before; send a key of its own with each request"
        raise Invalid(f"this {HEADER} {message}", errors=[FieldError(HEADER, message)])
