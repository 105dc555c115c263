"""How much a source may send in a time, what it is told of it, and that no source uses up another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.limits import Meter
from services.ingest.quotas import Level, Quota, level, limit, quota_of, quotas_of, wait_seconds
from services.ingest.settings import Settings
from shared.errors import TooMany

MINUTE = Quota("minute", "requests", 60, 60)


class Stopwatch:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch():
    return Stopwatch()


def admitted(meter, source, most=10_000):
    for number in range(most):
        try:
            meter.admit(source)
        except TooMany:
            return number
    return most


def meter_of(watch, **quotas):
    return Meter(quotas_of({name.replace("any", "*"): each for name, each in quotas.items()}), watch)


def test_a_quiet_source_may_send_its_quota_at_once_and_then_waits_for_the_next_unit(watch):
    meter = meter_of(watch, any={"minute": "60 requests/1m"})
    assert admitted(meter, "met") == 60
    with pytest.raises(
        TooMany, match="the source 'met' has used up its quota of minute; nothing was accepted"
    ) as refused:
        meter.admit("met")
    assert refused.value.headers == {"Retry-After": "1"}
    assert refused.value.problem()["violated-policies"] == ["minute"]
    watch.now += 1
    assert admitted(meter, "met") == 1
    watch.now += 3600
    assert admitted(meter, "met") == 60


def test_one_source_uses_up_nothing_of_anothers(watch):
    meter = meter_of(watch, any={"minute": "60 requests/1m"})
    assert [admitted(meter, source) for source in ("met", "btp")] == [60, 60]


def test_a_source_that_is_named_has_its_own_quotas_and_one_that_has_none_is_not_held(watch):
    meter = meter_of(watch, any={"minute": "60 requests/1m"}, cad={"minute": "5 requests/1m"}, importer={})
    assert [admitted(meter, source) for source in ("cad", "importer")] == [5, 10_000]
    assert meter.headers("importer") == {}


def test_a_body_may_be_larger_than_what_is_left_and_the_next_request_waits_for_it(watch):
    meter = meter_of(watch, any={"day": "1000 content-bytes/10s"})
    meter.admit("met")
    meter.received("met", 2500)
    with pytest.raises(TooMany) as refused:
        meter.admit("met")
    assert refused.value.headers == {"Retry-After": "16"}
    watch.now += 15
    assert admitted(meter, "met", 1) == 0
    watch.now += 1
    assert admitted(meter, "met", 1) == 1


def test_of_several_quotas_the_longest_wait_counts_and_a_refused_request_uses_up_nothing(watch):
    meter = meter_of(watch, any={"second": "2 requests/1s", "hour": "4 requests/1h"})
    assert admitted(meter, "met") == 2
    watch.now += 1
    assert admitted(meter, "met") == 2
    with pytest.raises(TooMany) as refused:
        meter.admit("met")
    assert int(refused.value.headers["Retry-After"]) == pytest.approx(900, abs=2)
    assert refused.value.problem()["violated-policies"] == ["second", "hour"]
    watch.now += 1
    with pytest.raises(TooMany) as refused:
        meter.admit("met")
    assert refused.value.problem()["violated-policies"] == ["hour"]


def test_the_headers_say_what_is_allowed_what_is_left_and_when_all_of_it_is_there_again(watch):
    meter = meter_of(watch, met={"burst": "100 requests/10s", "day": "5000 content-bytes/1d"})
    for _ in range(50):
        meter.admit("met")
    meter.received("met", 6000)
    assert meter.headers("met") == {
        "RateLimit-Policy": '"burst";q=100;qu="requests";w=10, "day";q=5000;qu="content-bytes";w=86400',
        "RateLimit": '"burst";r=50;t=5, "day";r=0;t=103680',
    }


@given(
    st.integers(1, 1000),
    st.integers(1, 10_000),
    st.lists(st.floats(0, 5000, allow_nan=False), min_size=1, max_size=60),
)
def test_over_any_time_no_more_is_admitted_than_a_bucketful_and_the_rate(units, seconds, pauses):
    quota, state, now, taken = Quota("q", "requests", units, seconds), None, 0.0, 0
    for pause in pauses:
        now += pause
        state = level(quota, state, now)
        while wait_seconds(quota, state) == 0:
            state = state._replace(left=state.left - 1)
            taken += 1
        assert taken <= units + now * units / seconds + 1e-6
        # Who waits as long as it is told is let in.
        assert wait_seconds(quota, level(quota, state, now + wait_seconds(quota, state) + 1e-6)) == 0


def test_what_is_told_is_never_less_than_nothing():
    assert limit(MINUTE, Level(-5.0, 0.0)) == '"minute";r=0;t=65'


@pytest.mark.parametrize(
    ("written", "quota"),
    [
        ("600 requests/1m", Quota("q", "requests", 600, 60)),
        ("2000000000 content-bytes/1d", Quota("q", "content-bytes", 2_000_000_000, 86_400)),
        ("5 requests/90s", Quota("q", "requests", 5, 90)),
    ],
)
def test_a_quota_is_written_as_a_number_a_unit_and_a_span(written, quota):
    assert quota_of("q", written) == quota


@pytest.mark.parametrize("written", ["600/1m", "0 requests/1m", "5 requests/0s", "5 events/1d", "-1 requests/1s", ""])
def test_settings_refuse_what_is_no_quota_and_say_how_one_is_written(written, tmp_path):
    required = {"OVERSIGHT_KAFKA": "127.0.0.1:1", "OVERSIGHT_TOKENS_FILE": tmp_path / "tokens.json"}
    with pytest.raises(ValidationError, match="write a number, requests or content-bytes, and a span"):
        Settings(**required, quotas={"*": {"minute": written}})


def test_no_source_is_held_to_anything_unless_it_is_said(tmp_path):
    required = {"OVERSIGHT_KAFKA": "127.0.0.1:1", "OVERSIGHT_TOKENS_FILE": tmp_path / "tokens.json"}
    assert Settings(**required).quotas == {}
