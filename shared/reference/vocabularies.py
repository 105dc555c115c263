"""Every closed vocabulary, together."""

from dataclasses import dataclass

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
    Sex,
    StopObject,
    StopOutcome,
    StopPower,
)
from shared.reference.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """The terms that records and measures speak of."""

    areas: Vocabulary[Area]
    offence_groups: Vocabulary[OffenceGroup]
    offences: Vocabulary[Offence]
    flags: Vocabulary[Flag]
    call_categories: Vocabulary[CallCategory]
    outcomes: Vocabulary[Outcome]
    stop_outcomes: Vocabulary[StopOutcome]
    stop_powers: Vocabulary[StopPower]
    stop_objects: Vocabulary[StopObject]
    ethnicities: Vocabulary[Ethnicity]
    age_bands: Vocabulary[AgeBand]
    sexes: Vocabulary[Sex]
    police_uk_crime_types: Vocabulary[PoliceUkCrimeType]
