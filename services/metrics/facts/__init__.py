"""From events to the states that hold what they contribute to the counts. Pure."""

from services.metrics.facts.batch import Facts
from services.metrics.facts.indicators import Indicators
from services.metrics.facts.terms import Unfit

__all__ = ["Facts", "Indicators", "Unfit"]
