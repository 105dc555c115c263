"""The true figures of simulated records: small enough to be plainly right, and sharing no code with the services."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from local.simulate.definitions import COUNTED, RATES, counts_of
from local.simulate.records import Record

LONDON_ID = "E12000007"
MEASURES = COUNTED


class Truth:
    """Figures by measure and area, London included, of the records whose versions it is told."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, versions: Iterable[Record]) -> None:
        """Count one record by all its versions: the highest revision is what holds."""
        final = max(versions, key=lambda version: version.revision)
        for measure, count in counts_of(final).items():
            self._counts[measure][final.area] += count
            self._counts[measure][LONDON_ID] += count

    def counts(self) -> dict[str, dict[str, int]]:
        """{measure: {area id: count}}, every measure named; an area that is absent has none."""
        return {measure: dict(sorted(self._counts[measure].items())) for measure in MEASURES}

    def rates(self) -> dict[str, dict[str, float]]:
        """{measure: {area id: percent}}, not rounded; an area of which there is nothing to divide by is absent."""
        return {
            rate: {area: 100 * self._counts[part][area] / all_ for area, all_ in sorted(self._counts[whole].items())}
            for rate, (part, whole) in RATES.items()
        }
