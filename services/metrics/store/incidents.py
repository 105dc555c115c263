"""What each alert rule's state was when it was last told: the memory that makes an alert come once."""

from datetime import datetime
from typing import Any

import msgspec
from redis.asyncio import Redis

from services.metrics.rules import Incident
from services.metrics.store import keys
from services.metrics.store.connection import translated

_decoder = msgspec.json.Decoder(Incident)


class Incidents:
    """The incidents by rule and dataset. Raises Unavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def all(self) -> dict[str, Incident]:
        """Every incident by its rule's name in that dataset."""
        with translated():
            found: dict[Any, Any] = await self._redis.hgetall(keys.RULES)
        return {name.decode(): _decoder.decode(text) for name, text in found.items()}

    async def series(self, now: datetime) -> str:
        """When this memory began: `now`, the first time it is asked."""
        with translated():
            await self._redis.set(keys.RULES_SERIES, f"{now:%Y%m%dT%H%M%S}", nx=True)
            found: Any = await self._redis.get(keys.RULES_SERIES)
        return str(found.decode())

    async def keep(self, name: str, incident: Incident) -> None:
        """Remember what has been told; call it only after Kafka has acknowledged the telling."""
        with translated():
            await self._redis.hset(keys.RULES, name, msgspec.json.encode(incident).decode())
