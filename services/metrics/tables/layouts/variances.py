"""What a variance from the budget is called. Expenditure is positive in print, income and savings are negative."""

from typing import Literal

from services.metrics.tables.exact import Number

Nature = Literal["expenditure", "income", "transfer", "saving"]
_ON_BUDGET = "on budget"
_WORDS: dict[Nature, tuple[str, str]] = {  # of a variance above 0, and below it
    "expenditure": ("overspend", "underspend"),
    "income": ("under-recovery", "over-recovery"),
    "transfer": ("less drawn from reserves", "more drawn from reserves"),
    "saving": ("shortfall", "more than planned"),
}


def in_words(variance: Number | None, nature: Nature | None) -> str | None:
    """`underspend`, `over-recovery` and so on; None where there is no data, or the line's nature is not declared."""
    if variance is None or nature is None:
        return None
    above, below = _WORDS[nature]
    return _ON_BUDGET if variance == 0 else above if variance > 0 else below
