import stat
from datetime import UTC, datetime, timedelta

from local.parts.mail import Sink
from shared.clock import FixedClock

NOW = datetime(2017, 6, 30, 8, 30, tzinfo=UTC)


def test_names_sort_by_arrival(tmp_path):
    clock = FixedClock(NOW)
    sink = Sink(tmp_path, clock)
    kept = []
    for seconds in (0, 0.5, 59, 90_000):
        clock.set(NOW + timedelta(seconds=seconds))
        kept.append(sink.keep(b"x"))
    assert sorted(tmp_path.iterdir()) == kept
    assert kept[0].name.startswith("20170630T083000.000000Z-")


def test_two_messages_of_the_same_moment_are_both_kept(tmp_path):
    sink = Sink(tmp_path, FixedClock(NOW))
    assert {sink.keep(b"one").read_bytes(), sink.keep(b"two").read_bytes()} == {b"one", b"two"}


def test_only_whole_messages_stand_in_the_directory(tmp_path):
    kept = Sink(tmp_path, FixedClock(NOW)).keep(b"Subject: late\r\n\r\nbody\r\n")
    assert list(tmp_path.iterdir()) == [kept]
    assert stat.S_ISREG(kept.stat().st_mode)
