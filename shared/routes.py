"""What routes with typed bodies need beside the app factory: a bounded body, a token with a scope, pages of a list."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from shared.bodies import read_body
from shared.security import Principal
from shared.web import Authenticate

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=1000, description="at most this many; the header Link names the next page")]
Offset = Annotated[int, Query(ge=0, le=2**31)]


class BoundedRoute(APIRoute):
    """Reads the body no further than the app's limit, which FastAPI by itself does not do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            sized = _BoundedRequest(request.scope, request.receive)
            await sized.body()  # before FastAPI reads it, which would call every fault of reading a 400
            return await handle(sized)

        return bounded


class _BoundedRequest(Request):
    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await read_body(self)
        return self._body


def scoped(principal: Authenticate, scope: str) -> Any:
    """A dependency that answers the request's Principal; raises Unauthenticated, or Forbidden without `scope`."""
    documented = Security(HTTPBearer(auto_error=False, description=f"A token with the scope {scope}."))

    async def allowed(request: Request, _documented: Annotated[Any, documented]) -> Principal:
        caller = await principal(request)
        caller.require(scope)
        return caller

    return Depends(allowed)


def page(request: Request, response: Response, found: Sequence[T], offset: int, limit: int) -> Sequence[T]:
    """The first `limit` of `found`, which was asked for with one more than that to see whether there is more."""
    if len(found) > limit:
        following = request.url.include_query_params(offset=offset + limit, limit=limit)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return found[:limit]
