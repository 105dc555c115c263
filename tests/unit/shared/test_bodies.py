import asyncio

import pytest
from fastapi import Request

from shared.bodies import read_body
from shared.errors import TooLarge, TooSlow, Unavailable, UnsupportedMedia
from shared.room import Room

LIMIT = 1000


def request(receive, *, seconds=5.0, room=None, **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    bounds = {"max_body_bytes": LIMIT, "body_seconds": seconds, "room": room or Room(10 * LIMIT)}
    return Request({"type": "http", "method": "POST", "headers": named, **bounds}, receive)


def chunks(*parts):
    waiting = list(parts)

    async def receive():
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    return receive


async def test_a_body_is_put_together():
    assert await read_body(request(chunks(b"a", b"", b"bc"))) == b"abc"


async def test_an_endless_body_is_refused_without_being_read_on():
    read = 0

    async def endless():
        nonlocal read
        read += 100
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    with pytest.raises(TooLarge, match="1,000 bytes"):
        await read_body(request(endless))
    assert read == LIMIT + 100


async def test_a_body_that_declares_to_be_too_large_is_not_read_at_all():
    async def never():
        raise AssertionError

    with pytest.raises(TooLarge):
        await read_body(request(never, content_length=str(LIMIT + 1)))


async def test_a_body_that_trickles_is_refused_after_its_time():
    async def trickling():
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(TooSlow, match=r"within 0\.1 seconds"):
        await read_body(request(trickling, seconds=0.1))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "zstd", "deflate, gzip", "x"])
async def test_a_packed_body_is_refused_with_what_is_accepted(encoding):
    with pytest.raises(UnsupportedMedia, match="send it unpacked") as caught:
        await read_body(request(chunks(b"x"), content_encoding=encoding))
    assert caught.value.headers == {"Accept-Encoding": "identity"}


@pytest.mark.parametrize("encoding", ["identity", ""])
async def test_a_body_that_says_it_is_not_packed_is_read(encoding):
    assert await read_body(request(chunks(b"x"), content_encoding=encoding)) == b"x"


async def never():
    raise AssertionError("the body is read")


async def test_a_body_for_which_there_is_no_room_is_refused_unread_and_taken_once_there_is():
    room = Room(100)
    first = request(chunks(b"x" * 60), room=room, content_length="60")
    await read_body(first, "met")
    with pytest.raises(Unavailable, match="nothing was accepted") as caught:
        await read_body(request(never, room=room, content_length="41"), "btp")
    assert caught.value.headers == {"Retry-After": "1"}
    room.leave(first.scope)
    assert room.held_bytes == 0
    assert await read_body(request(chunks(b"y" * 41), room=room, content_length="41"), "btp") == b"y" * 41


async def test_a_body_in_chunks_is_refused_when_it_has_grown_beyond_the_room():
    room = Room(100)
    room.take({}, "btp", 65)
    endless = request(chunks(*[b"x" * 10] * 20), room=room)
    with pytest.raises(Unavailable):
        await read_body(endless, "met")
    assert room.held_bytes == 65
