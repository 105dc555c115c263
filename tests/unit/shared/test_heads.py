"""What comes before a body, or after it, is bounded in length and time; connections are bounded in number."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from shared.heads import Bounds, bounds

MAX_HEAD, MAX_CONNECTIONS = 2000, 5
HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\n"


async def echo(scope, receive, send):
    """Answers what it was sent: how many headers, and the body's length; -1 where the body did not come whole."""
    if scope["type"] != "http":
        return
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            length = -1
            break
        length += len(message["body"])
        if not message["more_body"]:
            break
    answer = json.dumps([len(scope["headers"]), length]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture
async def port(monkeypatch):
    monkeypatch.setenv("OVERSIGHT_HTTP_MAX_HEAD_BYTES", str(MAX_HEAD))
    monkeypatch.setenv("OVERSIGHT_HTTP_HEAD_SECONDS", "0.5")
    monkeypatch.setenv("OVERSIGHT_HTTP_MAX_CONNECTIONS", str(MAX_CONNECTIONS))
    bounds.cache_clear()
    config = uvicorn.Config(echo, host="127.0.0.1", port=0, log_config=None, http="shared.serving:Protocol")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving
    bounds.cache_clear()


@asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(30):
            yield reader, writer
    finally:
        writer.close()


async def answer_of(reader):
    """Status, headers by name, and what the body says."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), headers, json.loads(await reader.readexactly(int(headers["content-length"])))


async def exchanged(port, *pieces):
    """The answer to what is sent in these pieces, each a read of its own; the connection must then be closed."""
    async with connected(port) as (reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        answer = await answer_of(reader)
        assert await reader.read() == b""
    return answer


def filler(size):
    return b"X-Filler: " + b"x" * size + b"\r\n"


LONG = {
    "one header without end": [HEAD + b"X: ", *[b"x" * 500] * 5],
    "headers without end": [HEAD, *[filler(100)] * 25],
    "a path without end": [b"GET /", *[b"x" * 500] * 5],
    "a head in one piece": [HEAD + filler(MAX_HEAD) + b"\r\n"],
    "line feeds without end": [b"\r\n" * 400] * 3,
}


@pytest.mark.parametrize("name", LONG)
async def test_a_head_that_is_too_long_is_refused_and_the_connection_closed(port, name):
    status, headers, problem = await exchanged(port, *LONG[name])
    assert (status, headers["content-type"], headers["connection"]) == (431, "application/problem+json", "close")
    assert problem["status"] == 431
    assert "2,000 bytes" in problem["detail"]


async def test_a_head_in_many_pieces_that_is_not_too_long_is_taken_again_and_again(port):
    async with connected(port) as (reader, writer):
        for _ in range(3):
            for piece in (HEAD, filler(900), filler(900), b"Content-Length: 3\r\n\r\n", b"abc"):
                writer.write(piece)
                await asyncio.sleep(0.02)
            assert (await answer_of(reader))[2] == [4, 3]


async def test_a_body_far_longer_than_a_head_is_not_taken_for_one(port):
    async with connected(port) as (reader, writer):
        for _ in range(2):
            writer.write(HEAD + b"Content-Length: 300000\r\n\r\n")
            for _ in range(100):
                writer.write(b"x" * 3000)
                await asyncio.sleep(0)
            assert (await answer_of(reader))[2] == [2, 300_000]


async def test_heads_that_follow_bodies_in_the_same_read_are_not_counted_with_these(port):
    request = HEAD + b"Content-Length: 4000\r\n\r\n" + b"x" * 4000
    async with connected(port) as (reader, writer):
        writer.write(request * 2 + HEAD)
        await asyncio.sleep(0.05)
        writer.write(b"Content-Length: 1\r\n\r\nx")
        assert [(await answer_of(reader))[2] for _ in range(3)] == [[2, 4000], [2, 4000], [2, 1]]


@pytest.mark.parametrize("number", [1, 50, 101])
async def test_requests_that_come_at_once_are_all_answered(port, number):
    async with connected(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n\r\n" * number)
        assert [(await answer_of(reader))[2] for _ in range(number)] == [[0, 0]] * number


async def test_of_a_connection_that_asks_without_end_little_is_held(port, monkeypatch):
    made, init = [], RequestResponseCycle.__init__
    monkeypatch.setattr(RequestResponseCycle, "__init__", lambda *given, **more: made.append(1) or init(*given, **more))
    async with connected(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n\r\n" * 10_000)
        with suppress(ConnectionResetError):
            await reader.read()
        assert 100 < len(made) < 110
    async with connected(port) as (reader, writer):
        writer.write(HEAD + b"\r\n")
        assert (await answer_of(reader))[0] == 200


@pytest.mark.parametrize("size", [1, 30, 4000])
async def test_chunks_of_any_size_are_body(port, size):
    async with connected(port) as (reader, writer):
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(3000 // size + 2):
            writer.write(b"%x\r\n" % size + b"x" * size + b"\r\n")
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")
        assert (await answer_of(reader))[2] == [2, size * (3000 // size + 2)]


TRAILERS = {"many": [filler(100)] * 25, "one": [b"X: ", *[b"x" * 500] * 5]}


@pytest.mark.parametrize("name", TRAILERS)
async def test_trailers_without_end_are_refused(port, name):
    start = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    status, _, problem = await exchanged(port, start, *TRAILERS[name])
    assert status == 431
    assert "trailers" in problem["detail"]


async def test_trailers_are_not_taken_for_headers(port):
    async with connected(port) as (reader, writer):
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
        assert (await answer_of(reader))[2] == [2, 1]
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")
        assert (await answer_of(reader))[2] == [2, 0]


async def test_a_head_that_trickles_is_refused_after_its_time(port):
    async with connected(port) as (reader, writer):
        writer.write(HEAD)
        answering = asyncio.create_task(answer_of(reader))
        while not answering.done():
            writer.write(b"X")
            await asyncio.sleep(0.05)
        assert (await answering)[0] == 408


async def test_the_second_head_of_a_connection_has_no_more_time_than_the_first(port):
    async with connected(port) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")
        assert (await answer_of(reader))[0] == 200
        writer.write(HEAD)
        assert (await answer_of(reader))[0] == 408


@pytest.mark.parametrize("start", [b"", b"\r\n"])
async def test_a_connection_on_which_nothing_is_asked_is_closed(port, start):
    async with connected(port) as (reader, writer):
        writer.write(start)
        assert await reader.read() == b""


async def test_a_connection_too_many_is_told_to_come_back_and_taken_once_there_is_room(port):
    async with connected(port) as (_, writer):
        others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MAX_CONNECTIONS - 1)]
        status, headers, _ = await exchanged(port, HEAD + b"Content-Length: 0\r\n\r\n")
        assert (status, headers["retry-after"]) == (503, "1")
        for _, other in others:
            other.close()
        async with asyncio.timeout(10):
            while True:
                async with connected(port) as (again, asking):
                    asking.write(HEAD + b"Content-Length: 0\r\n\r\n")
                    if (await answer_of(again))[0] == 200:
                        break
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")


def test_bounds_that_bound_nothing_are_refused(monkeypatch):
    monkeypatch.setenv("OVERSIGHT_HTTP_MAX_HEAD_BYTES", "0")
    with pytest.raises(ValueError, match="max_head_bytes"):
        Bounds()
