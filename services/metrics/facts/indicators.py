"""Posted figures, which are kept and not counted."""

from collections.abc import Sequence

import msgspec
import numpy as np

from services.metrics.facts.terms import Unfit
from services.metrics.rows import BARE_STATE, Array
from shared.events import Indicator, decode, topics
from shared.events.periods import parse_period


class Indicators:
    """Reads the states of posted figures and the texts to keep, each under the figure's own name."""

    dtype = BARE_STATE

    def of(self, values: Sequence[bytes | None]) -> tuple[Array, list[str], list[tuple[str, str]]]:
        """Each event's state, dataset and (name, text). Raises Undecodable or Unfit if anything is wrong with any."""
        posted: list[Indicator] = [decode(topics.INDICATORS, value) for value in values]
        for each in posted:
            try:
                parse_period(each.period)
            except ValueError as wrong:
                raise Unfit(str(wrong)) from wrong
        states = np.array([(each.revision,) for each in posted], self.dtype)
        texts = [(each.record_id, msgspec.json.encode(each).decode()) for each in posted]
        return states, [each.dataset for each in posted], texts
