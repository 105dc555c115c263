"""Boroughs, offence classes, flags, call categories, outcomes, local priorities and measures, from data files."""

from functools import cache
from pathlib import Path

from shared.reference.loading import Reference, load
from shared.reference.tables import InconsistentReference
from shared.reference.terms import (
    AgeBand,
    Area,
    CallCategory,
    Ethnicity,
    Flag,
    Offence,
    OffenceGroup,
    Outcome,
    PoliceUkCrimeType,
    Priority,
    Sex,
    StopObject,
    StopOutcome,
    StopPower,
)
from shared.reference.vocabulary import UnknownValue, Vocabulary

__all__ = [
    "DIRECTORY",
    "AgeBand",
    "Area",
    "CallCategory",
    "Ethnicity",
    "Flag",
    "InconsistentReference",
    "Offence",
    "OffenceGroup",
    "Outcome",
    "PoliceUkCrimeType",
    "Priority",
    "Reference",
    "Sex",
    "StopObject",
    "StopOutcome",
    "StopPower",
    "UnknownValue",
    "Vocabulary",
    "load",
    "reference",
    "reference_with",
]

DIRECTORY = Path(__file__).parent


@cache
def reference() -> Reference:
    """The project's reference data, read and checked at the first call."""
    return load(DIRECTORY)


@cache
def reference_with(overriding: Path | None) -> Reference:
    """The project's reference data, with the measures of a TOML file added, or in the place of those of the same id.

    Raises InconsistentReference, naming the file, the measure and the field, for what does not hold together.
    """
    return load(DIRECTORY, overriding) if overriding else reference()
