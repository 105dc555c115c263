"""Who publishes, and who may know of what is under embargo. That they asked is left out of what Prometheus reads."""

from typing import Annotated, Any

from fastapi import Depends, Request

from shared.routes import scoped
from shared.security import Principal
from shared.web import Authenticate, keep_confidential

SCOPE = "publish"


def publisher(principal: Authenticate) -> Any:
    """A dependency that answers who publishes; raises Unauthenticated, or Forbidden without the scope."""

    async def publishing(request: Request, caller: Annotated[Principal, scoped(principal, SCOPE)]) -> Principal:
        keep_confidential(request)
        return caller

    return Depends(publishing)


def sees_embargoed(principal: Authenticate) -> Any:
    """A dependency that answers whether the asker may know of what is under embargo: a token with the scope may.

    Everybody else is answered alike, with a token or without; one that is not valid is refused whatever is asked for.
    """

    async def sees(request: Request) -> bool:
        if "authorization" not in request.headers or SCOPE not in (await principal(request)).scopes:
            return False
        keep_confidential(request)
        return True

    return Depends(sees)
