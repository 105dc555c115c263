"""The least that an HTTP service can do here: a Starlette route that answers what is known beforehand.

To a POST 202, without reading it; to a GET of a path and query in the file BENCH_ANSWERS (MessagePack) its bytes.
"""

import os
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_ANSWERS = {
    path.encode(): answer
    for path, answer in msgspec.msgpack.decode(
        Path(os.environ["BENCH_ANSWERS"]).read_bytes(), type=dict[str, bytes]
    ).items()
}


async def accept(_request: Request) -> Response:
    return Response(status_code=202)


async def answer(request: Request) -> Response:
    scope = request.scope
    return Response(_ANSWERS[scope["raw_path"] + b"?" + scope["query_string"]], media_type="application/json")


async def health(_request: Request) -> Response:
    return Response()


app = Starlette(
    routes=[Route("/v1/crimes", accept, methods=["POST"]), Route("/v1/tables/{table}", answer), Route("/", health)]
)
