from hypothesis import given
from hypothesis import strategies as st

from services.metrics.states import NAME_BYTES, SHARDS, names


@given(st.lists(st.binary(max_size=30), unique=True, min_size=1))
def test_records_are_told_apart_by_names_of_one_length_in_shards_that_there_are(keys):
    joined = names(keys)
    apart = {joined[at : at + NAME_BYTES] for at in range(0, len(joined), NAME_BYTES)}
    assert len(apart) == len(keys)
    assert all(int.from_bytes(each[:2]) < SHARDS for each in apart)


@given(st.lists(st.binary(max_size=30), min_size=1))
def test_a_records_name_does_not_depend_on_the_batch(keys):
    assert names(keys) == b"".join(names([key]) for key in keys)
