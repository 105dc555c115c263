"""Tables and series as open data: what their columns mean, under which licence, and where the figures come from."""

from services.metrics.opendata.api import router

__all__ = ["router"]
