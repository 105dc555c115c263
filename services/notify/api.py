"""The routes of notify: parse, call, answer."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.notify import channels
from services.notify.models import (
    Contact,
    ContactPublic,
    ContactUpdate,
    NotificationPublic,
    Silence,
    SilenceCreate,
    SilencePublic,
    Status,
)
from services.notify.store import Directory, Ledger
from shared.clock import Clock
from shared.errors import FieldError, Invalid
from shared.names import Id, Owner
from shared.routes import BoundedRoute, Limit, Offset, page, scoped
from shared.security import Principal
from shared.web import Authenticate, problems

LISTED = problems(401, 403, 422, 503)
READ = problems(401, 403, 404, 422, 503)
POSTED = problems(400, 401, 403, 408, 413, 415, 422, 503)
OwnerInPath = Annotated[Owner, Path(description="a body or a role, such as MPS")]


def router(
    directory: Directory, ledger: Ledger, smtp: channels.Smtp, principal: Authenticate, clock: Clock
) -> APIRouter:
    """Every route under /v1; reading needs the scope notify:read, all else notify:write."""
    routes = APIRouter(prefix="/v1", route_class=BoundedRoute)
    reads, writes = scoped(principal, "notify:read"), scoped(principal, "notify:write")
    _add_contacts(routes, directory, smtp, clock, reads, writes)
    _add_notifications(routes, ledger, reads, writes)
    _add_silences(routes, directory, clock, reads, writes)
    return routes


def _add_contacts(
    routes: APIRouter, directory: Directory, smtp: channels.Smtp, clock: Clock, reads: Any, writes: Any
) -> None:
    @routes.get("/contacts", tags=["contacts"], responses=LISTED, dependencies=[reads])
    def list_contacts(
        request: Request, response: Response, offset: Offset = 0, limit: Limit = 200
    ) -> list[ContactPublic]:
        found = page(request, response, directory.contacts(offset, limit + 1), offset, limit)
        return [_shown(each) for each in found]

    @routes.get("/contacts/{owner}", tags=["contacts"], responses=READ, dependencies=[reads])
    def get_contact(owner: OwnerInPath) -> ContactPublic:
        return _shown(directory.contact(owner))

    @routes.put("/contacts/{owner}", tags=["contacts"], responses=POSTED, dependencies=[writes])
    def put_contact(owner: OwnerInPath, sent: ContactUpdate) -> ContactPublic:
        """Replace the contact, or make it. Passwords and tokens of URLs are never shown: send them again."""
        channels.check(sent.channels, smtp)
        content = sent.model_dump() | {"owner": owner, "updated_at": clock.now()}
        return _shown(directory.put_contact(Contact(**content)))


def _add_notifications(routes: APIRouter, ledger: Ledger, reads: Any, writes: Any) -> None:
    @routes.get("/notifications", tags=["notifications"], responses=LISTED, dependencies=[reads])
    def list_notifications(  # each parameter is the contract's
        request: Request,
        response: Response,
        owner: Owner | None = None,
        status: Status | None = None,
        offset: Offset = 0,
        limit: Limit = 200,
    ) -> list[NotificationPublic]:
        """The newest first."""
        found = page(request, response, ledger.notifications(owner, status, offset, limit + 1), offset, limit)
        return [NotificationPublic.model_validate(each) for each in found]

    @routes.get("/notifications/{notification_id}", tags=["notifications"], responses=READ, dependencies=[reads])
    def get_notification(notification_id: Id) -> NotificationPublic:
        return NotificationPublic.model_validate(ledger.notification(notification_id))

    @routes.post("/notifications/{notification_id}/ack", tags=["notifications"], responses=READ)
    def acknowledge(notification_id: Id, caller: Annotated[Principal, writes]) -> NotificationPublic:
        """The owner has seen it: what was still to be delivered is not. A second time changes nothing."""
        return NotificationPublic.model_validate(ledger.acknowledge(notification_id, caller.source))


def _add_silences(routes: APIRouter, directory: Directory, clock: Clock, reads: Any, writes: Any) -> None:
    @routes.get("/silences", tags=["silences"], responses=LISTED, dependencies=[reads])
    def list_silences(
        request: Request, response: Response, offset: Offset = 0, limit: Limit = 200
    ) -> list[SilencePublic]:
        """Those that have ended too; the one that ends last comes first."""
        found = page(request, response, directory.silences(offset, limit + 1), offset, limit)
        return [SilencePublic.model_validate(each) for each in found]

    @routes.post("/silences", tags=["silences"], status_code=201, responses=POSTED)
    def post_silence(sent: SilenceCreate, caller: Annotated[Principal, writes]) -> SilencePublic:
        """What comes in while it lasts is kept with the status `silenced`, and not sent, then or later."""
        starts_at = sent.starts_at or clock.now()
        if sent.ends_at <= max(starts_at, clock.now()):
            raise Invalid(
                "the silence is not valid", errors=[FieldError("until", "must be after 'from' and after now")]
            )
        content = sent.model_dump(include={"owner", "prefix", "reason", "ends_at"})
        silence = Silence(**content, starts_at=starts_at, id=uuid.uuid4().hex, created_by=caller.source)
        directory.add_silence(silence)
        return SilencePublic.model_validate(silence)

    @routes.delete("/silences/{silence_id}", tags=["silences"], status_code=204, responses=READ, dependencies=[writes])
    def end_silence(silence_id: Id) -> None:
        """End it now. It stays on record."""
        directory.end_silence(silence_id)


def _shown(contact: Contact) -> ContactPublic:
    masked = [channels.masked(spec) for spec in contact.channels]
    return ContactPublic.model_validate(contact.model_dump() | {"channels": masked})
