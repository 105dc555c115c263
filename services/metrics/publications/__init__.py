"""Publications: tables frozen as they stood, kept beside today's figures, released when it was said they would be."""

from services.metrics.publications.calendar import read_calendar
from services.metrics.publications.freezing import Freezing
from services.metrics.publications.releases import Punctuality
from services.metrics.publications.store import Publications

__all__ = ["Freezing", "Publications", "Punctuality", "read_calendar"]
