"""Metrics' composition root: settings -> resources -> app."""

from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.metrics import api, pages
from services.metrics.consumer import KINDS, layouts, projecting, readers, reading
from services.metrics.gauges import Gauges
from services.metrics.projector import Projector
from services.metrics.queries import Queries
from services.metrics.remembered import Remembered
from services.metrics.rules import read_rules
from services.metrics.settings import Settings
from services.metrics.store import Incidents, Projection, Reader, connect
from services.metrics.tables import Tables
from services.metrics.watch import Pace, Watch
from shared import collector, logs
from shared.clock import Clock
from shared.errors import Unavailable
from shared.kafka import Consumer, DeadLetters, Limit, Publisher
from shared.reference import reference_with
from shared.tasks import background
from shared.web import make_app


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app; `settings` come from the environment unless given."""
    settings, clock = settings or Settings(), clock or Clock()
    known = reference_with(settings.measures_file)
    logs.configure("metrics")
    redis = connect(settings.redis_url)
    by_topic = layouts(known)
    projection, reader = Projection(redis, clock), Reader(redis, by_topic)
    queries = Queries(reader, clock, known)
    tables = Tables(queries, known, reader)
    publisher = Publisher(settings.kafka, "metrics")
    limit = Limit(settings.dead_letters_most, settings.dead_letters_within)
    dead_letters = DeadLetters(publisher, settings.group, clock, limit)
    projector = Projector(projection, readers(known), dead_letters, clock)
    rules_text = settings.rules_file or files("services.metrics") / "rules.toml"
    watch = Watch(
        read_rules(rules_text.read_text(encoding="utf-8"), known),
        queries,
        Incidents(redis),
        publisher,
        known,
        clock,
        settings.public_url,
        Pace(settings.rules_seconds, lambda: consumer.caught_up()),  # noqa: PLW0108 - it is made further down
    )
    consumer = Consumer(
        settings.kafka,
        settings.group,
        KINDS,
        projecting(projector, watch.counts_changed),
        positions=projector,
        exclusive=settings.volatile_broker,
        reading=reading(settings.batch_records),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as resources:
            resources.push_async_callback(redis.aclose)
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

    async def consumer_reads() -> str | None:
        return consumer.ready()

    async def counts_and_day() -> Hashable:
        return await reader.version(), clock.today()

    app = make_app(
        "metrics",
        summary="Counts and compares recorded crime, calls, stops and indicators.",
        lifespan=lifespan,
        checks={"redis": redis_answers, "kafka": publisher.ready, "consumer": consumer_reads},
        inside=[Middleware(Remembered, version=counts_and_day)],
    )
    app.include_router(api.router(known, queries, tables))
    app.include_router(pages.router(known, queries, tables))
    return app
