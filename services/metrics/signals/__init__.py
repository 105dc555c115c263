"""Whether something has really changed: control charts (XmR) of a measure's figures, as the NHS draws them. Pure."""

from services.metrics.signals.reading import Chart, Point, read
from services.metrics.signals.sections import Section, Start
from services.metrics.signals.xmr import RUN, Signal

__all__ = ["RUN", "Chart", "Point", "Section", "Signal", "Start", "read"]
