"""Records without headers are aiokafka's own in everything else."""

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.bare import Bare, _Fetched

PLACE = TopicPartition("t", 3)
texts = st.none() | st.binary(max_size=30)
records = st.tuples(texts, texts, st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=6))


class Assigned:
    """As much of an assignment as a fetch asks."""

    active, paused = True, False

    def __init__(self, position):
        self.position = position

    def state_value(self, _partition):
        return self

    def consumed_to(self, position):
        self.position = position


def encoded(sent):
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=10**6,
    )
    for offset, (key, value, headers) in enumerate(sent):
        builder.append(offset, timestamp=1000 + offset, key=key, value=value, headers=headers)
    return bytes(builder.build())


def fetched(data, start):
    partition = PartitionRecords(PLACE, MemoryRecords(data), [], start, None, None, True, 0)
    return FetchResult(PLACE, assignment=Assigned(start), partition_records=partition, backoff=0)


@given(st.lists(records, min_size=1, max_size=8), st.integers(0, 8), st.integers(1, 9))
def test_a_bare_record_is_the_whole_one_without_its_headers(sent, start, most):
    data, fetches = encoded(sent), _Fetched()
    fetches[PLACE] = bare = fetched(data, start)
    whole = fetched(data, start)
    while whole.has_more():
        ours, theirs = bare.getall(most), whole.getall(most)
        assert all(isinstance(each, Bare) for each in ours)
        names = [name for name in Bare.__struct_fields__ if name != "headers"]
        assert [[getattr(each, name) for name in names] for each in ours] == [
            [getattr(each, name) for name in names] for each in theirs
        ]
        assert bare._assignment.position == whole._assignment.position
        assert bare.has_more() == whole.has_more()


def test_what_is_not_a_fetch_is_left_as_it_is():
    fetches, error = _Fetched(), object()
    fetches[PLACE] = error
    assert fetches[PLACE] is error
