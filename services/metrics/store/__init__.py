"""The only room that talks to Redis."""

from services.metrics.store.connection import connect
from services.metrics.store.generations import Generations, Standing
from services.metrics.store.incidents import Incidents, Turn
from services.metrics.store.projection import Fenced, Position, Projection
from services.metrics.store.provenance import Applied, Source
from services.metrics.store.reader import Reader

__all__ = [
    "Applied",
    "Fenced",
    "Generations",
    "Incidents",
    "Position",
    "Projection",
    "Reader",
    "Source",
    "Standing",
    "Turn",
    "connect",
]
