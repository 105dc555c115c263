"""Runs that are interrupted go on where they were: nothing is posted twice or missing, and totals are whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.errors import LocalError
from local.importers.checkpoints import Checkpoint, Checkpoints, job_of
from local.importers.elements import Kept, Part, Refusal
from local.importers.running import Run
from local.posting.ingest_client import Totals
from local.posting.items import Item
from shared.bars import Bar
from shared.errors import FieldError

UNKNOWN = FieldError("area", "unknown area 'Atlantis'", "Atlantis")


class Target:
    """Takes items until `left` are used up, then fails as an ingest that has gone away."""

    def __init__(self, left=None):
        self.left, self.taken, self.totals = left, [], Totals()

    async def send(self, items, done):
        for item in items:
            if self.left == 0:
                raise LocalError("ingest is gone")
            self.left = None if self.left is None else self.left - 1
            self.taken.append(item)
            self.totals.accepted[item.kind] += 1
            done(1)
        return self.totals


class Progress:
    """What a bar was told."""

    def __init__(self):
        self.total, self.done = 0, 0
        self.bar = Bar(self.plan, self.advance)

    def plan(self, total):
        self.total = total

    def advance(self, done):
        self.done += done


def part(number, size):
    """Of every five elements one is refused and one kept."""

    def read():
        for place in range(size):
            if place % 5 == 3:
                yield Refusal((UNKNOWN,), f"{number} line {place}", 2)
            elif place % 5 == 4:
                yield Kept("outcomes")
            else:
                yield Item("crimes", f"{number}-{place}".encode())

    return Part(f"part {number}", "", lambda: size, read)


async def interrupted(parts, path, stretch, after):
    """Two runs, the first of which fails after so many items; what each took, and the second's result and bar."""
    first, second, progress = Target(after), Target(), Progress()
    try:
        await Run(parts, first, Progress().bar, Checkpoints(path), stretch=stretch).finish()
    except LocalError:
        assert first.left == 0
    result = await Run(parts, second, progress.bar, Checkpoints(path), stretch=stretch).finish()
    return first.taken, second.taken, result, progress


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(0, 12), min_size=1, max_size=5), stretch=st.integers(1, 9), data=st.data())
async def test_an_interrupted_run_goes_on_where_it_was(sizes, stretch, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "job.json"
    parts = [part(number, size) for number, size in enumerate(sizes)]
    items = [each for each in everything(parts) if isinstance(each, Item)]
    after = data.draw(st.integers(0, max(len(items) - 1, 0)))
    first, second, result, progress = await interrupted(parts, path, stretch, after)
    assert first + second[max(len(first) + len(second) - len(items), 0) :] == items
    assert len(first) + len(second) - len(items) < stretch or not items
    assert result.totals.accepted.total() == len(items)
    assert result.totals.rejections.records == 2 * sum(isinstance(each, Refusal) for each in everything(parts))
    assert result.kept.total() == sum(isinstance(each, Kept) for each in everything(parts))
    assert progress.done == progress.total == sum(sizes)
    assert not path.exists()


def everything(parts):
    return [element for each in parts for element in each.read()]


async def test_a_run_that_ended_is_done_anew_from_the_start(tmp_path):
    for _ in range(2):
        target = Target()
        result = await Run([part(0, 10)], target, Progress().bar, Checkpoints(tmp_path / "job.json")).finish()
        assert (len(target.taken), result.resumed_after) == (6, 0)


async def test_what_was_done_is_told_and_not_posted_again(tmp_path):
    first, second, result, _ = await interrupted([part(0, 10), part(1, 10)], tmp_path / "job.json", 5, 7)
    assert (len(first), len(second), result.resumed_after) == (7, 6, 10)


async def test_nothing_is_written_down_before_it_is_committed(tmp_path):
    path, seen = tmp_path / "job.json", []
    run = Run([part(0, 10)], Target(), Progress().bar, Checkpoints(path), stretch=4)
    run.commit = lambda: seen.append(Checkpoints(path).load().element)
    await run.finish()
    assert seen == [0, 4, 8, 10]


async def test_without_checkpoints_nothing_is_left_behind(tmp_path):
    with pytest.raises(LocalError):
        await Run([part(0, 10)], Target(3), Progress().bar, stretch=2).finish()
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_another_form_is_no_checkpoint(tmp_path):
    (tmp_path / "job.json").write_text('{"part": "three"}')
    assert Checkpoints(tmp_path / "job.json").load() == Checkpoint()


def test_an_import_is_known_again_by_content_dataset_and_options():
    names = [
        job_of("police-uk", "live", ["7"], ["a", "b"]),
        job_of("police-uk", "live", ["7"], ["b", "a"]),
        job_of("police-uk", "trial", ["7"], ["a", "b"]),
        job_of("police-uk", "live", ["8"], ["a", "b"]),
        job_of("datastore", "live", ["7"], ["a", "b"]),
    ]
    assert len(set(names)) == len(names)
    assert job_of("police-uk", "live", ["7"], ["a", "b"]) == names[0]
