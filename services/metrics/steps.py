"""One atomic step, worked out in memory: a batch's records against their stored states. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.metrics.facts import MONTHLY, Contribution, day_of
from services.metrics.layout import Layout
from services.metrics.states import State, pack
from shared.events.periods import month_end


class Change(NamedTuple):
    """One event of a batch: which record, whose dataset, at which revision, and what it contributes."""

    record: bytes
    dataset: str
    revision: int
    contributions: list[Contribution]
    value: tuple[str, str] | None = None
    """For an indicator: the field and the text to keep, instead of counts."""


class Step(NamedTuple):
    """What is written in one go; commit_step.lua reads the fields after `states` by their names.

    `states`: each changed record's packed state; `vectors`: by key suffix, cell, delta, cell, delta...; `first`: the
    first day number each measure was counted on, by dataset; `last`: the last day with data, by dataset; `months`:
    those with data; `coarse`: those of which some records know no more than the month; `values`: indicators' texts by
    dataset.
    """

    states: dict[bytes, bytes]
    vectors: dict[str, list[int]]
    first: dict[str, dict[str, int]]
    last: dict[str, int]
    months: dict[str, list[str]]
    coarse: dict[str, list[str]]
    values: dict[str, list[str]]
    unchanging: int


def work_out(changes: Iterable[Change], stored: Mapping[bytes, State], layout: Layout | None) -> Step:
    """The step that applies `changes` in order to the `stored` states of their records.

    A change counts if its revision is higher than the record's; then what the record contributed is taken back and
    what the change contributes is added. Everything else changes nothing.
    """
    current: dict[bytes, State] = {}
    summed: dict[tuple[str, int, int, bytes], int] = defaultdict(int)
    values: dict[str, list[str]] = defaultdict(list)
    unchanging = 0
    for record, dataset, revision, contributions, value in changes:
        old = current.get(record) or stored.get(record)
        if old and old.revision >= revision:
            unchanging += 1
            continue
        for day, area, weight, measures in old.contributions if old else ():
            summed[dataset, day, area, measures] -= weight
        for day, area, weight, measures in contributions:
            summed[dataset, day, area, measures] += weight
        if value:
            values[dataset] += value
        current[record] = State(revision, contributions)
    states = {record: pack(state) for record, state in current.items()}
    vectors = _vectors(summed, layout) if layout else {}
    return Step(states, vectors, *_extent(summed), dict(values), unchanging)


@lru_cache(maxsize=8192)
def month_suffix(dataset: str, day: date) -> str:
    return f"m:{dataset}:{day:%Y%m}"


@lru_cache(maxsize=8192)
def day_suffix(dataset: str, day: date) -> str:
    return f"d:{dataset}:{day:%Y%m%d}"


def _vectors(summed: Mapping[tuple[str, int, int, bytes], int], layout: Layout) -> dict[str, list[int]]:
    cells: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    width = len(layout.measures)
    for (dataset, number, area, measures), weight in summed.items():
        if not weight:
            continue
        day = day_of(number)
        targets = [cells[month_suffix(dataset, day)]]
        if not number & MONTHLY:
            targets.append(cells[day_suffix(dataset, day)])
        for vector in targets:
            for row in {area, layout.region}:
                for place in measures:
                    vector[row * width + place] += weight
    return {suffix: [part for item in vector.items() for part in item] for suffix, vector in cells.items()}


class _Extent(NamedTuple):
    """The fields of a Step that say how far datasets reach."""

    first: dict[str, dict[str, int]]
    last: dict[str, int]
    months: dict[str, list[str]]
    coarse: dict[str, list[str]]


def _extent(summed: Mapping[tuple[str, int, int, bytes], int]) -> _Extent:
    first: dict[str, dict[str, int]] = defaultdict(dict)
    last: dict[str, int] = {}
    months: dict[str, set[str]] = defaultdict(set)
    coarse: dict[str, set[str]] = defaultdict(set)
    for dataset, number, _area, measures in summed:
        day, month = number & ~MONTHLY, day_of(number)
        months[dataset].add(f"{month:%Y%m}")
        end = day
        if number & MONTHLY:
            coarse[dataset].add(f"{month:%Y%m}")
            end = day + month_end(month).day - 1
        last[dataset] = max(end, last.get(dataset, 0))
        firsts = first[dataset]
        firsts["data"] = min(day, firsts.get("data", day))
        for place in measures:  # whatever the weight: none counted is not the same as not counted
            firsts[str(place)] = min(day, firsts.get(str(place), day))
    return _Extent(dict(first), last, _listed(months), _listed(coarse))


def _listed(months: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {dataset: sorted(each) for dataset, each in months.items()}
