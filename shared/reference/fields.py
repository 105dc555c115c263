"""Which fields a measure of each kind has, and what may stand in them."""

from collections.abc import Mapping
from typing import get_args

from shared.reference.entries import Entry
from shared.reference.measures import Dated, Default, Good, MeasureKind, Over, RecordKind, Value, Weight

COMMON = frozenset({"id", "title", "definition", "unit", "kind", "good", "plan_area", "caveats", "version"})
_RECORDS = frozenset({"of", "all", "any", "none"})
FIELDS: Mapping[str, frozenset[str]] = {
    "count": _RECORDS | {"dated", "weight", "sensitive"},
    "percentile": _RECORDS | {"value", "quantile"},
    "rate": frozenset({"numerator", "denominator", "per"}),
    "difference": frozenset({"minuend", "subtrahend"}),
    "indicator": frozenset({"over", "indicator", "breakdown", "default"}),
}
"""The fields that a kind has besides those that all have."""
REQUIRED: Mapping[str, frozenset[str]] = {
    "count": frozenset({"of"}),
    "percentile": frozenset({"of", "value", "quantile"}),
    "rate": frozenset({"numerator", "denominator", "per"}),
    "difference": frozenset({"minuend", "subtrahend"}),
    "indicator": frozenset(),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": get_args(MeasureKind),
    "good": get_args(Good),
    "of": get_args(RecordKind),
    "dated": get_args(Dated),
    "weight": get_args(Weight),
    "value": get_args(Value),
    "over": get_args(Over),
    "default": get_args(Default),
}


def check_fields(entry: Entry) -> None:
    """Raises InconsistentReference for a missing field, one of another kind, and a value that is not to choose from."""
    for name, choices in _CHOICES.items():
        if name in entry.fields and entry.fields[name] not in choices:
            raise entry.fault(f"{name}: {entry.fields[name]!r} is not one of {', '.join(choices)}")
    if "kind" not in entry.fields:
        raise entry.fault(f"kind: is missing; give one of {', '.join(FIELDS)}")
    _check_kind(entry, entry.fields["kind"])


def _check_kind(entry: Entry, kind: str) -> None:
    allowed = COMMON | FIELDS[kind]
    for name in entry.fields:
        if name not in allowed:
            raise entry.fault(f"{name}: is no field of a {kind}; it has {', '.join(sorted(FIELDS[kind]))}")
    for name in sorted((COMMON - {"caveats"}) | REQUIRED[kind]):
        if entry.fields.get(name) in (None, ""):
            raise entry.fault(f"{name}: is missing; a {kind} has one")
