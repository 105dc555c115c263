"""The client against a small ASGI application that answers as ingest does."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from local.posting.ingest_client import IngestClient, IngestFailed
from local.posting.items import Item

REJECTION = {"index": 1, "errors": [{"field": "area", "message": "unknown area 'Atlantis'"}]}


class FakeIngest:
    """Answers with `answers` in turn, then accepts everything; keeps what it was sent."""

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []
        self.app = Starlette(routes=[Route("/v1/{kind}", self.take, methods=["POST"])])

    async def take(self, request):
        lines = (await request.body()).splitlines()
        self.requests.append((request.path_params["kind"], len(lines), request.headers["authorization"]))
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return JSONResponse({"accepted": len(lines), "rejected": []}, 202)


class Naps:
    def __init__(self):
        self.taken = []

    async def __call__(self, seconds):
        self.taken.append(seconds)


def client_of(fake, naps=None, **options):
    transport = httpx.ASGITransport(app=fake.app)
    return IngestClient("http://ingest", "secret", transport=transport, sleep=naps or Naps(), **options)


def busy(seconds="3", status=503):
    return JSONResponse({"detail": "busy"}, status, {"Retry-After": seconds})


CRIMES = [("crimes", b'{"n":%d}' % n) for n in range(12_000)]


async def test_records_are_posted_in_batches_with_the_token_and_counted_by_kind():
    fake, done = FakeIngest(), []
    async with client_of(fake) as client:
        totals = await client.send([*CRIMES, ("calls", b"{}")], done.append)
    assert sorted(fake.requests) == sorted(
        ("crimes" if n > 1 else "calls", n, "Bearer secret") for n in (5000, 5000, 2000, 1)
    )
    assert totals.accepted == {"crimes": 12_000, "calls": 1}
    assert sum(done) == 12_001


async def test_a_rejection_is_kept_with_its_reason_count_and_first_record():
    answer = {"accepted": 1, "rejected": [REJECTION, {**REJECTION, "index": 2}]}
    async with client_of(FakeIngest(JSONResponse(answer, 202))) as client:
        totals = await client.send(CRIMES[:3])
    assert totals.accepted["crimes"] == 1
    assert totals.rejections.records == 2
    reason = totals.rejections.reasons["area: unknown area 'Atlantis'"]
    assert (reason.count, reason.example) == (2, '{"n":1}')


async def test_a_rejected_item_is_told_by_its_place_where_it_has_one():
    answer = {"accepted": 1, "rejected": [{**REJECTION, "errors": [{**REJECTION["errors"][0], "value": "Atlantis"}]}]}
    async with client_of(FakeIngest(JSONResponse(answer, 202))) as client:
        totals = await client.send([Item("crimes", b"{}", f"a.csv line {line}") for line in (2, 3)])
    assert [each.place for each in totals.rejections.listed] == ["a.csv line 3"]
    assert [each.value for each in totals.rejections.unknown_values()] == ["Atlantis"]


async def test_a_batch_of_which_nothing_was_valid_is_counted_as_rejected_not_as_a_failure():
    problem = {"title": "Invalid", "status": 422, "rejected": [{**REJECTION, "index": 0}], "accepted": 0}
    async with client_of(FakeIngest(JSONResponse(problem, 422))) as client:
        totals = await client.send(CRIMES[:1])
    assert (totals.accepted.total(), totals.rejections.records) == (0, 1)


async def test_a_busy_ingest_is_waited_for_as_long_as_it_asks():
    fake, naps = FakeIngest(busy("3"), busy("7", status=429)), Naps()
    async with client_of(fake, naps) as client:
        totals = await client.send(CRIMES[:10])
    assert naps.taken == [3, 7]
    assert totals.accepted["crimes"] == 10


async def test_patience_with_a_busy_ingest_ends():
    async with client_of(FakeIngest(*[busy("4")] * 50), patience_seconds=10) as client:
        with pytest.raises(IngestFailed, match="took nothing for 8 s; 0 records had been accepted"):
            await client.send(CRIMES[:10])


async def test_an_ingest_that_goes_away_and_comes_back_is_waited_for():
    fake, naps = FakeIngest(), Naps()
    async with client_of(fake, naps) as client:
        await client.send(CRIMES[:1])
        fake.answers = [httpx.ConnectError("gone"), httpx.ReadError("gone")]
        totals = await client.send(CRIMES[:10])
    assert totals.accepted["crimes"] == 11
    assert len(naps.taken) == 2


async def test_an_ingest_that_was_never_reached_is_not_waited_for():
    naps = Naps()
    async with client_of(FakeIngest(httpx.ConnectError("refused")), naps) as client:
        with pytest.raises(IngestFailed, match="does not answer at http://ingest"):
            await client.send(CRIMES[:1])
    assert naps.taken == []


@pytest.mark.parametrize("status", [400, 401, 403, 413, 500])
async def test_a_refusal_of_the_whole_request_ends_the_import_with_what_ingest_said(status):
    fake = FakeIngest(JSONResponse({"detail": "because of this"}, status))
    async with client_of(fake) as client:
        with pytest.raises(IngestFailed, match=rf"answered {status} to crimes.*because of this"):
            await client.send(CRIMES)


@pytest.mark.parametrize("answer", [PlainTextResponse("hello", 202), JSONResponse([], 202), JSONResponse({}, 422)])
async def test_something_else_at_that_address_is_told(answer):
    async with client_of(FakeIngest(answer)) as client:
        with pytest.raises(IngestFailed, match="not ingest's"):
            await client.send(CRIMES[:1])
