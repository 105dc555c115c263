"""Whether an event is accepted: its shape first, then its terms. Pure: bytes in, records and field errors out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import msgspec

from services.ingest.explanations import explained
from services.ingest.repeats import Repeated, cannot_repeat, refuse_repeats
from services.ingest.settled import Settled
from services.ingest.shapes import SHAPES
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is accepted, in the body's order, with its terms resolved to ids; and what is not, and why.

    `topics` and `written` are those of the accepted records: where each belongs, and its JSON as it is published.
    """

    accepted: list[Record]
    topics: list[str]
    written: list[bytes]
    rejected: list[Rejected]


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


def judge_many(topic: str, texts: Sequence[bytes | msgspec.Raw], reference: Reference, settled: Settled) -> Verdict:
    """Judge the events of one topic as `judge` does on that day, but together: one by one only those that are odd."""
    events = settled.only(topic, SHAPES[topic].decode_all(texts))
    lines = iter(_encoder.encode_lines([event for event in events if event is not None]).split(b"\n"))
    written = [None if event is None else next(lines) for event in events]
    pairs = enumerate(zip(texts, written, strict=True))
    odd = [index for index, (text, line) in pairs if text != line and not (line and cannot_repeat(text, line))]
    terms, rejected = Terms(reference, settled.today), []
    for index in odd:
        found = _judge_one(topic, texts[index], terms)
        if isinstance(found, tuple):
            events[index], written[index] = found
        else:
            events[index] = written[index] = None
            rejected.append(Rejected(index, tuple(found)))
    if rejected:
        events, written = [each for each in events if each is not None], [each for each in written if each is not None]
    return Verdict(events, [topic] * len(events), cast("list[bytes]", written), rejected)


def _judge_one(topic: str, text: bytes | msgspec.Raw, terms: Terms) -> tuple[Record, bytes] | list[FieldError]:
    """The record and its JSON, or what is wrong with it."""
    try:
        record: Record = terms.resolve(SHAPES[topic].decode(text))
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
