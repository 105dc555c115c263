"""The outbox of actions: nothing lost, nothing out of order, whatever fails between the change and its publication."""

import asyncio
import threading
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from services.actions.app import MIGRATIONS
from services.actions.models import Action, ActionCreate, ActionUpdate, BoardCreate, Outbox
from services.actions.register import amend, new_action, new_board
from services.actions.reminders import Policy
from services.actions.store import Store
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Unavailable
from shared.loops import Loop
from shared.migrations import migrate
from shared.outbox import Outbox as Writer
from shared.outbox import Relay

NOW = datetime(2023, 7, 14, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)


class FakePublisher:
    """Remembers what it took. `fault` is raised `before` or `after` it took the messages."""

    def __init__(self):
        self.taken, self.fault, self.when = [], None, "before"

    async def publish(self, messages):
        if self.fault and self.when == "before":
            raise self.fault
        self.taken += messages
        await asyncio.sleep(0)
        if self.fault:
            raise self.fault

    @property
    def ids(self):
        return [dict(message.headers)["ce_id"].decode() for message in self.taken]


@pytest.fixture
def url(parts):
    url = parts.database_url("actions")
    database = Database(url)
    migrate(database, MIGRATIONS, "actions")
    database.close()
    return url


@pytest.fixture
def database(url):
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def store(database):
    return new_store(database)


def new_store(database, announce=lambda: None):
    return Store(database, Writer(Outbox, "actions", CLOCK, announce), CLOCK, "http://actions")


def new_relay(database, publisher):
    return Relay(database, Outbox, publisher, "actions", CLOCK)


def add(store, action_id, due_on=None):
    board, _ = store.keep(new_board(BoardCreate(name="Board"), NOW))
    due = {"kind": "date", "on": due_on} if due_on else {}
    posted = ActionCreate(id=action_id, board="board", text="Do it.", owners=["MPS"], due=due)
    return store.keep(new_action(posted, None, board, "unused", NOW))


def close_it(store, action_id, status="done"):
    return store.change(action_id, lambda action: amend(action, ActionUpdate(status=status)))


async def test_events_are_published_in_the_order_of_their_changes_and_once(database, store):
    add(store, "a")
    add(store, "b")
    close_it(store, "a")
    publisher = FakePublisher()
    relay = new_relay(database, publisher)
    await relay.step()
    await relay.step()
    assert publisher.ids == ["a/created", "b/created", "a/updated/2"]


async def test_an_event_and_its_change_are_kept_together_or_not_at_all(database, store):
    add(store, "a")

    def refuse(action):
        amend(action, ActionUpdate(status="done"))
        raise Unavailable("the caller is gone")

    with pytest.raises(Unavailable):
        store.change("a", refuse)
    publisher = FakePublisher()
    await new_relay(database, publisher).step()
    assert publisher.ids == ["a/created"]
    assert store.get(Action, "a").status == "open"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_was_not_acknowledged_is_published_again_with_the_same_id_and_bytes(database, store, when):
    add(store, "a")
    add(store, "b")
    publisher = FakePublisher()
    publisher.fault, publisher.when = Unavailable("no acknowledgement"), when
    with pytest.raises(Unavailable):
        await new_relay(database, publisher).step()
    first, publisher.fault = list(publisher.taken), None
    await new_relay(database, publisher).step()
    again = publisher.taken[len(first) :]
    assert [each.key for each in again] == [b"a", b"b"]
    assert first in ([], again)


async def test_a_relay_that_dies_between_publishing_and_marking_leaves_its_work_to_the_next(url, database, store):
    add(store, "a")
    publisher = FakePublisher()
    publisher.fault, publisher.when = asyncio.CancelledError(), "after"
    dying = Database(url)
    with pytest.raises(asyncio.CancelledError):
        await new_relay(dying, publisher).step()
    dying.close()
    publisher.fault = None
    await new_relay(database, publisher).step()
    assert publisher.ids == ["a/created", "a/created"]


async def test_two_replicas_relay_everything_in_order_and_nothing_twice(url, database, store):
    for number in range(30):
        add(store, f"action-{number}")
        close_it(store, f"action-{number}")
    publisher, other = FakePublisher(), Database(url)
    relays = [new_relay(each, publisher) for each in (database, other)]
    for _ in range(4):
        await asyncio.gather(*(relay.step() for relay in relays))
    other.close()
    assert publisher.ids == [
        event for number in range(30) for event in (f"action-{number}/created", f"action-{number}/updated/2")
    ]


async def test_a_second_relay_waits_while_the_first_is_publishing(url, database, store):
    add(store, "a")
    held, release = asyncio.Event(), asyncio.Event()

    class Slow(FakePublisher):
        async def publish(self, messages):
            held.set()
            await release.wait()
            await super().publish(messages)

    slow, eager, other = Slow(), FakePublisher(), Database(url)
    first = asyncio.create_task(new_relay(database, slow).step())
    await held.wait()
    await new_relay(other, eager).step()
    assert eager.taken == []
    release.set()
    await first
    await new_relay(other, eager).step()
    other.close()
    assert (slow.ids, eager.taken) == (["a/created"], [])


async def test_a_change_wakes_the_relay_at_once(database):
    publisher = FakePublisher()
    loop = Loop("relay", new_relay(database, publisher).step, 3600)
    store = new_store(database, loop.wake)
    running = asyncio.create_task(loop.run())
    await asyncio.sleep(0.2)
    await asyncio.to_thread(add, store, "a")
    async with asyncio.timeout(5):
        while not publisher.taken:  # noqa: ASYNC110 - the fake tells nobody
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert publisher.ids == ["a/created"]


def test_replicas_that_evaluate_the_same_day_at_once_give_each_reminder_once(url, store):
    for number in range(20):
        add(store, f"action-{number}", date(2023, 7, 14))
    start, given = threading.Barrier(4), []

    def evaluate():
        database = Database(url)
        mine = new_store(database)
        start.wait()
        given.extend(mine.remind(date(2023, 7, 14), Policy()))
        database.close()

    replicas = [threading.Thread(target=evaluate) for _ in range(4)]
    for each in replicas:
        each.start()
    for each in replicas:
        each.join()
    assert sorted(each.event_id for each in given) == sorted(f"action-{n}/due/2023-07-14/0" for n in range(20))


def test_replicas_that_keep_the_same_action_at_once_keep_it_once(url, database, store):
    add(store, "other")
    start, new = threading.Barrier(4), []

    def post():
        mine = Database(url)
        start.wait()
        new.append(add(new_store(mine), "a")[1])
        mine.close()

    replicas = [threading.Thread(target=post) for _ in range(4)]
    for each in replicas:
        each.start()
    for each in replicas:
        each.join()
    assert sorted(new) == [False, False, False, True]
    with database.reading() as session:
        assert len([row for row in session.exec(select(Outbox)) if row.key == b"a"]) == 1


def test_overdue_actions_are_counted_for_every_board(store):
    add(store, "late", date(2023, 7, 13))
    add(store, "today", date(2023, 7, 14))
    add(store, "done", date(2023, 7, 1))
    close_it(store, "done")
    store.keep(new_board(BoardCreate(name="Quiet"), NOW))
    assert store.count_overdue(date(2023, 7, 14)) == {"board": 1, "quiet": 0}
