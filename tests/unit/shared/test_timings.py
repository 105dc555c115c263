"""What is timed is told to Prometheus as its own client's histogram tells it."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from shared.timings import Timings

BOUNDS = (0.001, 0.5, 1, 10)


def told(registry):
    """Its lines, but for when each was made, which this client adds."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([0.0, 0.001, 0.0011, 0.5, 1.0, 9.75, 11.0]))))
def test_it_is_told_as_prometheus_own_histogram_tells_it(observed):
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    timings = Timings("sample_seconds", "Help.", ("route",), BOUNDS, registry=ours)
    histogram = Histogram("sample_seconds", "Help.", ["route"], buckets=BOUNDS, registry=theirs)
    for route, seconds in observed:
        timings.of(route).observe(seconds)
        histogram.labels(route).observe(seconds)
    assert told(ours) == told(theirs)
