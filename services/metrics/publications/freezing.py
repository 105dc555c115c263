"""Freezing a table: what it answers now, with what is said of its release, as one document that is kept."""

import asyncio
import hashlib
import secrets
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from services.metrics.params import Day, refused
from services.metrics.periods import FIRST_DAY, LAST_DAY
from services.metrics.publications.document import Frozen, Status, encoded
from services.metrics.publications.embargo import Release, release
from services.metrics.publications.store import Kept, Publications
from services.metrics.tables import Tables
from services.metrics.tables.answers import Answer
from services.metrics.tables.api import named
from services.metrics.tables.asked import Asked, Asking, TableInBody
from services.metrics.tables.cells import is_figure, lines
from services.metrics.tables.declarations import Table
from shared.clock import Clock
from shared.errors import Conflict, NotFound
from shared.names import Id, Line
from shared.security import Principal

_FIRST, _LAST = (datetime.combine(day, time(12), UTC) for day in (FIRST_DAY, LAST_DAY))


class PublicationCreate(TableInBody):
    """What is asked for: a table as GET /v1/tables/{id} takes it, its status, and when it is released."""

    status: Status = Field(description="'final' only once all of its days are over")
    release_on: Annotated[
        Day | None, Field(description="released on this day, at the calendar's time; today and at once unless given")
    ] = None
    embargo_until: Annotated[
        AwareDatetime | None,
        Field(ge=_FIRST, le=_LAST, description="another moment of the release day, with its offset from UTC"),
    ] = None
    note: Line = Field(default="", description="shown with the publication, once it is released")
    id: Id | None = Field(
        default=None, description="made of table and end unless given; with one, repeating makes no other"
    )


class Freezing:
    """Freezes tables as they are asked for, and says what has become of frozen ones."""

    def __init__(self, tables: Tables, asking: Asking, store: Publications, clock: Clock, released_at: time) -> None:
        self._tables, self._asking, self._store = tables, asking, store
        self._clock, self._released_at = clock, released_at

    async def freeze(self, asked: PublicationCreate, caller: Principal) -> tuple[Kept, bool]:
        """The publication, and whether it is new: the same request with the same id makes none twice.

        Raises Invalid naming the field, Conflict for an id that another request has used, Forbidden for a dataset that
        is not the caller's.
        """
        fingerprint = hashlib.sha256(asked.model_dump_json(exclude_none=True).encode()).hexdigest()
        if asked.id and (known := await asyncio.to_thread(self._store.known, asked.id, fingerprint)):
            return known, False
        table = self.table(asked.table)
        chosen = await self._asking.resolve(table, asked.query)
        caller.require_datasets([chosen.dataset])
        _refuse_unfinished(chosen, asked.status, self._clock.today())
        answer = await self._tables.fill(table, *chosen)
        now = self._clock.now()  # once its figures are read, so that none is of later than it says
        freed = release(asked.release_on, asked.embargo_until, now, self._released_at)
        frozen = _frozen(answer, asked, freed, now, caller)
        return await asyncio.to_thread(self._store.keep, frozen, encoded(frozen), fingerprint)

    async def today(self, frozen: Frozen) -> dict[str, Any]:
        """What the frozen table answers today; Conflict where the table is declared no longer."""
        try:
            table = named(self._tables, frozen.table)
        except NotFound as error:
            message = f"the table {frozen.table!r} is declared no longer: nothing stands beside what was frozen"
            raise Conflict(message) from error
        # Asked for as it was frozen: that its days lie before today's data is no refusal, but what there is to say.
        area = self._asking.area(table, frozen.area)
        return (await self._tables.fill(table, frozen.dataset, frozen.end, area)).json()

    def table(self, table_id: str) -> Table:
        """The declared table; raises Invalid, naming the nearest."""
        try:
            return named(self._tables, table_id)
        except NotFound as error:
            raise refused("table", error.detail) from error


def _refuse_unfinished(asked: Asked, status: Status, today: date) -> None:
    if asked.end > today:
        raise refused("end", f"{asked.end} is not here yet; a table is published up to today, {today}, at most")
    if status == "final" and asked.end == today:
        raise refused("status", f"{asked.end} is not over: 'provisional' until then")


def _frozen(answer: Answer, asked: PublicationCreate, freed: Release, now: datetime, caller: Principal) -> Frozen:
    content = answer.json()
    if not any(is_figure(value) for line in lines(content["rows"]) for value in line.values()):
        raise refused("table", f"{answer.table.id!r} holds no figure of {answer.dataset!r} to {answer.end}")
    return Frozen(
        id=asked.id or f"{answer.table.id}-{answer.end}-{secrets.token_hex(4)}",
        table=answer.table.id,
        title=answer.table.title,
        area=answer.scope.area.id,
        area_name=answer.scope.area.name,
        dataset=answer.dataset,
        end=answer.end,
        status=asked.status,
        note=asked.note,
        release_on=freed.on,
        embargo_until=freed.embargo_until,
        frozen_at=now,
        published_by=caller.source,
        columns={section.id: [asdict(each) for each in part.columns] for section, part in answer.sections()},
        content=content,
    )
