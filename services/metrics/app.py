"""Metrics' composition root: settings -> resources -> app."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.metrics import api, pages
from services.metrics.charts import pages as charts_pages
from services.metrics.consumer import KINDS, layouts, readers, reading
from services.metrics.gauges import Gauges
from services.metrics.params import Params
from services.metrics.projector import Projector
from services.metrics.publications import Freezing, Publications, Punctuality, read_calendar
from services.metrics.publications import api as publications_api
from services.metrics.publications import pages as publications_pages
from services.metrics.queries import Queries
from services.metrics.reconciliations import api as reconciliations_api
from services.metrics.remembered import Remembered
from services.metrics.resting import Pace
from services.metrics.rules import read_rules
from services.metrics.settings import Settings
from services.metrics.store import Incidents, Projection, Reader, connect
from services.metrics.suppression import Rule, Suppression
from services.metrics.tables import Tables
from services.metrics.tables.asked import Asking
from services.metrics.watch import Watch
from shared import collector, logs
from shared.clock import Clock
from shared.database import Database
from shared.errors import Unavailable
from shared.kafka import Consumer, DeadLetters, Limit, Publisher
from shared.migrations import migrate
from shared.reference import Reference, reference_with
from shared.reference.register import read_register
from shared.security import verifier
from shared.tasks import background
from shared.web import authenticated, make_app

MIGRATIONS = Path(__file__).parent / "migrations"
# A process that has missed as many looks at the counts has its turn to evaluate alert rules taken over.
_LOOKS_BELIEVED = 5


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app; `settings` come from the environment unless given."""
    settings, clock = settings or Settings(), clock or Clock()
    known = reference_with(settings.measures_file)
    logs.configure("metrics")
    redis, database = connect(settings.redis_url), Database(settings.database_url)
    by_topic = layouts(known)
    projection, reader = Projection(redis, clock), Reader(redis, by_topic)
    suppression = Suppression(known, Rule(settings.suppress_below, settings.suppress_period))
    queries = Queries(reader, clock, known, read_register(known, settings.register_file), suppression)
    tables = Tables(queries, known, reader)
    publisher = Publisher(settings.kafka, "metrics")
    limit = Limit(settings.dead_letters_most, settings.dead_letters_within)
    dead_letters = DeadLetters(publisher, settings.group, clock, limit)
    projector = Projector(projection, readers(known), dead_letters, clock)
    rules_text = settings.rules_file or files("services.metrics.rules") / "rules.toml"
    watch = Watch(
        read_rules(rules_text.read_text(encoding="utf-8"), known),
        queries,
        Incidents(redis, believed_seconds=max(2, _LOOKS_BELIEVED * settings.rules_seconds)),
        publisher,
        known,
        clock,
        settings.public_url,
        Pace(
            settings.rules_seconds,
            caught_up=lambda: consumer.ready() is None and consumer.caught_up(),
            applied=lambda: projector.applied,
        ),
    )
    consumer = Consumer(
        settings.kafka,
        settings.group,
        KINDS,
        projector.apply,
        positions=projector,
        exclusive=settings.volatile_broker,
        reading=reading(settings.batch_records),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as resources:
            resources.push_async_callback(redis.aclose)
            resources.callback(database.close)
            await asyncio.to_thread(migrate, database, MIGRATIONS, "metrics")
            await publisher.start()
            resources.push_async_callback(publisher.stop)
            await resources.enter_async_context(background(consumer.run(), "consumer"))
            await resources.enter_async_context(background(watch.run(Gauges(queries, known).refresh), "watch"))
            collector.settle()
            yield

    async def redis_answers() -> str | None:
        try:
            await projection.ping()
        except Unavailable as error:
            return error.detail
        return None

    async def database_answers() -> str | None:
        return await asyncio.to_thread(database.ready)

    async def consumer_reads() -> str | None:
        return consumer.ready()

    async def counts_and_day() -> Hashable:
        return await reader.version(), clock.today()

    app = make_app(
        "metrics",
        summary="Counts and compares recorded crime, calls, stops and indicators.",
        lifespan=lifespan,
        checks={
            "redis": redis_answers,
            "database": database_answers,
            "kafka": publisher.ready,
            "consumer": consumer_reads,
        },
        # Whether a publication may be seen changes with time and with who asks, whatever is counted.
        inside=[Middleware(Remembered, version=counts_and_day, beside=("/v1/publications", "/v1/releases"))],
    )
    app.include_router(api.router(known, queries, tables, settings.public_url))
    app.include_router(pages.router(known, queries, tables))
    app.include_router(charts_pages.router(known, queries))
    _include_publications(app, settings, database, queries, tables, known, clock)
    return app


def _include_publications(
    app: FastAPI,
    settings: Settings,
    database: Database,
    queries: Queries,
    tables: Tables,
    known: Reference,
    clock: Clock,
) -> None:
    text = settings.calendar_file or files("services.metrics.publications") / "calendar.toml"
    calendar = read_calendar(text.read_text(encoding="utf-8"), [table.id for table in tables.declared])
    kept, asking = Publications(database, clock), Asking(Params(known, queries), tables)
    freezing = Freezing(tables, asking, kept, clock, calendar.released_at)
    punctuality = Punctuality(calendar, kept, clock)
    principal = authenticated(verifier(settings.tokens_file, settings.identity, clock))
    app.include_router(publications_api.router(kept, freezing, punctuality, principal, clock))
    app.include_router(publications_pages.router(kept, freezing, punctuality, clock))
    app.include_router(reconciliations_api.router(tables, asking, known))
