"""An answer is given again while nothing has changed, and never after."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.metrics.remembered import Remembered
from shared.errors import Unavailable


class World:
    """An app that counts how often it is asked, and the version of what it answers from."""

    def __init__(self):
        self.version, self.asked = 1, 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def current(self):
        if self.version is None:
            raise Unavailable("Redis does not answer")
        return self.version

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        await self.gate.wait()
        if "boom" in request.query_params:
            raise ValueError("boom")
        if "text/csv" in request.headers["accept"]:
            return PlainTextResponse(f"version\n{self.version}\n", media_type="text/csv")
        return JSONResponse({"version": self.version}, int(request.query_params.get("status", "200")))


@pytest.fixture
def world():
    return World()


@pytest.fixture
async def client(world):
    app = Starlette(routes=[Route("/v1/it", world.answer, methods=["GET", "POST"]), Route("/page", world.answer)])
    transport = httpx.ASGITransport(Remembered(app, world.current))
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
        yield client


async def test_the_same_question_is_answered_once_a_version(client, world):
    answers = [await client.get("/v1/it") for _ in range(3)]
    assert ([each.json()["version"] for each in answers], world.asked) == ([1, 1, 1], 1)
    world.version = 2
    answers = [await client.get("/v1/it") for _ in range(3)]
    assert ([each.json()["version"] for each in answers], world.asked) == ([2, 2, 2], 2)


async def test_those_who_ask_the_same_at_once_are_given_one_answer(client, world):
    world.gate.clear()
    asking = [asyncio.create_task(client.get("/v1/it")) for _ in range(5)]
    other = asyncio.create_task(client.get("/v1/it?area=Camden"))
    await asyncio.sleep(0.01)
    asking.pop(0).cancel()  # the one who has it made
    world.version = 2
    later = asyncio.create_task(client.get("/v1/it"))
    await asyncio.sleep(0.01)
    assert world.asked == 3
    world.gate.set()
    assert {(await each).status_code for each in [*asking, other, later]} == {200}
    assert (await client.get("/v1/it")).json() == {"version": 2}


async def test_a_refusal_is_nobody_elses(client, world):
    world.gate.clear()
    asking = [asyncio.create_task(client.get("/v1/it?status=404")) for _ in range(3)]
    await asyncio.sleep(0.01)
    world.gate.set()
    assert {(await each).status_code for each in asking} == {404}
    assert world.asked == 3


async def test_what_goes_wrong_for_one_goes_wrong_for_all_and_is_tried_again(client, world):
    world.gate.clear()
    asking = [asyncio.create_task(client.get("/v1/it?boom")) for _ in range(2)]
    await asyncio.sleep(0.01)
    world.gate.set()
    for each in asking:
        with pytest.raises(ValueError, match="boom"):
            await each
    assert world.asked == 1
    with pytest.raises(ValueError, match="boom"):
        await client.get("/v1/it?boom")
    assert world.asked == 2


async def test_another_question_or_another_form_is_another_answer(client, world):
    assert (await client.get("/v1/it", headers={"accept": "text/csv"})).text == "version\n1\n"
    assert (await client.get("/v1/it")).json() == {"version": 1}
    await client.get("/v1/it?area=Camden")
    assert world.asked == 3


async def test_whoever_has_the_answer_is_not_sent_it_again(client, world):
    first = await client.get("/v1/it")
    again = await client.get("/v1/it", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    world.version = 2
    changed = await client.get("/v1/it", headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.json()) == (200, {"version": 2})


@pytest.mark.parametrize("status", [404, 422, 503])
async def test_a_refusal_is_made_anew_each_time(client, world, status):
    for _ in range(2):
        answer = await client.get(f"/v1/it?status={status}")
        assert (answer.status_code, "etag" in answer.headers) == (status, False)
    assert world.asked == 2


async def test_nothing_is_remembered_while_the_counts_cannot_be_asked(client, world):
    await client.get("/v1/it")
    world.version = None
    assert (await client.get("/v1/it")).json() == {"version": None}


async def test_what_is_not_a_question_to_the_counts_is_left_alone(client, world):
    for _ in range(2):
        await client.get("/page")
        await client.post("/v1/it")
    assert world.asked == 4


async def test_what_does_not_rest_on_counts_alone_is_asked_each_time(world):
    app = Starlette(routes=[Route("/v1/it", world.answer), Route("/v1/beside/it", world.answer)])
    transport = httpx.ASGITransport(Remembered(app, world.current, beside=("/v1/beside",)))
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
        answers = [await client.get("/v1/beside/it") for _ in range(2)]
        await client.get("/v1/it")
        await client.get("/v1/it")
    assert (world.asked, ["etag" in each.headers for each in answers]) == (3, [False, False])
