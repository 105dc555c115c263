"""What each alert rule's state was when it was last decided, and who decides: the memory that makes an alert come once.

All of it is one hash, so that scripts on it stay atomic on Redis Cluster.
"""

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from secrets import token_hex
from typing import Any, NamedTuple

import msgspec
from redis.asyncio import Redis

from services.metrics.rules import Incident
from services.metrics.rules.agreeing import Fingerprints
from services.metrics.store import keys
from services.metrics.store.connection import translated

_decoder = msgspec.json.Decoder(Incident)
_fingerprints = msgspec.json.Decoder(dict[str, str])
_SCRIPTS = files("services.metrics.store") / "scripts"
_OWN = b"@"  # no rule's name begins so


class Turn(NamedTuple):
    """Whether it is this process that evaluates, and whether no process is still counting.

    `other_rules`: the fingerprints of each process that has other rules.
    """

    is_mine: bool
    all_rest: bool
    other_rules: Sequence[Fingerprints] = ()


class Incidents:
    """The incidents by their names. Raises Unavailable when Redis does not answer.

    For `believed_seconds` a process that evaluates is believed to be there after it was last heard of.
    """

    def __init__(self, redis: Redis, believed_seconds: float = 10) -> None:
        self._redis, self._process, self._believed_seconds = redis, token_hex(8), believed_seconds
        self._texts: dict[str, str] = {}
        self._take_watch = redis.register_script((_SCRIPTS / "take_watch.lua").read_text())
        self._keep_incident = redis.register_script((_SCRIPTS / "keep_incident.lua").read_text())

    async def turn(self, rules: Fingerprints, *, is_counting: bool) -> Turn:
        """Take or keep the turn to evaluate, unless another process has it; and say what this one is at."""
        own = msgspec.json.encode(rules, order="sorted").decode()
        args: list[str | int | float] = [self._process, self._believed_seconds, int(is_counting), own]
        with translated():
            mine, rested, *others = await self._take_watch(keys=[keys.RULES], args=args)
        return Turn(bool(mine), bool(rested), [_fingerprints.decode(each) for each in others])

    async def all(self) -> dict[str, Incident]:
        """Every incident by its name."""
        with translated():
            found: dict[Any, Any] = await self._redis.hgetall(keys.RULES)
        self._texts = {name.decode(): text.decode() for name, text in found.items() if not name.startswith(_OWN)}
        return {name: _decoder.decode(text) for name, text in self._texts.items()}

    async def series(self, now: datetime) -> str:
        """When this memory began: `now`, the first time it is asked."""
        with translated():
            await self._redis.set(keys.RULES_SERIES, f"{now:%Y%m%dT%H%M%S}", nx=True)
            found: Any = await self._redis.get(keys.RULES_SERIES)
        return str(found.decode())

    async def keep(self, name: str, found: Incident | None, now: Incident) -> bool:
        """Remember what an incident is now, if it stands as `found`; False where another process has decided."""
        text, known = _text(now), self._texts.get(name, "")
        if found and (not known or _decoder.decode(known) != found):
            known = _text(found)  # what is known as read may have been written by an earlier version, in other words
        with translated():
            is_kept = bool(await self._keep_incident(keys=[keys.RULES], args=[self._process, name, known, text]))
        if is_kept:
            self._texts[name] = text
        return is_kept


def _text(incident: Incident) -> str:
    return msgspec.json.encode(incident).decode()
