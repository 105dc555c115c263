"""A batch becomes entries in the ledger; what cannot, becomes a dead letter with its reason or its fault."""

from types import SimpleNamespace

import pytest

from services.notify.consumer import entering
from shared.errors import Unavailable
from shared.events import notice_message
from shared.events.topics import ALERTS
from tests.unit.notify.test_tellings import alert


class Ledger:
    """Takes every telling but those of `refused`, and of a batch that holds one, none."""

    def __init__(self, refused=(), fault=None):
        self.entered, self._refused, self._fault = [], refused, fault or ValueError("not to be kept")

    def enter(self, tellings):
        if any(each.owner in self._refused for each in tellings):
            raise self._fault
        self.entered += [each.owner for each in tellings]
        return len(tellings)


class DeadLetters:
    def __init__(self):
        self.kept = []

    async def put(self, rejected):
        self.kept += [(record.offset, reason) for record, reason in rejected]


def value_of(owner):
    return notice_message(alert(owner=owner, alert_id=f"of {owner}"), "tests").value


def log_of(*owners):
    """A log of alerts to owners; bytes stand for themselves."""
    values = [
        owner if isinstance(owner, bytes) else notice_message(alert(owner=owner, alert_id=f"of {owner}"), "tests").value
        for owner in owners
    ]
    return [SimpleNamespace(topic=ALERTS, partition=0, offset=at, value=value) for at, value in enumerate(values)]


async def applied(ledger, *owners):
    letters, woken = DeadLetters(), []
    following = await entering(ledger, letters, lambda: woken.append(True))(None, log_of(*owners))
    return letters.kept, following, woken


async def test_what_cannot_be_decoded_or_told_is_put_aside_with_its_reason():
    ledger = Ledger()
    kept, following, woken = await applied(ledger, "MPS", b"{", "a/b", "MOPAC")
    assert ledger.entered == ["MPS", "MOPAC"]
    assert [(offset, type(reason)) for offset, reason in kept] == [(1, str), (2, str)]
    assert (following, woken) == (4, [True])


async def test_what_the_ledger_does_not_take_is_put_aside_with_the_fault_and_the_rest_is_entered():
    ledger = Ledger(refused={"MOPAC"})
    kept, following, woken = await applied(ledger, "MPS", "MOPAC", "BCU")
    assert ledger.entered == ["MPS", "BCU"]
    assert [(offset, repr(fault)) for offset, fault in kept] == [(1, "ValueError('not to be kept')")]
    assert (following, woken) == (3, [True])


async def test_a_database_that_does_not_answer_is_no_fault_of_a_record():
    ledger = Ledger(refused={"MPS"}, fault=Unavailable("the database does not answer"))
    with pytest.raises(Unavailable):
        await applied(ledger, "MPS", "MOPAC")


async def test_a_batch_of_which_nothing_is_entered_wakes_nobody():
    kept, following, woken = await applied(Ledger(), b"{")
    assert (len(kept), following, woken) == (1, 1, [])
