"""The ledger: each telling entered once, each delivery attempted by one process at a time."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.notify.app import MIGRATIONS
from services.notify.attempts import Outcome, Patience
from services.notify.channels import Smtp
from services.notify.delivery import Delivery
from services.notify.models import Contact, Outbox, Silence
from services.notify.store import Directory, Ledger
from services.notify.tellings import Telling
from shared.clock import FixedClock
from shared.database import Database
from shared.migrations import migrate
from shared.outbox import Outbox as Writer

START = datetime(2023, 7, 14, 12, tzinfo=UTC)
SMTP = Smtp("127.0.0.1", 25, "oversight@mopac.example")
LEASE_SECONDS = 180


class FakeSender:
    """Counts what it is asked to send; refuses through the channels whose label is in `refuses`."""

    def __init__(self, refuses=()):
        self.sent, self.refuses = [], set(refuses)

    def send(self, channel, subject, text):
        self.sent.append((channel.label, subject))
        return channel.label not in self.refuses


@pytest.fixture
def clock():
    return FixedClock(START)


@pytest.fixture
def url(parts):
    url = parts.database_url("notify")
    database = Database(url)
    migrate(database, MIGRATIONS, "notify")
    database.close()
    return url


@pytest.fixture
def database(url):
    database = Database(url)
    yield database
    database.close()


def new_ledger(database, clock, **patience):
    writer = Writer(Outbox, "notify", clock, lambda: None)
    return Ledger(database, writer, clock, Patience(**patience), LEASE_SECONDS, chance=lambda: 1.0)


@pytest.fixture
def ledger(database, clock):
    return new_ledger(database, clock)


@pytest.fixture
def directory(database, clock):
    return Directory(database, clock)


def telling(number=1, owner="MPS", on_request=None):
    return Telling(owner, f"cause/{number}", "rule", f"Subject {number}", "Text.", "http://link", on_request)


def contact(*channels, owner="MPS", also_on=()):
    return Contact(owner=owner, name="", channels=list(channels), also_on=list(also_on), updated_at=START)


def deliver(ledger, sender, at_once=8):
    return asyncio.run(Delivery(ledger, sender, SMTP, "http://notify", at_once).step())


def the_only(ledger):
    (row,) = ledger.notifications(None, None, 0, 10)
    return row


def later(clock, seconds):
    clock.set(clock.now() + timedelta(seconds=seconds))


def test_a_telling_is_entered_once_for_each_owner(ledger):
    assert ledger.enter([telling(), telling(), telling(owner="MOPAC")]) == 2
    assert ledger.enter([telling(), telling(2)]) == 1
    assert len(ledger.notifications(None, None, 0, 10)) == 3


def test_changes_of_actions_are_told_only_to_those_who_ask(ledger, directory):
    directory.put_contact(contact(owner="MOPAC", also_on=["created"]))
    asked = [telling(owner=owner, on_request="created") for owner in ("MPS", "MOPAC")]
    assert ledger.enter([*asked, telling(2, "MOPAC", on_request="updated")]) == 1
    assert the_only(ledger).owner == "MOPAC"


def test_without_a_channel_a_notification_is_sent_to_the_inbox(ledger):
    ledger.enter([telling()])
    sender = FakeSender()
    deliver(ledger, sender)
    assert (the_only(ledger).status, the_only(ledger).channel, sender.sent) == ("sent", "inbox", [])


def test_a_channel_that_took_the_message_is_left_alone_when_another_is_tried_again(ledger, directory, clock):
    directory.put_contact(contact("json://hook", {"kind": "email", "address": "mps@met.example"}))
    ledger.enter([telling()])
    sender = FakeSender(refuses=["email"])
    deliver(ledger, sender)
    assert (the_only(ledger).status, the_only(ledger).channel) == ("pending", "json")
    deliver(ledger, sender)
    assert len(sender.sent) == 2  # not before its pause is over
    sender.refuses.clear()
    later(clock, 10)
    deliver(ledger, sender)
    assert [label for label, _ in sender.sent] == ["json", "email", "email"]
    assert (the_only(ledger).status, the_only(ledger).channel) == ("sent", "email+json")


def test_a_corrected_contact_is_used_for_the_next_attempt(ledger, directory, clock):
    directory.put_contact(contact("json://wrong"))
    ledger.enter([telling()])
    sender = FakeSender(refuses=["json"])
    deliver(ledger, sender)
    directory.put_contact(contact("xml://right"))
    later(clock, 10)
    deliver(ledger, sender)
    assert [label for label, _ in sender.sent] == ["json", "xml"]
    assert the_only(ledger).status == "sent"


def test_two_replicas_never_hold_the_same_notification(url, clock):
    databases = [Database(url) for _ in range(4)]
    ledgers = [new_ledger(each, clock) for each in databases]
    ledgers[0].enter([telling(number) for number in range(40)])
    start, held = threading.Barrier(4), []

    def claim(ledger):
        start.wait()
        while claims := ledger.claim(3):
            held.extend(each.notification.cause for each in claims)

    replicas = [threading.Thread(target=claim, args=(each,)) for each in ledgers]
    for each in replicas:
        each.start()
    for each in replicas:
        each.join()
    for each in databases:
        each.close()
    assert sorted(held) == sorted(f"cause/{number}" for number in range(40))


def test_an_attempt_that_was_cut_short_is_made_again_once_after_its_lease(ledger, clock):
    ledger.enter([telling()])
    assert len(ledger.claim(8)) == 1  # and then the process died
    later(clock, LEASE_SECONDS - 1)
    assert ledger.claim(8) == []
    later(clock, 1)
    assert len(ledger.claim(8)) == 1  # and died again
    later(clock, LEASE_SECONDS)
    assert ledger.claim(8) == []
    assert the_only(ledger).status == "failed"
    assert "cut short" in the_only(ledger).error


def test_a_process_that_lost_its_lease_does_not_decide_what_became_of_the_notification(ledger, clock):
    ledger.enter([telling()])
    (late,) = ledger.claim(8)
    later(clock, LEASE_SECONDS)
    (now,) = ledger.claim(8)
    ledger.finish(late, Outcome([], ["email"]))
    assert (the_only(ledger).attempts, the_only(ledger).error) == (2, None)
    ledger.finish(now, Outcome(["email:1"], []))
    assert the_only(ledger).status == "sent"


def test_what_is_acknowledged_while_it_is_pending_is_not_delivered_any_more(ledger, clock):
    ledger.enter([telling()])
    (claim,) = ledger.claim(8)
    ledger.acknowledge(claim.notification.id, "mopac")
    ledger.finish(claim, Outcome([], ["email"]))
    later(clock, 10 * LEASE_SECONDS)
    assert ledger.claim(8) == []
    assert (the_only(ledger).status, the_only(ledger).acknowledged_by) == ("acknowledged", "mopac")


def test_a_silence_holds_from_its_start_until_its_end(ledger, directory, clock):
    directory.add_silence(
        Silence(
            id="s",
            owner="MPS",
            starts_at=START,
            ends_at=START + timedelta(hours=1),
            created_by="test",
        )
    )
    ledger.enter([telling(1), telling(1, "MOPAC")])
    later(clock, 3600)
    ledger.enter([telling(2)])
    found = {(each.cause, each.owner): each.status for each in ledger.notifications(None, None, 0, 10)}
    assert found == {
        ("cause/1", "MPS"): "silenced",
        ("cause/1", "MOPAC"): "pending",
        ("cause/2", "MPS"): "pending",
    }


def test_pauses_double_up_to_the_cap_and_the_last_attempt_fails(database, clock, directory):
    ledger = new_ledger(database, clock, max_attempts=4, first_pause_seconds=10, longest_pause_seconds=30)
    directory.put_contact(contact("json://down"))
    ledger.enter([telling()])
    sender, waits = FakeSender(refuses=["json"]), []
    while the_only(ledger).status == "pending":
        wait = the_only(ledger).next_attempt_at - clock.now()
        waits.append(wait.total_seconds())
        later(clock, wait.total_seconds())
        deliver(ledger, sender)
    assert waits == [0, 10, 20, 30]
    assert (the_only(ledger).status, len(sender.sent)) == ("failed", 4)
