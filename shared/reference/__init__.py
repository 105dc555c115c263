"""Boroughs, offence classes, flags, call categories, outcomes and local priorities, from data files."""

from functools import cache
from pathlib import Path

from shared.reference.loading import Reference, load
from shared.reference.tables import InconsistentReference
from shared.reference.terms import (
    Area,
    CallCategory,
    Flag,
    Offence,
    OffenceGroup,
    Outcome,
    PoliceUkCrimeType,
    Priority,
    StopObject,
    StopOutcome,
    StopPower,
)
from shared.reference.vocabulary import UnknownValue, Vocabulary

__all__ = [
    "DIRECTORY",
    "Area",
    "CallCategory",
    "Flag",
    "InconsistentReference",
    "Offence",
    "OffenceGroup",
    "Outcome",
    "PoliceUkCrimeType",
    "Priority",
    "Reference",
    "StopObject",
    "StopOutcome",
    "StopPower",
    "UnknownValue",
    "Vocabulary",
    "load",
    "reference",
]

DIRECTORY = Path(__file__).parent


@cache
def reference() -> Reference:
    """The project's reference data, read and checked at the first call."""
    return load(DIRECTORY)
