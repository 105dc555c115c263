"""The composition root of actions: settings -> resources -> app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.actions.api import router
from services.actions.models import Outbox as OutboxTable
from services.actions.reminders import Policy
from services.actions.reminding import Reminding
from services.actions.settings import Settings
from services.actions.store import Store
from shared import logs
from shared.clock import Clock
from shared.database import Database
from shared.kafka import Publisher
from shared.loops import Loop
from shared.migrations import migrate
from shared.outbox import Outbox, Relay
from shared.security import verifier
from shared.tasks import background
from shared.web import authenticated, make_app

MIGRATIONS = Path(__file__).parent / "migrations"


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app; `settings` come from the environment unless given."""
    settings, clock = settings or Settings(), clock or Clock()
    logs.configure("actions")
    database = Database(settings.database_url)
    publisher = Publisher(settings.kafka, "actions", timeout_seconds=5)
    relay = Loop("relay", Relay(database, OutboxTable, publisher, "actions", clock).step, settings.relay_seconds)
    store = Store(database, Outbox(OutboxTable, "actions", clock, relay.wake), clock, settings.public_url)
    policy = Policy(settings.due_days_before, settings.overdue_every_days)
    reminding = Reminding(store, policy, clock)
    evaluation = Loop("reminders", reminding.step, settings.evaluate_seconds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as resources:
            resources.callback(database.close)
            await asyncio.to_thread(migrate, database, MIGRATIONS, "actions")
            await publisher.start()
            resources.push_async_callback(publisher.stop)
            await resources.enter_async_context(background(relay.run(), "relay"))
            await resources.enter_async_context(background(evaluation.run(), "reminders"))
            yield

    async def database_ready() -> str | None:
        return await asyncio.to_thread(database.ready)

    app = make_app(
        "actions",
        summary="Boards, meetings and actions; who is late with what, told in time.",
        lifespan=lifespan,
        checks={
            "database": database_ready,
            "kafka": publisher.ready,
            "relay": relay.ready,
            "reminders": evaluation.ready,
        },
    )
    principal = authenticated(verifier(settings.tokens_file, settings.identity))
    app.include_router(router(store, reminding, principal, clock))
    return app
