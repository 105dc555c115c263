"""The targets that were promised, read from targets.toml: of which measure, how much of it, by when."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from shared.reference.measures import Measure
from shared.reference.tables import InconsistentReference
from shared.reference.terms import Area
from shared.reference.vocabulary import Vocabulary

TARGETS = Path(__file__).parent / "targets.toml"


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First and last day, both counted."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise about one measure in one area.

    Either `value` is the final value, or it is the value in the days of `baseline` changed by `percent`. It is to be
    reached `by` a day (None: no day was named). On a `linear` trajectory the measure gets there evenly from the
    baseline's last day on; on a `final` one the final value is asked for at any time. `window` is what a count is
    counted in for this target; a level, such as a number of officers, has none.
    """

    id: str
    measure: str
    title: str
    definition: str
    source: str
    area: str = "E12000007"
    value: float | None = None
    percent: float | None = None
    baseline: Days | None = None
    by: date | None = None
    trajectory: Literal["linear", "final"]
    window: Literal["12m", "fytd", "quarter", "month"] | None = None


def read_targets(measures: Vocabulary[Measure], areas: Vocabulary[Area], path: Path = TARGETS) -> Mapping[str, Target]:
    """The declared targets by their measure's id.

    Raises InconsistentReference, naming the target, for one of an unknown measure or area, one that does not say what
    is to be reached, one that is the wrong way round for its measure, and a second one of the same measure.
    """
    found: dict[str, Target] = {}
    for target in _declared(path):
        place = f"{path.name} target {target.id!r}"
        if target.measure in found:
            raise InconsistentReference(f"{place}: {found[target.measure].id!r} is a target of that measure already")
        if fault := _fault(target, measures, areas):
            raise InconsistentReference(f"{place}: {fault}")
        found[target.measure] = target
    return MappingProxyType(found)


def _declared(path: Path) -> list[Target]:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8"))["target"], list[Target])
    except OSError as error:
        raise InconsistentReference(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InconsistentReference(f"{path.name}: {error}") from error
    except KeyError as error:
        raise InconsistentReference(f"{path.name}: no [[target]] stands in it") from error


def _fault(target: Target, measures: Vocabulary[Measure], areas: Vocabulary[Area]) -> str | None:
    measure = measures.get(target.measure)
    if measure is None:
        return f"no measure {target.measure!r} is declared"
    if target.area not in areas:
        return f"no area has the id {target.area!r}"
    return _fault_of_value(target) or _fault_of_days(target) or _fault_of_direction(target, measure)


def _fault_of_value(target: Target) -> str | None:
    if (target.value is None) == (target.percent is None):
        return "give either 'value' or 'percent'"
    if target.percent is not None and target.baseline is None:
        return "'percent' needs the 'baseline' that it changes"
    return None


def _fault_of_days(target: Target) -> str | None:
    if target.baseline and target.baseline.last < target.baseline.first:
        return "'baseline' ends before it begins"
    if target.trajectory == "final":
        return None
    if target.baseline is None or target.by is None:
        return "a linear trajectory needs 'baseline' and 'by'"
    return "'by' is not after the baseline" if target.by <= target.baseline.last else None


def _fault_of_direction(target: Target, measure: Measure) -> str | None:
    if measure.good == "neither":
        return f"neither way is better for {measure.id!r}"
    if target.percent is not None and (target.percent > 0) != (measure.good == "up"):
        return f"'percent' {target.percent:+g} is the wrong way for {measure.id!r}, of which {measure.good} is good"
    if measure.kind == "count" and target.window is None:
        return "a target of a count says in which 'window' it is counted"
    return None
