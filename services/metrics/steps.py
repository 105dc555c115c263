"""One atomic step, worked out in memory: a batch's records against their stored states. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.metrics.rows import BARE_STATE, MONTHLY, Array, Facts, facts_of, last_days, month_of
from services.metrics.states import NAME_BYTES, SHARD_BYTES

LATENESS_DAYS = (0, 1, 7, 31)
"""How many days after its own a record was first counted: on that day, one later, up to 7, up to 31, later still."""


class Batch(NamedTuple):
    """Events of one partition, in order.

    Their records' names end to end, their states, each one's stream (source and dataset) by its place in
    `stream_names`, and for indicators the field and the text to keep.
    """

    names: bytes
    states: Array
    streams: Array
    stream_names: Sequence[str]
    values: Sequence[tuple[str, str]] = ()


class Arrivals(NamedTuple):
    """Records of a stream that were counted for the first time: how many, their last day, how late (LATENESS_DAYS)."""

    records: int
    last_day: int
    late: list[int]


class Step(NamedTuple):
    """What is written in one go.

    `names` and `states`: of the changed records, end to end; `rows`: bytes to append, by the suffix of their key;
    `values`: indicators' texts, by the suffix of their key; `arrivals` by stream; `unchanging`: how many events changed
    nothing.
    """

    names: bytes
    states: bytes
    rows: dict[str, bytes]
    values: dict[str, list[str]]
    arrivals: dict[str, Arrivals]
    unchanging: int


NOTHING = Step(b"", b"", {}, {}, {}, 0)


def work_out(batch: Batch, stored: Array, today: int) -> Step:
    """The step that applies `batch` to the `stored` states of its records (revision 0: none is stored).

    The highest revision of a record wins, the first of equal ones, if it is higher than the stored one. Then what the
    record contributed is taken back and what it contributes now is added; an event that contributes the same changes
    its state alone. `today` is a day number, for the lateness of arrivals.
    """
    chosen = _highest(batch)
    chosen = chosen[batch.states["revision"][chosen] > stored["revision"][chosen]]
    new, old, streams = batch.states[chosen], stored[chosen], batch.streams[chosen]
    names: Array = np.frombuffer(batch.names, np.uint8).reshape(-1, NAME_BYTES)[chosen]
    unchanging = len(batch.states) - len(chosen)
    if new.dtype == BARE_STATE:
        return Step(names.tobytes(), new.tobytes(), {}, _values(batch, chosen), {}, unchanging)
    moved = np.flatnonzero(_contribution(new) != _contribution(old))
    taken, given = facts_of(old[moved], streams[moved], -1), facts_of(new[moved], streams[moved], 1)
    facts = Facts(*(np.concatenate(each) for each in zip(taken, given, strict=True)))
    first = old["revision"] == 0
    arrivals = _arrivals(new[first], streams[first], batch.stream_names, today)
    return Step(names.tobytes(), new.tobytes(), _by_key(facts, batch.stream_names), {}, arrivals, unchanging)


def rows_suffix(stream: str, month: int) -> str:
    """The end of the key that a stream's rows of a month (12 a year) are kept under."""
    return f"f:{stream}:{month_of(month):%Y%m}"


def _highest(batch: Batch) -> Array:
    """The places of each record's highest revision in the batch, of equal ones the first."""
    names: Array = np.frombuffer(batch.names, np.uint8).reshape(-1, NAME_BYTES)
    shards, fields = (np.ascontiguousarray(each) for each in np.hsplit(names, [SHARD_BYTES]))
    shards, fields = shards.view(np.uint16).ravel(), fields.view(np.uint64).ravel()
    order = np.lexsort((np.arange(len(names), 0, -1), batch.states["revision"], shards, fields))
    shards, fields = shards[order], fields[order]
    last = np.append((shards[1:] != shards[:-1]) | (fields[1:] != fields[:-1]), True)
    return np.sort(order[last])


def _contribution(states: Array) -> Array:
    """The bytes after the revision, to be compared."""
    size = states.dtype.itemsize
    cut = np.dtype((np.void, size - 8))
    return np.ascontiguousarray(states).view(np.uint8).reshape(-1, size)[:, 8:].copy().view(cut).ravel()


def _by_key(facts: Facts, stream_names: Sequence[str]) -> dict[str, bytes]:
    codes = facts.streams.astype(np.int64) << 20 | facts.months
    found = {}
    for code in np.unique(codes).tolist():
        suffix = rows_suffix(stream_names[code >> 20], code & (1 << 20) - 1)
        found[suffix] = facts.rows[codes == code].tobytes()
    return found


def _arrivals(states: Array, streams: Array, stream_names: Sequence[str], today: int) -> dict[str, Arrivals]:
    found = {}
    for stream in np.unique(streams).tolist():
        days = states["day"][(streams == stream) & (states["day"] > 0)].astype(np.int64)
        exact = days[days < MONTHLY]
        classes = np.searchsorted(LATENESS_DAYS, np.maximum(today - exact, 0))
        late = np.bincount(classes, minlength=len(LATENESS_DAYS) + 1).tolist()
        last = int(last_days(days).max(initial=0))
        found[stream_names[stream]] = Arrivals(len(days), last, late)
    return found


def _values(batch: Batch, chosen: Array) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in chosen.tolist():
        stream = batch.stream_names[batch.streams[place]]
        found.setdefault(f"values:{stream}", []).extend(batch.values[place])
    return found
