"""Measures as sections name them: by id, or several by a pattern such as `stops-object-*`, less what `!` takes out."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from shared.reference import Reference
from shared.reference.measures import Measure


class Undeclared(ValueError):
    """A section names what is not declared; the message says in which field, and what is nearest."""


def is_pattern(name: str) -> bool:
    return "*" in name


def measures_named(known: Reference, names: Iterable[str], field: str) -> list[Measure]:
    """The measures in the order of the names, those of a pattern in the catalogue's order. Raises Undeclared."""
    found: dict[str, Measure] = {}
    for name in names:
        for measure in _matching(known, name.removeprefix("!"), field):
            if name.startswith("!"):
                found.pop(measure.id, None)
            else:
                found.setdefault(measure.id, measure)
    return list(found.values())


def _matching(known: Reference, name: str, field: str) -> list[Measure]:
    if is_pattern(name):
        matching = [each for each in known.measures if fnmatchcase(each.id, name)]
        if not matching:
            raise Undeclared(f"{field}: no measure's id is like {name!r}")
        return matching
    measure = known.measures.get(name)
    if measure is None:
        nearest = ", ".join(known.measures.resolve(each).id for each in known.measures.nearest(name)) or "none"
        raise Undeclared(f"{field}: no measure {name!r} is declared; nearest known: {nearest}")
    return [measure]


def indicators_named(known: Reference, names: Mapping[str, str]) -> None:
    """Raises Undeclared for a field (the key) that names no posted indicator (the value)."""
    for field, name in names.items():
        (measure,) = measures_named(known, [name], field) if not is_pattern(name) else (None,)
        if measure is None or not measure.is_posted:
            raise Undeclared(f"{field}: {name!r} is not an indicator that is posted; it is counted or computed")
