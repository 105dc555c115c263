"""The routes of actions: parse, call, answer."""

import uuid
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from services.actions import register
from services.actions.etags import etag, require_match
from services.actions.models import (
    Action,
    ActionCreate,
    ActionPublic,
    ActionUpdate,
    Board,
    BoardCreate,
    BoardPublic,
    Meeting,
    MeetingCreate,
    MeetingPublic,
    Status,
)
from services.actions.reminding import RemindersGiven, Reminding
from services.actions.store import Filter, Store
from shared.clock import Clock
from shared.names import Id, Owner
from shared.routes import BoundedRoute, Limit, Offset, page, scoped
from shared.web import Authenticate, problems

TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}}
}
LISTED = problems(401, 403, 422, 503)
READ = problems(401, 403, 404, 422, 503)
POSTED = problems(400, 401, 403, 408, 409, 413, 415, 422, 503)


def router(store: Store, reminding: Reminding, principal: Authenticate, clock: Clock) -> APIRouter:
    """Every route under /v1; reading needs the scope actions:read, all else actions:write."""
    routes = APIRouter(prefix="/v1", route_class=BoundedRoute)
    reads, writes = scoped(principal, "actions:read"), scoped(principal, "actions:write")
    _add_boards(routes, store, clock, reads, writes)
    _add_meetings(routes, store, clock, reads, writes)
    _add_actions(routes, store, clock, reads)
    _add_action_changes(routes, store, clock, writes)
    _add_reminders(routes, reminding, clock, writes)
    return routes


def _add_boards(routes: APIRouter, store: Store, clock: Clock, reads: Any, writes: Any) -> None:
    @routes.get("/boards", tags=["boards"], responses=LISTED, dependencies=[reads])
    def list_boards(request: Request, response: Response, offset: Offset = 0, limit: Limit = 200) -> list[BoardPublic]:
        found = page(request, response, store.list_all(Board, offset, limit + 1), offset, limit)
        return [BoardPublic.model_validate(each) for each in found]

    @routes.get("/boards/{board_id}", tags=["boards"], responses=READ, dependencies=[reads])
    def get_board(board_id: Id) -> BoardPublic:
        return BoardPublic.model_validate(store.get(Board, board_id))

    @routes.post("/boards", tags=["boards"], status_code=201, responses=_posted(BoardPublic), dependencies=[writes])
    def post_board(posted: BoardCreate, response: Response) -> BoardPublic:
        board, new = store.keep(register.new_board(posted, clock.now()))
        _kept(response, board, new)
        return BoardPublic.model_validate(board)


def _add_meetings(routes: APIRouter, store: Store, clock: Clock, reads: Any, writes: Any) -> None:
    @routes.get("/meetings", tags=["meetings"], responses=LISTED, dependencies=[reads])
    def list_meetings(
        request: Request, response: Response, offset: Offset = 0, limit: Limit = 200
    ) -> list[MeetingPublic]:
        found = page(request, response, store.list_all(Meeting, offset, limit + 1), offset, limit)
        return [MeetingPublic.model_validate(each) for each in found]

    @routes.get("/meetings/{meeting_id}", tags=["meetings"], responses=READ, dependencies=[reads])
    def get_meeting(meeting_id: Id) -> MeetingPublic:
        return MeetingPublic.model_validate(store.get(Meeting, meeting_id))

    @routes.post(
        "/meetings", tags=["meetings"], status_code=201, responses=_posted(MeetingPublic), dependencies=[writes]
    )
    def post_meeting(posted: MeetingCreate, response: Response) -> MeetingPublic:
        board = store.find(Board, posted.board)
        meeting, new = store.keep(register.new_meeting(posted, board, clock.now()))
        _kept(response, meeting, new)
        return MeetingPublic.model_validate(meeting)


def _add_actions(routes: APIRouter, store: Store, clock: Clock, reads: Any) -> None:
    @routes.get("/actions", tags=["actions"], responses=LISTED, dependencies=[reads])
    def list_actions(
        request: Request,
        response: Response,
        owner: Owner | None = None,
        status: Status | None = None,
        board: Id | None = None,
        overdue_on: Annotated[date | None, Query(description="only those overdue as of this day")] = None,
        offset: Offset = 0,
        limit: Limit = 200,
    ) -> list[ActionPublic]:
        """Actions, those due first first. `overdue_on` judges their present state and due date as of that day."""
        wanted = Filter(owner, status, board, overdue_on)
        found = page(request, response, store.list_actions(wanted, offset, limit + 1), offset, limit)
        return [register.shown(each, overdue_on or clock.today()) for each in found]

    @routes.get("/actions/{action_id}", tags=["actions"], responses=TAGGED | READ, dependencies=[reads])
    def get_action(action_id: Id, response: Response) -> ActionPublic:
        return _tagged(response, store.get(Action, action_id), clock.today())


def _add_action_changes(routes: APIRouter, store: Store, clock: Clock, writes: Any) -> None:
    @routes.post("/actions", tags=["actions"], status_code=201, responses=_posted(ActionPublic), dependencies=[writes])
    def post_action(posted: ActionCreate, response: Response) -> ActionPublic:
        """Posting the same again answers the action as it is now, and tells nobody anything."""
        meeting = store.find(Meeting, posted.meeting) if posted.meeting else None
        board = store.find(Board, posted.board) if posted.board else None
        row = register.new_action(posted, meeting, board, uuid.uuid4().hex, clock.now())
        action, new = store.keep(row)
        _kept(response, action, new)
        return _tagged(response, action, clock.today())

    @routes.patch(
        "/actions/{action_id}",
        tags=["actions"],
        responses=TAGGED | problems(400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 428, 503),
        dependencies=[writes],
    )
    def patch_action(
        action_id: Id,
        changes: ActionUpdate,
        response: Response,
        if_match: Annotated[str | None, Header(description="The ETag that a GET answered; required.")] = None,
    ) -> ActionPublic:
        """Change what is sent, if nobody has changed the action since the version that If-Match names."""

        def change(action: Action) -> bool:
            require_match(if_match, action.version)
            return register.amend(action, changes)

        return _tagged(response, store.change(action_id, change), clock.today())


def _add_reminders(routes: APIRouter, reminding: Reminding, clock: Clock, writes: Any) -> None:
    @routes.post("/reminders", tags=["reminders"], responses=LISTED, dependencies=[writes])
    def post_reminders(
        on: Annotated[
            date | None, Query(description="the day as of which to judge; today in London by default")
        ] = None,
    ) -> RemindersGiven:
        """Give the reminders that are called for as of a day. Each is given once: a second call gives nothing new."""
        return reminding.give(on or clock.today())


def _posted(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    same = {"model": model, "description": "The same was posted before; here it is as it is now."}
    return {200: same, **POSTED}


def _kept(response: Response, row: Board | Meeting | Action, new: bool) -> None:
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/{row.__tablename__}/{row.id}"


def _tagged(response: Response, action: Action, day: date) -> ActionPublic:
    response.headers["ETag"] = etag(action.version)
    return register.shown(action, day)
