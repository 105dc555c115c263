"""How a row of each file becomes a term."""

from typing import cast, get_args

from shared.reference.tables import Row
from shared.reference.terms import (
    AgeBand,
    Area,
    AreaKind,
    AsbType,
    CallCategory,
    CallKind,
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


def area(row: Row) -> Area:
    """A row of areas.csv; a borough must have its population and its place on the map."""
    kind = cast(AreaKind, row.choice("kind", get_args(AreaKind)))
    number = row.integer if kind == "borough" else row.optional_integer
    return Area(
        index=row.integer("index"),
        id=row.text("id"),
        name=row.text("name"),
        kind=kind,
        population_2015=number("population_2015"),
        grid_x=number("grid_x"),
        grid_y=number("grid_y"),
        aliases=row.aliases(),
    )


def offence_group(row: Row) -> OffenceGroup:
    """A row of offence_groups.csv."""
    return OffenceGroup(row.text("id"), row.text("name"), row.aliases())


def offence(row: Row) -> Offence:
    """A row of offences.csv."""
    return Offence(
        index=row.integer("index"),
        id=row.text("id"),
        name=row.text("name"),
        group=row.text("group"),
        notifiable=row.boolean("notifiable"),
        aliases=row.aliases(),
    )


def flag(row: Row) -> Flag:
    """A row of flags.csv."""
    return Flag(row.integer("index"), row.text("id"), row.text("name"), row.optional("implies"), row.aliases())


def call_category(row: Row) -> CallCategory:
    """A row of call_categories.csv; a type of anti-social behaviour stands there for that kind alone."""
    kind = cast(CallKind, row.choice("kind", get_args(CallKind)))
    if kind == "asb":
        asb_type = cast(AsbType, row.choice("asb_type", get_args(AsbType)))
    elif row.optional("asb_type") is None:
        asb_type = None
    else:
        raise row.fault(f"asb_type must be empty for a category of kind {kind}")
    return CallCategory(row.integer("index"), row.text("id"), row.text("name"), kind, asb_type, row.aliases())


def outcome(row: Row) -> Outcome:
    """A row of outcomes.csv; a detection is always a positive outcome."""
    detected, positive = row.boolean("detected"), row.boolean("positive")
    if detected and not positive:
        raise row.fault("a detected outcome must be positive")
    return Outcome(row.integer("index"), row.text("id"), row.text("name"), detected, positive, row.aliases())


def stop_outcome(row: Row) -> StopOutcome:
    """A row of stop_outcomes.csv; an arrest is always a positive outcome."""
    arrest, positive = row.boolean("arrest"), row.boolean("positive")
    if arrest and not positive:
        raise row.fault("an arrest must be positive")
    return StopOutcome(row.integer("index"), row.text("id"), row.text("name"), arrest, positive, row.aliases())


def stop_power(row: Row) -> StopPower:
    """A row of stop_powers.csv."""
    return StopPower(row.integer("index"), row.text("id"), row.text("name"), row.aliases())


def stop_object(row: Row) -> StopObject:
    """A row of stop_objects.csv."""
    return StopObject(row.integer("index"), row.text("id"), row.text("name"), row.aliases())


def ethnicity(row: Row) -> Ethnicity:
    """A row of ethnicities.csv."""
    return Ethnicity(row.integer("index"), row.text("id"), row.text("name"), row.aliases())


def sex(row: Row) -> Sex:
    """A row of sexes.csv."""
    return Sex(row.integer("index"), row.text("id"), row.text("name"), row.aliases())


def age_band(row: Row) -> AgeBand:
    """A row of age_bands.csv; the ages of a band are in order."""
    first, last = row.optional_integer("from_age"), row.optional_integer("to_age")
    if last is not None and (first is None or first > last):
        raise row.fault(f"from_age must be given and at most to_age, {last}")
    return AgeBand(row.integer("index"), row.text("id"), row.text("name"), first, last, row.aliases())


def police_uk_crime_type(row: Row) -> PoliceUkCrimeType:
    """A row of police_uk_crime_types.csv, which names either an offence or a call category."""
    offence_id, category_id = row.optional("offence"), row.optional("call_category")
    if (offence_id is None) == (category_id is None):
        raise row.fault("exactly one of offence and call_category must be given")
    return PoliceUkCrimeType(row.text("id"), row.text("name"), offence_id, category_id, row.aliases())
