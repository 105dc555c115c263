"""Whether an event is accepted: its shape first, then its terms. Pure: bytes in, records and field errors out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

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

    `written` has each accepted record's topic, and its JSON as it is published.
    """

    accepted: list[Record]
    written: list[tuple[str, bytes]]
    rejected: list[Rejected]


def judge(items: Iterable[tuple[str, bytes | msgspec.Raw]], reference: Reference, today: date) -> Verdict:
    """Judge (topic, JSON text) items. `today` is London's: nothing is recorded later than tomorrow."""
    terms, verdict = Terms(reference, today), Verdict([], [], [])
    for index, (topic, text) in enumerate(items):
        _judge_one(index, topic, text, terms, verdict)
    return verdict


def judge_many(topic: str, texts: Sequence[bytes | msgspec.Raw], reference: Reference, settled: Settled) -> Verdict:
    """Judge the events of one topic as `judge` does on that day, but together: one by one only those that are odd."""
    events = settled.only(topic, SHAPES[topic].decode_all(texts))
    lines = iter(_encoder.encode_lines([event for event in events if event is not None]).split(b"\n"))
    terms, verdict = Terms(reference, settled.today), Verdict([], [], [])
    accepted, written = verdict.accepted, verdict.written
    for index, (text, event) in enumerate(zip(texts, events, strict=True)):
        if event is None:
            _judge_one(index, topic, text, terms, verdict)
            continue
        line = next(lines)
        if text == line or cannot_repeat(text, line):
            accepted.append(event)
            written.append((topic, line))
        else:
            _judge_one(index, topic, text, terms, verdict)
    return verdict


def _judge_one(index: int, topic: str, text: bytes | msgspec.Raw, terms: Terms, verdict: Verdict) -> None:
    try:
        record = terms.resolve(SHAPES[topic].decode(text))
        written = _encoder.encode(record)
        refuse_repeats(text, written)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Repeated, Refused) as error:
        verdict.rejected.append(Rejected(index, _why(error, topic, text)))
    else:
        verdict.accepted.append(record)
        verdict.written.append((topic, written))


def _why(error: Exception, topic: str, text: bytes | msgspec.Raw) -> tuple[FieldError, ...]:
    match error:
        case Refused():
            return tuple(error.errors)
        case Repeated():
            return (FieldError(error.name, "stands more than once; send it once"),)
        case msgspec.ValidationError():
            return (explained(error, text, RECORD_TYPES[topic]),)
    return (FieldError("", f"not JSON: {error}"),)
