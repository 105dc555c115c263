"""Reads a directory of reference data and refuses it whole if anything in it is inconsistent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from shared.reference import builders
from shared.reference.consistency import (
    IndexedT,
    check_crime_types,
    check_groups,
    check_implied_flags,
    check_indexes,
    check_one_region,
    check_priorities,
    check_used_groups,
)
from shared.reference.declarations import read_measures
from shared.reference.measures import Measure
from shared.reference.people import AGE_BANDS, ETHNICITIES, SEXES
from shared.reference.priorities import read_priorities
from shared.reference.tables import InconsistentReference, Row, Table, read_table
from shared.reference.terms import CallCategory, Offence, OffenceGroup, PoliceUkCrimeType, Priority
from shared.reference.vocabularies import Vocabularies
from shared.reference.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Reference(Vocabularies):
    """The closed vocabularies. `priorities` holds each borough's, by area id; `indicators` those that are posted."""

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


def load(directory: Path, overriding: Path | None = None) -> Reference:
    """The reference data of a directory; InconsistentReference names the file and row of what is wrong.

    The measures of the TOML file `overriding` are added to the directory's, or replace those of the same id.
    """
    known = _vocabularies(directory)
    measures = read_measures(measure_files(directory), overriding, known)
    priorities = read_priorities(directory / "priorities.toml", known.areas)
    check_priorities(priorities, measures)
    posted = Vocabulary("indicator", [measure for measure in measures if measure.is_posted])
    return Reference(
        **{field.name: getattr(known, field.name) for field in fields(known)},
        priorities=priorities,
        measures=measures,
        indicators=posted,
    )


def measure_files(directory: Path) -> list[Path]:
    """The files of measures, in the order in which they are read: that of their names."""
    files = sorted((directory / "measures").glob("*.toml"))
    if not files:
        raise InconsistentReference("measures: no TOML file stands in the directory")
    return files


def _vocabularies(directory: Path) -> Vocabularies:
    def indexed(file: str, kind: str, build: Callable[[Row], IndexedT]) -> Table[IndexedT]:
        table = read_table(directory / file, kind, build)
        check_indexes(table)
        return table

    areas = indexed("areas.csv", "area", builders.area)
    check_one_region(areas)
    flags = indexed("flags.csv", "flag", builders.flag)
    check_implied_flags(flags)
    offences = indexed("offences.csv", "offence", builders.offence)
    categories = indexed("call_categories.csv", "call category", builders.call_category).vocabulary
    return Vocabularies(
        areas=areas.vocabulary,
        offence_groups=_groups(directory, offences),
        offences=offences.vocabulary,
        flags=flags.vocabulary,
        call_categories=categories,
        outcomes=indexed("outcomes.csv", "outcome", builders.outcome).vocabulary,
        stop_outcomes=indexed("stop_outcomes.csv", "stop outcome", builders.stop_outcome).vocabulary,
        stop_powers=indexed("stop_powers.csv", "power", builders.stop_power).vocabulary,
        stop_objects=indexed("stop_objects.csv", "object", builders.stop_object).vocabulary,
        ethnicities=indexed(ETHNICITIES, "ethnicity", builders.ethnicity).vocabulary,
        age_bands=indexed(AGE_BANDS, "age band", builders.age_band).vocabulary,
        sexes=indexed(SEXES, "sex", builders.sex).vocabulary,
        police_uk_crime_types=_crime_types(directory, offences.vocabulary, categories),
    )


def _groups(directory: Path, offences: Table[Offence]) -> Vocabulary[OffenceGroup]:
    groups = read_table(directory / "offence_groups.csv", "offence group", builders.offence_group)
    check_groups(offences, groups.vocabulary)
    check_used_groups(groups, offences.vocabulary)
    return groups.vocabulary


def _crime_types(
    directory: Path, offences: Vocabulary[Offence], categories: Vocabulary[CallCategory]
) -> Vocabulary[PoliceUkCrimeType]:
    types = read_table(directory / "police_uk_crime_types.csv", "crime type", builders.police_uk_crime_type)
    check_crime_types(types, offences, categories)
    return types.vocabulary
