"""Control charts of measures, and what happened meanwhile: routes, pages, and how they are asked for."""

from services.metrics.charts.api import router

__all__ = ["router"]
