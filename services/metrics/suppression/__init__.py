"""Small counts of sensitive measures: what of a part of London is published, and what must be withheld with it."""

from services.metrics.suppression.rule import Rule, Suppression
from services.metrics.suppression.withholding import Withheld

__all__ = ["Rule", "Suppression", "Withheld"]
