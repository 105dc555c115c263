"""The least that a table can cost: month roll-ups of just its cells, read with one MGET and summed with numpy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from redis.asyncio import Redis

from parts.constructed import Crimes, months_of

MONTHS = 24
_PREFIX = "bench:month:"


class RollUps:
    """A string a month, `areas` by `columns` 32-bit counts: those of the published rows, over again until full."""

    def __init__(self, redis: Redis, areas: int, columns: int) -> None:
        self._redis, self._shape = redis, (areas, columns)
        self._keys = [f"{_PREFIX}{month}" for month in range(MONTHS)]

    async def write(self, crimes: Crimes) -> None:
        months, cells = months_of(crimes.days), [counted for _, counted in crimes.rows()]
        areas, columns = self._shape
        for month, key in enumerate(self._keys):
            counts = [
                np.bincount(crimes.areas[counted & (months == month)], minlength=len(crimes.area_ids))[:areas]
                for counted in cells
            ]
            matrix = np.stack([counts[column % len(counts)] for column in range(columns)], axis=1)
            await self._redis.set(key, matrix.astype("<u4").tobytes())

    async def table(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The current year's counts, the year before's, and the change: areas by columns."""
        found: list[Any] = await self._redis.mget(self._keys)
        months = np.frombuffer(b"".join(found), dtype="<u4").reshape(MONTHS, *self._shape).astype(np.int64)
        before, current = months[: MONTHS // 2].sum(axis=0), months[MONTHS // 2 :].sum(axis=0)
        return current, before, current - before
