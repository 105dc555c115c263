"""Ingest's composition root: settings -> resources -> app."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.ingest import contracts
from services.ingest import reference as reference_routes
from services.ingest.api import lanes, posts, router
from services.ingest.backlog import Backlog
from services.ingest.door import Door
from services.ingest.express import Express
from services.ingest.idempotency import Answers
from services.ingest.intake import Intake
from services.ingest.limits import Limited, Meter
from services.ingest.openapi import add_schemas
from services.ingest.quotas import quotas_of
from services.ingest.replays import Replays
from services.ingest.settings import Settings
from services.ingest.telemetry import HELD
from shared import collector, logs
from shared.clock import Clock
from shared.events import topics
from shared.kafka import Grouping, GroupProgress, Publisher
from shared.reference import reference
from shared.room import Room
from shared.security import verifier
from shared.tasks import background
from shared.web import authenticated, make_app


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app; `settings` come from the environment unless given."""
    settings = settings or Settings()
    logs.configure("ingest")
    publisher = Publisher(
        settings.kafka,
        "ingest",
        timeout_seconds=settings.publish_timeout_seconds,
        patience_seconds=settings.answer_seconds,
    )
    grouping = Grouping(publisher, most_bytes=settings.max_held_bytes, patience_seconds=settings.answer_seconds)
    room = Room(settings.max_bodies_bytes)
    for what, holder in (("bodies", room), ("groups", grouping)):
        HELD.labels(what).set_function(partial(getattr, holder, "held_bytes"))
    progress = GroupProgress(settings.kafka, settings.metrics_group) if settings.volatile_broker else None
    under_way = partial(getattr, grouping, "held_bytes")
    backlog = Backlog(progress, topics.RECORD_TOPICS, settings.max_unapplied_bytes, under_way) if progress else None

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as resources:
            await publisher.start()
            resources.push_async_callback(publisher.stop)
            resources.push_async_callback(grouping.stop)
            if progress and backlog:
                resources.push_async_callback(progress.stop)
                await resources.enter_async_context(background(backlog.run(), "backlog"))
            collector.settle()
            yield

    tokens = verifier(settings.tokens_file, settings.identity)
    principal = authenticated(tokens)
    intake = Intake(publisher, grouping, backlog, reference(), clock or Clock())
    posted = posts(intake, principal, settings.max_events)
    answers = Answers(settings.idempotency_seconds, settings.idempotency_bytes)
    meter = Meter(quotas_of(settings.quotas))
    limits = [Middleware(Limited, meter=meter, principal=principal, paths=posted.keys())] if settings.quotas else []
    app = make_app(
        "ingest",
        summary="Accepts crimes, calls, stops, indicators and published counts, and publishes them to Kafka.",
        lifespan=lifespan,
        checks={"kafka": publisher.ready, **({"backlog": backlog.ready} if backlog else {})},
        max_body_bytes=settings.max_body_bytes,
        body_seconds=settings.body_seconds,
        room=room,
        inside=[
            *limits,
            Middleware(Replays, answers=answers, principal=principal, paths=posted.keys()),
            Middleware(Door, posts=posted),
        ],
    )
    app.add_middleware(
        Express,
        lanes=lanes(),
        intake=intake,
        tokens=tokens,
        is_metered=meter.of,
        room=room,
        max_body_bytes=settings.max_body_bytes,
        max_events=settings.max_events,
    )
    app.include_router(router(posted))
    app.include_router(contracts.router())
    app.include_router(reference_routes.router(reference()))
    add_schemas(app)
    return app
