from hypothesis import given
from hypothesis import strategies as st

from local.posting.batches import batches

ITEMS = st.lists(st.tuples(st.sampled_from(["crimes", "calls"]), st.binary(min_size=1, max_size=30)), max_size=60)


@given(ITEMS, st.integers(1, 7), st.integers(31, 100))
def test_every_record_is_in_one_batch_of_its_kind_in_order_and_within_the_limits(items, most_records, most_bytes):
    found = list(batches(items, most_records=most_records, most_bytes=most_bytes))
    for kind in ("crimes", "calls"):
        wanted = [record for each, record in items if each == kind]
        assert [record for batch in found if batch.kind == kind for record in batch.records] == wanted
    assert all(1 <= len(batch.records) <= most_records for batch in found)
    assert all(len(batch.body()) <= most_bytes for batch in found)


def test_a_record_above_the_limit_travels_alone():
    found = list(batches([("crimes", b"1"), ("crimes", b"x" * 50), ("crimes", b"2")], most_bytes=20))
    assert [batch.records for batch in found] == [[b"1"], [b"x" * 50], [b"2"]]
