"""What must hold between rows and between files. Each check raises InconsistentReference."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from shared.reference.measures import Measure
from shared.reference.tables import InconsistentReference, Table
from shared.reference.terms import Area, CallCategory, Flag, Offence, OffenceGroup, PoliceUkCrimeType, Priority
from shared.reference.vocabulary import Term, Vocabulary


class Indexed(Term, Protocol):
    """A term with a small number of its own, by which stores pack it."""

    @property
    def index(self) -> int: ...


IndexedT = TypeVar("IndexedT", bound=Indexed)


def check_indexes(table: Table[IndexedT]) -> None:
    """No two terms share an index, which stored counts are keyed by."""
    holders: dict[int, str] = {}
    for term in table.vocabulary:
        holder = holders.setdefault(term.index, term.id)
        if holder != term.id:
            raise table.fault(term, f"index {term.index} belongs to {holder!r} already")


def check_one_region(areas: Table[Area]) -> None:
    """Exactly one area is London as a whole."""
    regions = [area for area in areas.vocabulary if area.is_region]
    for extra in regions[1:]:
        raise areas.fault(extra, f"a second region, after {regions[0].id!r}")
    if not regions:
        raise areas.fault(next(iter(areas.vocabulary)), "no area of the file is the region")


def check_groups(offences: Table[Offence], groups: Vocabulary[OffenceGroup]) -> None:
    """Every offence belongs to a group that exists."""
    for offence in offences.vocabulary:
        if offence.group not in groups:
            raise offences.fault(offence, f"group {offence.group!r} is not in offence_groups.csv")


def check_used_groups(groups: Table[OffenceGroup], offences: Iterable[Offence]) -> None:
    """Every group has an offence."""
    used = {offence.group for offence in offences}
    for group in groups.vocabulary:
        if group.id not in used:
            raise groups.fault(group, f"no offence belongs to the group {group.id!r}")


def check_implied_flags(flags: Table[Flag]) -> None:
    """Every implied flag exists, and following them never comes back to the first."""
    for flag in flags.vocabulary:
        seen = {flag.id}
        implied = flag.implies
        while implied is not None:
            following = flags.vocabulary.get(implied)
            if following is None:
                raise flags.fault(flag, f"the implied flag {implied!r} is not known")
            if implied in seen:
                raise flags.fault(flag, f"the flag {implied!r} implies itself")
            seen.add(implied)
            implied = following.implies


def check_crime_types(
    types: Table[PoliceUkCrimeType], offences: Vocabulary[Offence], categories: Vocabulary[CallCategory]
) -> None:
    """Every crime type of data.police.uk leads to an offence or a call category that exists."""
    for crime_type in types.vocabulary:
        if crime_type.offence is not None and crime_type.offence not in offences:
            raise types.fault(crime_type, f"offence {crime_type.offence!r} is not in offences.csv")
        if crime_type.call_category is not None and crime_type.call_category not in categories:
            raise types.fault(crime_type, f"call category {crime_type.call_category!r} is not in call_categories.csv")


def check_priorities(priorities: Mapping[str, tuple[Priority, ...]], measures: Vocabulary[Measure]) -> None:
    """Every borough's priority is on a measure that is declared."""
    for area, chosen in priorities.items():
        for priority in chosen:
            if priority.measure not in measures:
                raise InconsistentReference(f"priorities.toml {area}: no measure {priority.measure!r} is declared")
