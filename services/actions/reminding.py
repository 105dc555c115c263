"""Giving reminders: on request for any day, and by itself for today."""

import asyncio
from datetime import date

from pydantic import BaseModel

from services.actions.reminders import Policy
from services.actions.store import Store
from services.actions.telemetry import REMINDERS, show_overdue
from shared.clock import Clock


class RemindersGiven(BaseModel):
    """The event ids of the reminders that were given now; none of them had been given before."""

    on: date
    due: list[str]
    overdue: list[str]


class Reminding:
    """Evaluates the rules. Whoever calls, and however often: a reminder is given once."""

    def __init__(self, store: Store, policy: Policy, clock: Clock) -> None:
        self._store, self._policy, self._clock = store, policy, clock

    def give(self, day: date) -> RemindersGiven:
        """Give what is called for as of `day`."""
        fresh = self._store.remind(day, self._policy)
        for each in fresh:
            REMINDERS.labels(each.kind).inc()
        by_kind = {kind: [each.event_id for each in fresh if each.kind == kind] for kind in ("due", "overdue")}
        return RemindersGiven(on=day, due=by_kind["due"], overdue=by_kind["overdue"])

    async def step(self) -> bool:
        """One round of a Loop: give today's, and show what is overdue."""
        await asyncio.to_thread(self._today)
        return False

    def _today(self) -> None:
        today = self._clock.today()
        self.give(today)
        show_overdue(self._store.count_overdue(today))
