"""The register of series breaks, annotations and rebased charts: what a series of figures is to be read with."""

import tomllib
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

import msgspec

from shared.reference.loading import Reference
from shared.reference.measures import RecordKind
from shared.reference.tables import InconsistentReference

_HERE = Path(__file__).parent
BUILT_IN = (_HERE / "breaks.toml", _HERE / "annotations.toml")
SEASONS = _HERE / "seasons.toml"
_SIMULATED = "simulated"


class Concerning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom an entry concerns: the measures that are named, or counted `of` a kind; empty: all of them."""

    id: str
    source: str = ""
    measures: tuple[str, ...] = ()
    of: RecordKind | None = None
    areas: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    def concerns(self, measures: frozenset[str], kinds: Collection[str | None]) -> bool:
        """Whether one of those measures, or one counted of those kinds, is meant."""
        if not self.measures and self.of is None:
            return True
        return not measures.isdisjoint(self.measures) if self.of is None else self.of in kinds

    def holds_in(self, area: str, dataset: str, region: str) -> bool:
        """Whether it holds there: what holds in a borough holds for the region. Nothing happens in simulations."""
        if dataset.partition("-")[0] == _SIMULATED and dataset not in self.datasets:
            return False
        somewhere = not self.areas or area in self.areas or area == region
        return somewhere and (not self.datasets or dataset in self.datasets)


class Break(Concerning, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures before `on` and from `on` on are not of the same thing, for `reason`."""

    on: date
    title: str
    reason: str


class Annotation(Concerning, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened from a day on, or up to another."""

    first: date = msgspec.field(name="from")
    last: date | None = msgspec.field(name="to", default=None)
    title: str
    text: str


class Rebase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chart's mean and limits begin anew `from` a day, of the points up to `until` or of all; `reason` says why."""

    id: str
    measure: str
    area: str = "E12000007"
    first: date = msgspec.field(name="from")
    until: date | None = None
    reason: str
    datasets: tuple[str, ...] = ()


class _Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    breaks: list[Break] = msgspec.field(name="break", default_factory=list)
    annotations: list[Annotation] = msgspec.field(name="annotation", default_factory=list)
    rebases: list[Rebase] = msgspec.field(name="rebase", default_factory=list)
    seasonal: frozenset[str] = frozenset()


class Register(msgspec.Struct, frozen=True):
    """All entries, in the order of their days, and the measures that have a season."""

    breaks: tuple[Break, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    rebases: tuple[Rebase, ...] = ()
    seasonal: frozenset[str] = frozenset()


def read_register(known: Reference, added: Path | None = None) -> Register:
    """The built-in register and the entries of the file `added`.

    Raises InconsistentReference, naming the file and the entry, for an unknown measure or area, a second entry of the
    same id, days in the wrong order, and a rebase or break without a reason.
    """
    sheets = [(path, _read(path)) for path in (*BUILT_IN, SEASONS, *filter(None, [added]))]
    ids: set[str] = set()
    for path, sheet in sheets:
        entries: list[Break | Annotation | Rebase] = [*sheet.breaks, *sheet.annotations, *sheet.rebases]
        for each in entries:
            fault = f"the id {each.id!r} stands there twice" if each.id in ids else _fault(each, known)
            if fault:
                raise InconsistentReference(f"{path.name} entry {each.id!r}: {fault}")
            ids.add(each.id)
        if unknown := _unknown_measure(sheet.seasonal, known):
            raise InconsistentReference(f"{path.name} 'seasonal': {unknown}")
    return Register(
        tuple(sorted((each for _, sheet in sheets for each in sheet.breaks), key=lambda each: each.on)),
        tuple(sorted((each for _, sheet in sheets for each in sheet.annotations), key=lambda each: each.first)),
        tuple(sorted((each for _, sheet in sheets for each in sheet.rebases), key=lambda each: each.first)),
        frozenset(each for _, sheet in sheets for each in sheet.seasonal),
    )


def _read(path: Path) -> _Sheet:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Sheet)
    except OSError as error:
        raise InconsistentReference(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InconsistentReference(f"{path.name}: {error}") from error


def _fault(each: Break | Annotation | Rebase, known: Reference) -> str | None:
    measures, areas = ([each.measure], [each.area]) if isinstance(each, Rebase) else (each.measures, each.areas)
    if unknown := _unknown_measure(measures, known):
        return unknown
    if strange := [area for area in areas if area not in known.areas]:
        return f"no area has the id {strange[0]!r}"
    if isinstance(each, Break | Rebase) and not each.reason.strip():
        return "'reason' is empty; say why"
    return _fault_of_days(each)


def _fault_of_days(each: Break | Annotation | Rebase) -> str | None:
    if isinstance(each, Rebase) and each.until is not None and each.until <= each.first:
        return "'until' is not after 'from'"
    if isinstance(each, Annotation) and each.last is not None and each.last < each.first:
        return "'to' is before 'from'"
    return None


def _unknown_measure(ids: Iterable[str], known: Reference) -> str | None:
    return next((f"no measure {each!r} is declared" for each in ids if known.measures.get(each) is None), None)
