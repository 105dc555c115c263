"""The least that an HTTP service can do here: a Starlette route that answers 202 and reads nothing."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def accept(_request: Request) -> Response:
    return Response(status_code=202)


async def health(_request: Request) -> Response:
    return Response()


app = Starlette(routes=[Route("/v1/crimes", accept, methods=["POST"]), Route("/", health)])
