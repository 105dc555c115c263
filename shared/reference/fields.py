"""Which fields a measure of each kind has, and what may stand in them."""

from collections.abc import Mapping
from typing import get_args, get_type_hints

from shared.reference.families import Entry
from shared.reference.measures import Measure, MeasureKind

COMMON = frozenset({"id", "title", "definition", "unit", "kind", "good", "plan_area", "caveats", "version"})
_RECORDS = frozenset({"of", "all", "any", "none"})
FIELDS: Mapping[MeasureKind, frozenset[str]] = {
    "count": _RECORDS | {"dated", "weight"},
    "percentile": _RECORDS | {"value", "quantile"},
    "rate": frozenset({"numerator", "denominator", "per"}),
    "difference": frozenset({"minuend", "subtrahend"}),
    "indicator": frozenset({"over", "indicator", "breakdown", "default"}),
}
"""The fields that a kind has besides those that all have."""
REQUIRED: Mapping[MeasureKind, frozenset[str]] = {
    "count": frozenset({"of"}),
    "percentile": frozenset({"of", "value", "quantile"}),
    "rate": frozenset({"numerator", "denominator", "per"}),
    "difference": frozenset({"minuend", "subtrahend"}),
    "indicator": frozenset(),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    name: choices
    for name, hint in get_type_hints(Measure).items()
    if (choices := tuple(each for part in (hint, *get_args(hint)) for each in get_args(part) if isinstance(each, str)))
    and name not in {"caveats", "all", "any", "none", "breakdown"}
}


def check_fields(entry: Entry) -> None:
    """Raises InconsistentReference for a missing field, one of another kind, and a value that is not to choose from."""
    for name, choices in _CHOICES.items():
        given = entry.fields.get(name)
        if name in entry.fields and given not in choices:
            raise entry.fault(f"{name}: {given!r} is not one of {', '.join(dict.fromkeys(choices))}")
    if "kind" not in entry.fields:
        raise entry.fault(f"kind: is missing; give one of {', '.join(FIELDS)}")
    _check_kind(entry, entry.fields["kind"])


def _check_kind(entry: Entry, kind: MeasureKind) -> None:
    allowed = COMMON | FIELDS[kind]
    for name in entry.fields:
        if name not in allowed:
            raise entry.fault(f"{name}: is no field of a {kind}; it has {', '.join(sorted(FIELDS[kind]))}")
    for name in sorted((COMMON - {"caveats"}) | REQUIRED[kind]):
        if entry.fields.get(name) in (None, ""):
            raise entry.fault(f"{name}: is missing; a {kind} has one")
