"""Whether an event is accepted: its shape first, then its terms. Pure: bytes in, records and field errors out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import msgspec

from services.ingest.explanations import explained
from services.ingest.repeats import Repeated, refuse_repeats
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
    terms = Terms(reference, today)
    verdict = Verdict([], [], [])
    for index, (topic, text) in enumerate(items):
        try:
            record = terms.resolve(SHAPES[topic].decode(text))
            written = _encoder.encode(record)
            refuse_repeats(text, written)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Repeated, Refused) as error:
            verdict.rejected.append(Rejected(index, _why(error, topic, text)))
        else:
            verdict.accepted.append(record)
            verdict.written.append((topic, written))
    return verdict


def judge_lines(topic: str, lines: bytes, settled: Settled) -> Verdict | None:
    """Accept all of an NDJSON body at once, where that is what `judge` would do, and would publish each line as it is.

    None where it is not so: a name to resolve, a space to leave out or anything that is wrong.
    """
    records = SHAPES[topic].decode_lines(lines)
    whole = lines if lines.endswith(b"\n") else lines + b"\n"
    if not records or _encoder.encode_lines(records) != whole or not settled.all(topic, records):
        return None
    return Verdict(records, [(topic, line) for line in whole[:-1].split(b"\n")], [])


def _why(error: Exception, topic: str, text: bytes | msgspec.Raw) -> tuple[FieldError, ...]:
    match error:
        case Refused():
            return tuple(error.errors)
        case Repeated():
            return (FieldError(error.name, "stands more than once; send it once"),)
        case msgspec.ValidationError():
            return (explained(error, text, RECORD_TYPES[topic]),)
    return (FieldError("", f"not JSON: {error}"),)
