"""Who asks, and what they may do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import FieldError, Forbidden
from shared.events.codec import source_uri

INGEST_SCOPES = (
    "ingest:crimes",
    "ingest:calls",
    "ingest:stops",
    "ingest:indicators",
    "ingest:crime-counts",
)
ALL_SCOPES = (*INGEST_SCOPES, "actions:read", "actions:write", "notify:read", "notify:write", "publish")
SOURCES = source_uri("")
_SOURCE = re.compile(r"(?=.*[a-z0-9])[a-z0-9-]{1,40}")
_DOT_SEGMENT = re.compile(r"/(\.|%2e){1,2}(?=[/?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever is let in: the source that its records are filed under, its scopes, and its datasets (None: every one).

    `event_sources` are the URIs, beside `/sources/SOURCE`, that its CloudEvents may name as their `source`.
    """

    source: str
    scopes: frozenset[str]
    datasets: frozenset[str] | None = None
    event_sources: tuple[str, ...] = ()

    def require(self, scope: str) -> None:
        """Raise Forbidden, naming the scope, unless this principal has it."""
        if scope not in self.scopes:
            raise Forbidden(f"this token (source {self.source!r}) lacks the scope {scope!r}")

    def require_datasets(self, datasets: Iterable[str]) -> None:
        """Raise Forbidden, naming it, for a dataset that is not this principal's to post to."""
        if self.datasets is None:
            return
        if foreign := sorted(set(datasets) - self.datasets):
            own = tuple(sorted(self.datasets))
            message = f"{foreign[0]!r} is not a dataset of this token; it may post to {', '.join(own)}"
            error = FieldError("dataset", message, foreign[0], own)
            raise Forbidden(f"dataset: {message} (source {self.source!r}); nothing was accepted", errors=[error])

    def require_event_source(self, event_source: str, field: str) -> None:
        """Raise Forbidden, naming the field, unless a CloudEvents `source` is this principal's own."""
        if not self.owns(event_source):
            own = (source_uri(self.source), *self.event_sources)
            message = f"not this token's own source; send {' or '.join(own)}, or a path below"
            error = FieldError(field, message, event_source[:200], own)
            raise Forbidden(f"{field}: {event_source[:200]!r} is {message}", errors=[error])

    def owns(self, event_source: str) -> bool:
        """Whether a CloudEvents `source` is this principal's own: one of its URIs, or a path below one."""
        own = source_uri(self.source)
        owned = (own,) if event_source.startswith(SOURCES) else (own, *self.event_sources)
        return any(_is_within(event_source, each) for each in owned)


def is_source(name: str) -> bool:
    """Whether a source can stand in a key: lower-case letters, digits and hyphens, at most 40."""
    return bool(_SOURCE.fullmatch(name))


def overlap(ours: Iterable[str], theirs: Iterable[str]) -> str | None:
    """One of our URIs that is also theirs, or lies below or above one of theirs."""
    theirs = tuple(theirs)
    return next((uri for uri in ours for each in theirs if _is_within(uri, each) or _is_within(each, uri)), None)


def _is_within(uri: str, own: str) -> bool:
    own = own.rstrip("/")
    # With `..` a path below leads out again, for whoever resolves it.
    return uri == own or (uri.startswith(f"{own}/") and not _DOT_SEGMENT.search(uri, len(own)))
