"""What the consumer loop does when the group shares the partitions out anew while a batch is being applied."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from shared.errors import Unavailable
from shared.kafka import Consumer, Reading

KEPT, LOST = TopicPartition("t", 0), TopicPartition("t", 1)


class Assigned:
    """As much of aiokafka's consumer as the loop uses, and as strict about partitions that it does not hold."""

    def __init__(self, *partitions, counted=2):
        self.held, self.counted = set(partitions), counted
        self.sought, self.committed = {}, {}

    def assignment(self):
        return frozenset(self.held)

    def highwater(self, partition):
        assert partition in self.held, "Partition is not assigned"
        return 10

    def seek(self, partition, offset):
        if partition not in self.held:
            raise IllegalStateError(f"No current assignment for partition {partition}")
        self.sought[partition] = offset

    def read_ahead(self):
        pass

    async def commit(self, offsets):
        self.committed |= offsets

    def partitions_for_topic(self, _topic):
        return set(range(self.counted)) or None

    async def beginning_offsets(self, partitions):
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions):
        return dict.fromkeys(partitions, 10)


class Positions:
    """Reads every partition from its start on."""

    def __init__(self):
        self.checked = []

    async def check_partitions(self, topic, count):
        self.checked.append((topic, count))

    async def start_at(self, _partition, _cluster, earliest, _latest):
        return earliest


def batches(*partitions):
    return {partition: [SimpleNamespace(offset=0), SimpleNamespace(offset=1)] for partition in partitions}


def consumer_that(apply, **settings):
    return Consumer("nowhere", "g", ["t"], apply, reading=Reading(at_once=2), **settings)


@pytest.mark.parametrize("following", [2, 7], ids=["as it was read", "where another process stands"])
async def test_a_partition_that_is_taken_away_while_it_is_applied_is_left_alone(following):
    held = Assigned(KEPT, LOST)

    async def apply(partition, _records):
        held.held.discard(LOST)
        consumer._forget([LOST])
        return 10 if partition == KEPT else following

    consumer = consumer_that(apply)
    await consumer._apply_all(held, batches(KEPT, LOST))
    assert held.committed == {KEPT: 10}
    assert held.sought == {KEPT: 10}
    assert consumer.caught_up()


async def test_what_was_applied_is_committed_though_another_partition_could_not_be():
    held = Assigned(KEPT, LOST)

    async def apply(partition, _records):
        if partition == LOST:
            raise Unavailable("no answer")
        return 2

    consumer = consumer_that(apply)
    with pytest.raises(Unavailable):
        await consumer._apply_all(held, batches(KEPT, LOST))
    assert held.committed == {KEPT: 2}
    assert not consumer.caught_up()


@pytest.mark.parametrize(("moved", "steps", "following"), [(False, [[0, 1], [2, 3], [4]], 5), (True, [[0, 1]], 9)])
async def test_a_batch_is_applied_in_steps_of_so_many_records_until_it_goes_on_elsewhere(moved, steps, following):
    held, applied = Assigned(KEPT), []

    async def apply(_partition, records):
        applied.append([record.offset for record in records])
        return 9 if moved else records[-1].offset + 1

    consumer = Consumer("nowhere", "g", ["t"], apply, reading=Reading(max_records=2))
    await consumer._apply_all(held, {KEPT: [SimpleNamespace(offset=offset) for offset in range(5)]})
    assert applied == steps
    assert held.committed == {KEPT: following}
    assert held.sought == ({KEPT: 9} if moved else {})


async def test_what_is_assigned_anew_is_first_read_on_from_its_own_position():
    held, applied = Assigned(KEPT, LOST), []

    async def apply(partition, _records):
        applied.append(partition)
        return 2

    consumer = consumer_that(apply, positions=Positions())
    await consumer._position(held)
    consumer._forget([LOST])
    await consumer._apply_all(held, batches(KEPT, LOST))
    assert applied == [KEPT]
    held.sought.clear()
    await consumer._position(held)
    assert held.sought == {LOST: 0}


async def test_a_topic_whose_partitions_are_not_known_yet_is_waited_for_and_no_number_is_remembered():
    async def apply(_partition, _records):
        raise AssertionError

    positions = Positions()
    consumer = consumer_that(apply, positions=positions)
    with pytest.raises(Unavailable, match="t"):
        await consumer._position(Assigned(KEPT, counted=0))
    assert not positions.checked
