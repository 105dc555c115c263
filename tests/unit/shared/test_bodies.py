import asyncio

import pytest
from fastapi import Request

from shared.bodies import read_body
from shared.errors import TooLarge, TooSlow, UnsupportedMedia

LIMIT = 1000


def request(receive, *, seconds=5.0, **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "headers": named, "max_body_bytes": LIMIT, "body_seconds": seconds}
    return Request(scope, receive)


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
