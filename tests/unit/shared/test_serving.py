"""What is written joins up, in order, and is never kept back."""

import asyncio
import gc
import re
import weakref

import pytest
import uvicorn

from shared.serving import WHOLE_ANSWER, Joined, Protocol


class FakeTransport:
    def __init__(self):
        self.done = []

    def write(self, data):
        self.done.append(data)

    def close(self):
        self.done.append("closed")

    def set_protocol(self, protocol):
        self.done.append(protocol)

    def is_closing(self):
        return "closed" in self.done


@pytest.fixture
async def transport():
    return FakeTransport()


async def test_two_pieces_that_come_at_once_are_written_at_once(transport):
    joined = Joined(transport)
    joined.write(b"head")
    assert transport.done == []
    joined.write(b"body")
    assert transport.done == [b"headbody"]


async def test_one_piece_is_written_in_the_loops_next_turn(transport):
    joined = Joined(transport)
    joined.write(b"head")
    joined.write(b"")
    joined.write(b"")
    await asyncio.sleep(0)
    assert transport.done == [b"head"]


@pytest.mark.parametrize("pieces", range(6))
async def test_nothing_is_lost_or_moved_when_it_closes(transport, pieces):
    joined = Joined(transport)
    for number in range(pieces):
        joined.write(b"%d" % number)
    joined.close()
    await asyncio.sleep(0)
    assert joined.is_closing()
    assert transport.done[-1] == "closed"
    assert b"".join(transport.done[:-1]) == b"012345"[:pieces]


async def test_nothing_is_written_where_nobody_is_there(transport):
    joined = Joined(transport)
    transport.close()
    joined.write(b"head")
    joined.write(b"body")
    joined.write(b"more")
    await asyncio.sleep(0)
    assert transport.done == ["closed"]


async def test_what_was_written_precedes_another_protocol(transport):
    joined = Joined(transport)
    joined.write(b"head")
    joined.set_protocol("other")
    assert transport.done == [b"head", "other"]


ANSWERED = []
HEADERS = [(b"content-length", b"4"), (b"x-one", b"1")]


async def app(scope, receive, send):
    """Answers at once at /whole, and as usual elsewhere."""
    if scope["type"] == "lifespan":
        return
    write = scope["extensions"][WHOLE_ANSWER]["write"]
    if scope["path"] == "/whole" and write(202, HEADERS, b"body"):
        ANSWERED.append(weakref.ref(write.__self__.cycle))
        return
    await send({"type": "http.response.start", "status": 202, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"body"})


@pytest.fixture
async def port():
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", http=Protocol)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def answered(port, *requests):
    """All that is answered to requests that are written at once, without the date."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n%b\r\nhi" % each for each in requests))
    found = b""
    async with asyncio.timeout(10):
        while found.count(b"\r\n\r\nbody") < len(requests):
            found += await reader.read(10_000)
        closed = reader.at_eof() or (b"connection: close" in found and await reader.read() == b"")
    writer.close()
    return re.sub(rb"date: [^\r]*", b"date", found), closed


@pytest.mark.parametrize("header", [b"", b"connection: close\r\n"])
async def test_an_answer_written_whole_is_the_one_that_is_sent_in_parts(port, header):
    whole, parts = [await answered(port, (path, header)) for path in (b"/whole", b"/parts")]
    assert whole == parts
    assert whole[1] == bool(header)


async def test_a_request_that_is_answered_leaves_nothing_to_the_garbage_collector(port):
    ANSWERED.clear()
    gc.collect()
    gc.disable()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi")
            await reader.readuntil(b"body")
        await asyncio.sleep(0)
        assert [each() is None for each in ANSWERED] == [True, True, False]
        writer.close()
    finally:
        gc.enable()


async def test_requests_that_come_at_once_are_answered_in_order(port):
    paths = [b"/whole", b"/parts", b"/whole", b"/whole", b"/parts"]
    mixed, _ = await answered(port, *((path, b"") for path in paths))
    parts, _ = await answered(port, *((b"/parts", b"") for _ in paths))
    assert mixed == parts
