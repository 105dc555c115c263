"""Whether an event is accepted: its shape first, then its terms. Pure: bytes in, records and field errors out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

import msgspec

from services.ingest.explanations import explained
from services.ingest.repeats import Repeated, cannot_repeat, refuse_repeats
from services.ingest.settled import Settled
from services.ingest.shapes import SHAPES, columns_of
from services.ingest.terms import Refused, Terms
from shared.errors import FieldError
from shared.events import RECORD_TYPES, Record
from shared.reference import Reference

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The item at `index` of the body, and everything that is wrong with it."""

    index: int
    errors: tuple[FieldError, ...]


class Verdict(NamedTuple):
    """What is accepted, in the body's order, with its terms resolved to ids; and what is not, and why.

    `topics` and `written` are those of the accepted records: where each belongs, and its JSON as it is published.
    """

    accepted: list[Record]
    topics: list[str]
    written: list[bytes]
    rejected: list[Rejected]

    def of(self, topic: str) -> "Verdict":
        """What is accepted of one topic."""
        chosen = [each == topic for each in self.topics]
        accepted = list(compress(self.accepted, chosen))
        return Verdict(accepted, [topic] * len(accepted), list(compress(self.written, chosen)), [])


def judge(items: Iterable[tuple[str, bytes | msgspec.Raw]], reference: Reference, today: date) -> Verdict:
    """Judge (topic, JSON text) items. `today` is London's: nothing is recorded later than tomorrow."""
    terms, verdict = Terms(reference, today), Verdict([], [], [], [])
    for index, (topic, text) in enumerate(items):
        found = _judge_one(topic, text, terms)
        if isinstance(found, tuple):
            verdict.accepted.append(found[0])
            verdict.topics.append(topic)
            verdict.written.append(found[1])
        else:
            verdict.rejected.append(Rejected(index, tuple(found)))
    return verdict


def judge_many(topic: str, texts: list[bytes], reference: Reference, settled: Settled) -> Verdict:
    """Judge the events of one topic as `judge` does on that day, but together: one by one only those that are odd."""
    if len(texts) == 1:
        return _judge_single(topic, texts[0], reference, settled)
    events = SHAPES[topic].decode_all(texts)
    odd = _odd(topic, events, settled)
    written = _encoder.encode_lines(events).split(b"\n")[:-1]
    changed = compress(range(len(texts)), map(ne, texts, written))
    odd.update([each for each in changed if each not in odd and not cannot_repeat(texts[each], written[each])])
    terms, rejected = Terms(reference, settled.today), []
    for index in sorted(odd):
        found = _judge_one(topic, texts[index], terms, is_odd=events[index] is None)
        if isinstance(found, tuple):
            events[index], written[index] = found
        else:
            events[index], written[index] = None, b""
            rejected.append(Rejected(index, tuple(found)))
    if rejected:
        events, written = list(filter(None, events)), list(filter(None, written))
    return Verdict(events, [topic] * len(events), written, rejected)


def _odd(topic: str, events: Sequence[Any], settled: Settled) -> set[int]:
    """The places of the events that are not as published, or have to be looked at by themselves to know."""
    if all(events):
        columns = columns_of(events)
        return {*SHAPES[topic].odd(columns), *settled.odd(topic, columns)}
    places = [place for place, event in enumerate(events) if event]
    odd = _odd(topic, [events[place] for place in places], settled) if places else ()
    return set(range(len(events))).difference(places) | {places[each] for each in odd}


def _judge_single(topic: str, text: bytes, reference: Reference, settled: Settled) -> Verdict:
    """On one event: at once where it is right and needs no resolving, as most are."""
    event = SHAPES[topic].decode_usual(text)
    if event is not None and settled.knows(topic, event):
        written = _encoder.encode(event)
        if text == written or cannot_repeat(text, written):
            return Verdict([event], [topic], [written], [])
    found = _judge_one(topic, text, Terms(reference, settled.today), is_odd=event is None)
    if isinstance(found, tuple):
        return Verdict([found[0]], [topic], [found[1]], [])
    return Verdict([], [], [], [Rejected(0, tuple(found))])


def _judge_one(
    topic: str, text: bytes | msgspec.Raw, terms: Terms, *, is_odd: bool = False
) -> tuple[Record, bytes] | list[FieldError]:
    """The record and its JSON, or what is wrong with it. `is_odd`: it was decoded as usual in vain."""
    decode = SHAPES[topic].decode_odd if is_odd else SHAPES[topic].decode
    try:
        record: Record = terms.resolve(decode(text))
        written = _encoder.encode(record)
        refuse_repeats(text, written)
    except Refused as refused:
        return refused.errors
    except Repeated as repeated:
        return [FieldError(repeated.name, "stands more than once; send it once")]
    except msgspec.ValidationError as error:
        return [explained(error, text, RECORD_TYPES[topic])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [FieldError("", f"not JSON: {error}")]
    return record, written
