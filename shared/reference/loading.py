"""Reads a directory of reference data and refuses it whole if anything in it is inconsistent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.reference import builders
from shared.reference.consistency import (
    check_crime_types,
    check_groups,
    check_implied_flags,
    check_indexes,
    check_one_region,
    check_used_groups,
)
from shared.reference.measures import Measure, check_priorities, read_measures
from shared.reference.priorities import read_priorities
from shared.reference.tables import Table, read_table
from shared.reference.tags import possible_tags
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
from shared.reference.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Reference:
    """The closed vocabularies. `priorities` holds each borough's, by area id."""

    areas: Vocabulary[Area]
    offence_groups: Vocabulary[OffenceGroup]
    offences: Vocabulary[Offence]
    flags: Vocabulary[Flag]
    call_categories: Vocabulary[CallCategory]
    outcomes: Vocabulary[Outcome]
    stop_outcomes: Vocabulary[StopOutcome]
    stop_powers: Vocabulary[StopPower]
    stop_objects: Vocabulary[StopObject]
    police_uk_crime_types: Vocabulary[PoliceUkCrimeType]
    priorities: Mapping[str, tuple[Priority, ...]]
    measures: Vocabulary[Measure]
    indicators: Vocabulary[Measure]

    def expand_flags(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Flags by id with all that they imply: sorted, each once. Raises UnknownValue for an unknown one."""
        found: set[str] = set()
        for flag_id in ids:
            implied: str | None = flag_id
            while implied is not None and implied not in found:
                flag = self.flags.resolve(implied)
                found.add(flag.id)
                implied = flag.implies
        return tuple(sorted(found))


def load(directory: Path) -> Reference:
    """The reference data of a directory; InconsistentReference names the file and row of what is wrong."""
    areas = _areas(directory)
    groups, offences = _offences(directory)
    flags = _flags(directory)
    categories = read_table(directory / "call_categories.csv", "call category", builders.call_category)
    check_indexes(categories)
    types = read_table(directory / "police_uk_crime_types.csv", "crime type", builders.police_uk_crime_type)
    check_crime_types(types, offences.vocabulary, categories.vocabulary)
    stop_outcomes = read_table(directory / "stop_outcomes.csv", "stop outcome", builders.stop_outcome).vocabulary
    stop_powers = read_table(directory / "stop_powers.csv", "power", builders.stop_power).vocabulary
    stop_objects = read_table(directory / "stop_objects.csv", "object", builders.stop_object).vocabulary
    tags = possible_tags(
        offences.vocabulary, flags.vocabulary, categories.vocabulary, stop_outcomes, stop_powers, stop_objects
    )
    measures = read_measures(directory / "measures.toml", tags)
    priorities = read_priorities(directory / "priorities.toml", areas.vocabulary)
    check_priorities(priorities, measures)
    return Reference(
        areas=areas.vocabulary,
        offence_groups=groups.vocabulary,
        offences=offences.vocabulary,
        flags=flags.vocabulary,
        call_categories=categories.vocabulary,
        outcomes=read_table(directory / "outcomes.csv", "outcome", builders.outcome).vocabulary,
        stop_outcomes=stop_outcomes,
        stop_powers=stop_powers,
        stop_objects=stop_objects,
        police_uk_crime_types=types.vocabulary,
        priorities=priorities,
        measures=measures,
        indicators=Vocabulary("indicator", [measure for measure in measures if measure.kind == "indicator"]),
    )


def _areas(directory: Path) -> Table[Area]:
    areas = read_table(directory / "areas.csv", "area", builders.area)
    check_indexes(areas)
    check_one_region(areas)
    return areas


def _offences(directory: Path) -> tuple[Table[OffenceGroup], Table[Offence]]:
    groups = read_table(directory / "offence_groups.csv", "offence group", builders.offence_group)
    offences = read_table(directory / "offences.csv", "offence", builders.offence)
    check_indexes(offences)
    check_groups(offences, groups.vocabulary)
    check_used_groups(groups, offences.vocabulary)
    return groups, offences


def _flags(directory: Path) -> Table[Flag]:
    flags = read_table(directory / "flags.csv", "flag", builders.flag)
    check_indexes(flags)
    check_implied_flags(flags)
    return flags
