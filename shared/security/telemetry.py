"""Prometheus gauges of tokens, read from their files when Prometheus asks: they are true without a request."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.clock import Clock
from shared.security.last_use import last_used
from shared.security.tokens_file import Entry, TokensUnreadable, read_entries


class TokenGauges(Collector):
    """When each token ends, if it does, and when it was last used; by source and the token's id, which is no secret."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._files: tuple[Path, Path] | None = None

    def watch(self, tokens_file: Path, used_dir: Path) -> None:
        """Tell of the tokens of this file from now on; of no other."""
        self._files = tokens_file, used_dir

    def describe(self) -> Sequence[GaugeMetricFamily]:
        return [
            GaugeMetricFamily(
                "oversight_token_expires_timestamp_seconds",
                "When a token ends or has ended; `rotated`: whether it has a successor.",
                labels=["source", "token", "rotated"],
            ),
            GaugeMetricFamily(
                "oversight_token_last_used_timestamp_seconds",
                "When a token was last used, to the minute.",
                labels=["source", "token"],
            ),
        ]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ends, uses = self.describe()
        for entry, used_dir in self._tokens():
            if entry.expires_at:
                rotated = "yes" if entry.successor else "no"
                ends.add_metric([entry.source, entry.id, rotated], entry.expires_at.timestamp())
            if used := last_used(used_dir, entry.id):
                uses.add_metric([entry.source, entry.id], used.timestamp())
        yield from (ends, uses)

    def _tokens(self) -> Iterator[tuple[Entry, Path]]:
        """All but those that were revoked, and those that were rotated and have ended: nobody has to do anything."""
        if self._files is None:
            return
        tokens_file, used_dir = self._files
        try:
            entries = read_entries(tokens_file)
        except (FileNotFoundError, TokensUnreadable):
            return  # every request is told so, and the log
        now = self._clock.now()
        for entry in entries:
            if entry.state(now) == "active" or (entry.state(now) == "expired" and not entry.successor):
                yield entry, used_dir


TOKENS = TokenGauges()
REGISTRY.register(TOKENS)
