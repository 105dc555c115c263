"""What is answered to a post, on either way: what was accepted, and what was not and why. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.ingest.acceptance import Rejected, Verdict
from shared.errors import Invalid


class Taken(msgspec.Struct, frozen=True):
    """What is answered, with 202: Kafka has acknowledged every accepted event."""

    accepted: int
    rejected: list[Rejected]


encode = msgspec.json.Encoder().encode


def taken(verdict: Verdict) -> Taken:
    """The answer to events of which the accepted have been published; raises Invalid where none is."""
    if verdict.accepted:
        return Taken(len(verdict.accepted), verdict.rejected)
    body = {"accepted": 0, "rejected": msgspec.to_builtins(verdict.rejected)}
    raise Invalid(_why(verdict), errors=_first_errors(verdict), extra=body)


def _why(verdict: Verdict) -> str:
    first = verdict.rejected[0].errors[0]
    more = len(verdict.rejected) - 1
    return f"{first.field or 'the event'}: {first.message}" + (f" (and {more} more events)" if more else "")


def _first_errors(verdict: Verdict) -> Sequence[Any]:
    return verdict.rejected[0].errors if len(verdict.rejected) == 1 else ()
