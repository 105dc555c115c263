"""A request's body, read within bounds of size and time."""

import asyncio

from fastapi import Request

from shared.errors import TooLarge, TooSlow, UnsupportedMedia
from shared.room import Room


async def read_body(request: Request, owner: str = "") -> bytes:
    """The whole body; raises TooLarge at the limit without reading on, TooSlow, UnsupportedMedia for a packed one.

    Raises Unavailable, before it reads, where the process or the owner holds too much already. Within the app that
    `shared.web` makes, which sets the bounds, and knows when the request has ended.
    """
    scope = request.scope
    limit: int = scope["max_body_bytes"]
    room: Room = scope["room"]
    _refuse_packed(request)
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    taken = int(declared) if declared.isdigit() else 0
    room.take(scope, owner, taken)
    body, seconds, is_whole = bytearray(), scope["body_seconds"], False
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
                if len(body) > taken:  # a body in chunks does not say how long it will be
                    room.take(scope, owner, len(body) - taken)
                    taken = len(body)
        is_whole = True
    except TimeoutError:
        raise TooSlow(f"the body did not come whole within {seconds:g} seconds; send it in smaller requests") from None
    finally:
        if not is_whole:
            room.leave(scope)  # now, and not only when the refusal has been read
    return bytes(body)


def _refuse_packed(request: Request) -> None:
    """A body is read as it is: unpacked, a few bytes may be as many gigabytes."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        refusal = f"a body in the content encoding {encoding!r} is not accepted; send it unpacked"
        raise UnsupportedMedia(refusal, headers={"Accept-Encoding": "identity"})


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body exceeds {limit:,} bytes; send it in smaller requests")
