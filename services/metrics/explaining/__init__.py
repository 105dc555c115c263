"""What any figure and any cell of a table is made of: down to counts by area or month, and figures as posted."""

from services.metrics.explaining.explaining import Explaining

__all__ = ["Explaining"]
