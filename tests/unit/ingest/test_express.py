"""What goes the express way is answered as on the whole way; what may not go it goes the whole way, untouched."""

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.middleware import Middleware

from services.ingest.api import lanes, posts, router
from services.ingest.door import Door
from services.ingest.express import Express, at_once
from services.ingest.intake import Intake
from shared.clock import Clock
from shared.errors import Unauthenticated, Unavailable
from shared.kafka import Grouping
from shared.reference import reference
from shared.room import Room
from shared.security import INGEST_SCOPES, Principal
from shared.web import PROBLEM_JSON, make_app
from tests.unit.ingest.conftest import RIGHT

MAX_BODY, MAX_EVENTS, ROOM = 20_000, 5, 100_000
GOOD = b'{"crime_id":"1","status":"recorded","recorded_on":"2017-06-01","area":"Camden","offence":"Rape"}'
AS_PUBLISHED = GOOD.replace(b"Camden", b"E09000007").replace(b"Rape", b"rape")
FOREIGN = GOOD.replace(b"}", b',"dataset":"elsewhere"}')
BODIES = {
    "good": GOOD,
    "as published": AS_PUBLISHED,
    "with blanks around": b"\n " + AS_PUBLISHED + b"\r\n",
    "array": b"[%b,%b]" % (GOOD, AS_PUBLISHED),
    "lines": b"%b\n\n%b\n" % (AS_PUBLISHED, GOOD),
    "some wrong": b'[%b,{"crime_id":"2"}]' % GOOD,
    "all wrong": b'{"crime_id":"2"}',
    "broken": GOOD[:-3],
    "broken line": b"%b\n%b" % (GOOD, GOOD[:-3]),
    "repeated member": GOOD.replace(b"{", b'{"area":"Camden",'),
    "foreign dataset": FOREIGN,
    "nothing": b"",
    "no events": b"[]",
    "too many": b"\n".join([GOOD] * (MAX_EVENTS + 1)),
    "too long": b" " * (MAX_BODY + 1),
}
CALLERS = {
    "all": Principal("met", frozenset(INGEST_SCOPES), frozenset({"live"})),
    "calls": Principal("calls-only", frozenset({"ingest:calls"})),
    "metered": Principal("metered", frozenset(INGEST_SCOPES)),
}
JSON = {"content-type": "application/json"}
LINES = {"content-type": "application/x-ndjson"}


class FakeTokens:
    """Knows the callers by name; `Bearer new` is verified only off the loop."""

    asked = 0

    def remembered(self, authorization):
        self.asked += 1
        name = (authorization or "").removeprefix("Bearer ")
        return None if name == "new" else self._known(name)

    def _known(self, name):
        if name not in CALLERS:
            raise Unauthenticated("not known here")
        return CALLERS[name]


class FakePublisher:
    """Acknowledges what it is sent, at once, unless there is a fault."""

    def __init__(self):
        self.sent, self.fault = [], None

    async def route_alike(self, topic, form, messages):
        return form.bodies(messages, topic, 4)

    async def publish_routed(self, routed):
        if self.fault:
            raise self.fault
        self.sent += [body for bodies in routed.values() for body in bodies]
        return dict.fromkeys(routed, 0)


class Ingest(SimpleNamespace):
    """The same service with the express way and without it."""

    def __init__(self):
        publisher, tokens = FakePublisher(), FakeTokens()
        grouping = Grouping(publisher, most_bytes=10**6, patience_seconds=5)
        super().__init__(publisher=publisher, tokens=tokens, grouping=grouping, whole_way=[], room=Room(ROOM))
        self.intake = Intake(publisher, grouping, None, reference(), Clock())

    def app(self, *, express):
        async def principal(request):
            return self.tokens.remembered(request.headers.get("authorization")) or CALLERS["all"]

        posted = posts(self.intake, principal, MAX_EVENTS)
        inside = [Middleware(Watched, seen=self.whole_way), Middleware(Door, posts=posted)]
        bounds = {"max_body_bytes": MAX_BODY, "body_seconds": 5}
        app = make_app("ingest", summary="", lifespan=None, checks={}, inside=inside, **bounds)
        if express:
            metered = {"metered": ["some quota"]}
            app.add_middleware(
                Express,
                lanes=lanes(),
                intake=self.intake,
                tokens=self.tokens,
                is_metered=lambda source: metered.get(source, ()),
                room=self.room,
                max_body_bytes=MAX_BODY,
                max_events=MAX_EVENTS,
            )
        app.include_router(router(posted))
        return app

    def client(self, *, express=True, whole=True):
        app = self.app(express=express)
        transport = httpx.ASGITransport(Whole(app) if whole else app)
        return httpx.AsyncClient(transport=transport, base_url="http://ingest")


class Whole:
    """As a server does where a body has come before it is asked for: all of it in one message."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        message, body = {"more_body": True}, b""
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_whole():
            return waiting.pop() if waiting else await receive()

        await self._app(scope, receive_whole, send)


class Watched:
    """Notes what comes the whole way."""

    def __init__(self, app, seen):
        self._app, self._seen = app, seen

    async def __call__(self, scope, receive, send):
        self._seen.append(scope["path"])
        await self._app(scope, receive, send)


@pytest.fixture
async def ingest():
    ingest = Ingest()
    yield ingest
    await ingest.grouping.stop()


def headers(caller="all", **more):
    return {"authorization": f"Bearer {caller}", "x-request-id": "r1", **more}


@pytest.mark.parametrize(
    "media", [JSON, LINES, {}, {"content-type": "text/plain"}, {"content-type": "Application/JSON"}]
)
@pytest.mark.parametrize("body", BODIES)
async def test_both_ways_answer_the_same_and_publish_the_same(ingest, body, media):
    answers, sent = [], []
    for express in (True, False):
        async with ingest.client(express=express) as client:
            answers.append(await client.post("/v1/crimes", content=BODIES[body], headers=headers(**media)))
        sent.append(ingest.publisher.sent[:])
        ingest.publisher.sent.clear()
    one, other = answers
    assert (one.status_code, one.content, one.headers) == (other.status_code, other.content, other.headers)
    assert sent[0] == sent[1]
    assert bool(sent[0]) == (one.status_code == 202)


@pytest.mark.parametrize("topic", RIGHT)
async def test_every_kind_of_record_goes_the_express_way(ingest, topic):
    (path,) = [path for path, lane in lanes().items() if lane.topic == topic]
    async with ingest.client() as client:
        answer = await client.post(path, json=RIGHT[topic], headers=headers())
    assert answer.json() == {"accepted": 1, "rejected": []}
    assert ingest.whole_way == []
    assert len(ingest.publisher.sent) == 1


@pytest.mark.parametrize(
    ("caller", "more", "status"),
    [
        ("all", {"idempotency-key": "k"}, 202),
        ("all", {"content-encoding": "gzip"}, 415),
        ("all", {"expect": "100-continue"}, 202),
        ("metered", {}, 202),
        ("calls", {}, 403),
        ("nobody", {}, 401),
        ("new", {}, 202),
    ],
)
async def test_what_is_not_as_usual_goes_the_whole_way(ingest, caller, more, status):
    async with ingest.client() as client:
        answer = await client.post("/v1/crimes", content=GOOD, headers=headers(caller, **JSON, **more))
    assert answer.status_code == status
    assert ingest.whole_way == ["/v1/crimes"]


async def test_a_header_that_stands_twice_is_left_to_the_whole_way(ingest):
    twice = [("authorization", "Bearer all"), ("authorization", "Bearer nobody"), ("content-type", "application/json")]
    async with ingest.client() as client:
        await client.post("/v1/crimes", content=GOOD, headers=twice)
    assert ingest.whole_way == ["/v1/crimes"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/livez"), ("GET", "/v1/crimes"), ("POST", "/v1/events")])
async def test_everything_else_goes_the_whole_way(ingest, method, path):
    async with ingest.client() as client:
        await client.request(method, path, headers=headers())
    assert ingest.whole_way == [path]


async def test_a_body_that_comes_later_is_waited_for_on_the_whole_way(ingest):
    async def trickling():
        for start in range(0, len(GOOD), 40):
            await asyncio.sleep(0)
            yield GOOD[start : start + 40]

    async with ingest.client(whole=False) as client:
        answer = await client.post("/v1/crimes", content=trickling(), headers=headers(**JSON))
    assert answer.status_code == 202
    assert ingest.whole_way == ["/v1/crimes"]


async def test_what_kafka_does_not_acknowledge_is_refused_with_the_requests_id(ingest):
    ingest.publisher.fault = Unavailable("Kafka does not answer", retry_after=2)
    async with ingest.client() as client:
        answer = await client.post("/v1/crimes", content=GOOD, headers=headers(**JSON))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "r1"
    assert ingest.whole_way == []


async def test_a_large_body_is_refused_while_too_much_is_held_and_small_ones_are_not(ingest):
    large, held = GOOD + b" " * (MAX_BODY - len(GOOD)), {}
    ingest.room.take(held, "other", ROOM)
    async with ingest.client() as client:
        refused = await client.post("/v1/crimes", content=large, headers=headers(**JSON))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (await client.post("/v1/crimes", content=GOOD, headers=headers(**JSON))).status_code == 202
        ingest.room.leave(held)
        assert (await client.post("/v1/crimes", content=large, headers=headers(**JSON))).status_code == 202
    assert ingest.room.held_bytes == 0
    assert ingest.whole_way == []


def observed(status):
    labels = {"service": "ingest", "route": "/v1/crimes", "method": "POST", "status": status}
    return REGISTRY.get_sample_value("oversight_http_request_duration_seconds_count", labels) or 0


def events(result):
    return REGISTRY.get_sample_value("oversight_ingest_events_total", {"type": "crimes", "result": result}) or 0


async def test_requests_and_events_are_counted_once_by_what_became_of_them(ingest):
    before = observed("202"), observed("422"), observed("503"), events("accepted"), events("rejected")
    async with ingest.client() as client:
        for body in ("good", "some wrong", "all wrong"):
            await client.post("/v1/crimes", content=BODIES[body], headers=headers(**JSON))
        ingest.publisher.fault = Unavailable("later", retry_after=2)
        await client.post("/v1/crimes", content=GOOD, headers=headers(**JSON))
    after = observed("202"), observed("422"), observed("503"), events("accepted"), events("rejected")
    assert [now - then for then, now in zip(before, after, strict=True)] == [2, 1, 1, 2, 2]


async def test_a_token_is_looked_at_again_soon(ingest, monkeypatch):
    async with ingest.client() as client:
        for _ in range(3):
            await client.post("/v1/crimes", content=GOOD, headers=headers(**JSON))
        assert ingest.tokens.asked == 1
        monkeypatch.setitem(CALLERS, "all", CALLERS["calls"])
        await asyncio.sleep(0.06)
        answer = await client.post("/v1/crimes", content=GOOD, headers=headers(**JSON))
    assert answer.status_code == 403


class Faulty:
    """A judge that fails; it counts how often it is asked."""

    def __init__(self, error):
        self.asked, self._error = 0, error

    def judge(self, *_, **__):
        self.asked += 1
        raise self._error


@pytest.mark.parametrize("given", [{"x-request-id": "r1"}, {}])
async def test_a_fault_is_answered_as_a_problem_with_the_requests_id(ingest, caplog, given):
    ingest.intake.judge = Faulty(RuntimeError("the secret of the house")).judge
    before = observed("500")
    transport = httpx.ASGITransport(Whole(ingest.app(express=True)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        answer = await client.post("/v1/crimes", content=GOOD, headers={**JSON, "authorization": "Bearer all", **given})
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM_JSON)
    assert answer.json()["detail"] == "a fault of the service; quote the request id"
    request_id = answer.headers["x-request-id"]
    assert request_id == answer.json()["request_id"] == given.get("x-request-id", request_id)
    assert f"request {request_id} failed: RuntimeError" in caplog.text
    assert observed("500") == before + 1
    assert ingest.whole_way == []


@pytest.mark.parametrize("body", [body for body in BODIES if body != "too long"])
async def test_whatever_a_body_is_it_is_judged_once(ingest, monkeypatch, body):
    judged, judge = [], ingest.intake.judge
    monkeypatch.setattr(ingest.intake, "judge", lambda *given, **more: judged.append(given) or judge(*given, **more))
    async with ingest.client() as client:
        await client.post("/v1/crimes", content=BODIES[body], headers=headers(**JSON))
    assert len(judged) == 1
    assert ingest.whole_way == []


async def test_what_has_come_is_received_without_waiting():
    came = asyncio.Queue()
    await came.put("a message")
    assert at_once(came.get) == "a message"


async def test_what_has_to_be_waited_for_comes_to_whoever_waits():
    came = asyncio.Queue()
    begun = at_once(came.get)
    waiting = asyncio.ensure_future(begun)
    await asyncio.sleep(0)
    await came.put("a message")
    assert await waiting == "a message"
    assert came.empty()


async def test_whoever_stops_waiting_takes_nothing():
    came = asyncio.Queue()
    waiting = asyncio.ensure_future(at_once(came.get))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await came.put("a message")
    assert await came.get() == "a message"
