"""Loads the demonstration into a running stack, through the services' own doors. Doing it again changes nothing."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec

from local.demo.board import MEETINGS, BoardAction
from local.demo.contacts import CONTACTS
from local.demo.figures import crime_counts
from local.demo.indicators import indicators
from local.demo.publications import publish
from local.errors import LocalError
from local.home import Addresses, Home
from local.posting.ingest_client import IngestClient

DATASET = "demo"
COUNTED_WITHIN_SECONDS = 60.0
_END = "2017-06-30"


def load(home: Home, say: Callable[[str], None]) -> None:
    """Contacts first, so that whoever is told is reached; then the board's actions, the figures, two publications.

    Returns once metrics has counted and frozen them; LocalError if a service refuses something, or metrics does not
    get there.
    """
    addresses, token = home.addresses(), home.token()
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False) as http:
        _load_contacts(http, addresses.notify)
        _load_board(http, addresses.actions)
        posted = asyncio.run(_load_figures(addresses, token))
        say(f"Posted {posted:,} monthly counts and indicators; counting")
        say(_wait_until_counted(http, addresses.metrics))
        publish(http, addresses.metrics, DATASET, _END)


def _load_contacts(http: httpx.Client, notify: str) -> None:
    for contact in CONTACTS:
        body = {"name": contact.name, "channels": [{"kind": "email", "address": contact.email}]}
        _accepted(http.put(f"{notify}/v1/contacts/{contact.owner}", json=body))


def _load_board(http: httpx.Client, actions: str) -> None:
    for meeting in MEETINGS:
        board = _accepted(http.post(f"{actions}/v1/boards", json={"name": meeting.board}))
        about = {"board": board["id"], "held_on": meeting.held_on.isoformat()}
        held = _accepted(http.post(f"{actions}/v1/meetings", json=about))
        for action in meeting.actions:
            _accepted(http.post(f"{actions}/v1/actions", json={"meeting": held["id"], **_action(action)}))
    # They are judged daily by themselves; whoever has just opened the demonstration should not wait till tomorrow.
    _accepted(http.post(f"{actions}/v1/reminders"))


def _action(action: BoardAction) -> dict[str, object]:
    due: dict[str, object] = {"kind": action.due_kind}
    if action.due_on:
        due["on"] = action.due_on.isoformat()
    if action.due_text:
        due["text"] = action.due_text
    return {
        "number": action.number,
        "text": action.text,
        "paragraph": action.paragraph,
        "owners": list(action.owners),
        "due": due,
    }


async def _load_figures(addresses: Addresses, token: str) -> int:
    async with IngestClient(addresses.ingest, token) as client:
        totals = await client.send(_figures())
    if totals.rejections.records:
        reason, _ = totals.rejections.most_frequent()[0]
        raise LocalError(f"ingest refused {totals.rejections.records} records of the demonstration: {reason}")
    return totals.accepted.total()


def _figures() -> Iterator[tuple[str, bytes]]:
    encode = msgspec.json.encode
    yield from (("indicators", encode(each)) for each in indicators())
    # In time's order, so that what is read meanwhile grows from the left.
    by_month = sorted(crime_counts(), key=lambda each: each.month)
    yield from (("crime-counts", encode(each)) for each in by_month)


def _wait_until_counted(http: httpx.Client, metrics: str) -> str:
    expected = sum(each.count for each in crime_counts() if "2016-07" <= each.month <= _END)
    question = {"measure": "total-notifiable-offences", "end": _END, "dataset": DATASET}
    deadline = time.monotonic() + COUNTED_WITHIN_SECONDS
    while True:
        answer = _accepted(http.get(f"{metrics}/v1/compare", params=question))
        if answer["value"] == expected:
            direction = "up" if answer["change"] > 0 else "down"
            change = f"{direction} {abs(answer['percent_change'])}%"
            return f"London, 12 months to June 2017: {expected:,} recorded crimes, {change}"
        if time.monotonic() > deadline:
            raise LocalError(f"metrics has counted {answer['value']} of {expected} crimes of the demonstration")
        time.sleep(0.2)


def _accepted(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        told = answer.text[:500]
        raise LocalError(f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {told}")
    body: dict[str, Any] = answer.json()
    return body
