"""The inbox pages: read only, without a token, and without any address of a person."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from services.notify.store import Ledger
from shared.clock import LONDON
from shared.errors import NotFound
from shared.names import is_owner
from shared.pages import templates

SHOWN = 200


def router(ledger: Ledger) -> APIRouter:
    """`/` lists who has an inbox, `/inbox/{owner}` shows one."""
    routes = APIRouter(include_in_schema=False)
    environment = _environment()

    @routes.get("/", response_class=HTMLResponse)
    def owners() -> str:
        return environment.get_template("owners.html").render(owners=ledger.owners())

    @routes.get("/inbox/{owner}", response_class=HTMLResponse)
    def inbox(owner: str) -> str:
        if not is_owner(owner):
            raise NotFound(f"{owner!r} cannot be an owner")
        found = ledger.notifications(owner, None, 0, SHOWN + 1)
        template = environment.get_template("inbox.html")
        return template.render(owner=owner, notifications=found[:SHOWN], more=len(found) > SHOWN, shown=SHOWN)

    return routes


def _environment() -> Environment:
    environment = templates("services.notify")
    environment.filters["moment"] = _moment
    return environment


def _moment(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%-d %B %Y, %H:%M}"
