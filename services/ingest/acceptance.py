"""Whether an event is accepted: its shape first, then its terms. Pure: bytes in, records and field errors out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import msgspec

from services.ingest.explanations import explained
from services.ingest.terms import Refused, Terms
from shared.errors import FieldError
from shared.events import RECORD_TYPES, Record
from shared.reference import Reference

_DECODERS = {topic: msgspec.json.Decoder(kind) for topic, kind in RECORD_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Rejected:
    """The item at `index` of the body, and everything that is wrong with it."""

    index: int
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is accepted, in the body's order, with its terms resolved to ids; and what is not, and why."""

    accepted: list[Record]
    rejected: list[Rejected]


def judge(items: Iterable[tuple[str, bytes | msgspec.Raw]], reference: Reference, today: date) -> Verdict:
    """Judge (topic, JSON text) items. `today` is London's: nothing is recorded later than tomorrow."""
    terms = Terms(reference, today)
    accepted: list[Record] = []
    rejected: list[Rejected] = []
    for index, (topic, text) in enumerate(items):
        try:
            accepted.append(terms.resolve(_DECODERS[topic].decode(text)))
        except msgspec.ValidationError as error:
            rejected.append(Rejected(index, (explained(error, text, RECORD_TYPES[topic]),)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            rejected.append(Rejected(index, (FieldError("", f"not JSON: {error}"),)))
        except Refused as refused:
            rejected.append(Rejected(index, tuple(refused.errors)))
    return Verdict(accepted, rejected)
