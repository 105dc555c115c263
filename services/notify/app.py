"""The composition root of notify: settings -> resources -> app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.notify import api, pages
from services.notify.attempts import Patience
from services.notify.consumer import TOPICS, entering
from services.notify.delivery import Delivery
from services.notify.models import Outbox as OutboxTable
from services.notify.sender import AppriseSender, Sends
from services.notify.settings import Settings
from services.notify.store import Directory, Ledger
from shared import logs
from shared.clock import Clock
from shared.database import Database
from shared.kafka import Consumer, DeadLetters, Limit, Publisher
from shared.loops import Loop
from shared.migrations import migrate
from shared.outbox import Outbox, Relay
from shared.security import verifier
from shared.tasks import background
from shared.web import authenticated, make_app

MIGRATIONS = Path(__file__).parent / "migrations"


def create_app(settings: Settings | None = None, clock: Clock | None = None, sender: Sends | None = None) -> FastAPI:
    """The ASGI app; `settings` come from the environment unless given."""
    settings, clock = settings or Settings(), clock or Clock()
    logs.configure("notify")
    database = Database(settings.database_url)
    publisher = Publisher(settings.kafka, "notify", timeout_seconds=5)
    relay = Loop("relay", Relay(database, OutboxTable, publisher, "notify", clock).step, settings.relay_seconds)
    directory, ledger = Directory(database, clock), _ledger(settings, database, relay, clock)
    delivery = Delivery(
        ledger, sender or AppriseSender(), settings.mail_server, settings.public_url, settings.sends_at_once
    )
    deliveries = Loop("deliveries", delivery.step, settings.deliver_seconds)
    limit = Limit(settings.dead_letters_most, settings.dead_letters_within)
    apply = entering(ledger, DeadLetters(publisher, settings.group, clock, limit), deliveries.wake)
    consumer = Consumer(settings.kafka, settings.group, TOPICS, apply, exclusive=settings.volatile_broker)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as resources:
            resources.callback(database.close)
            await asyncio.to_thread(migrate, database, MIGRATIONS, "notify")
            await publisher.start()
            resources.push_async_callback(publisher.stop)
            await resources.enter_async_context(background(relay.run(), "relay"))
            await resources.enter_async_context(background(deliveries.run(), "deliveries"))
            await resources.enter_async_context(background(consumer.run(), "consumer"))
            yield

    async def database_ready() -> str | None:
        return await asyncio.to_thread(database.ready)

    async def consumer_ready() -> str | None:
        return consumer.ready()

    app = make_app(
        "notify",
        summary="Tells each owner of alerts and of actions that are due, once, and keeps the proof.",
        lifespan=lifespan,
        checks={
            "database": database_ready,
            "kafka": publisher.ready,
            "consumer": consumer_ready,
            "deliveries": deliveries.ready,
            "relay": relay.ready,
        },
    )
    principal = authenticated(verifier(settings.tokens_file, settings.identity))
    app.include_router(api.router(directory, ledger, settings.mail_server, principal, clock))
    app.include_router(pages.router(ledger))
    return app


def _ledger(settings: Settings, database: Database, relay: Loop, clock: Clock) -> Ledger:
    patience = Patience(settings.max_attempts, settings.first_pause_seconds, settings.longest_pause_seconds)
    outbox = Outbox(OutboxTable, "notify", clock, relay.wake)
    return Ledger(database, outbox, clock, patience, settings.lease_seconds)
