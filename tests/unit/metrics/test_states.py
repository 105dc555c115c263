from hypothesis import given
from hypothesis import strategies as st

from services.metrics.facts import Contribution
from services.metrics.states import DIGEST_BYTES, State, digest, pack, unpack

contributions = st.builds(
    Contribution,
    day=st.integers(0, 2**16 - 1),
    area=st.integers(0, 255),
    weight=st.integers(0, 2**31 - 1),
    measures=st.binary(max_size=255),
)
states = st.builds(State, revision=st.integers(1, 2**63 - 1), contributions=st.lists(contributions, max_size=3))


@given(states)
def test_a_state_is_read_as_it_was_written(state):
    assert unpack(pack(state)) == state


@given(st.lists(st.binary(max_size=30), unique=True))
def test_records_are_told_apart_by_digests_of_one_length(keys):
    digests = {digest(key) for key in keys}
    assert len(digests) == len(keys)
    assert {len(each) for each in digests} <= {DIGEST_BYTES}
