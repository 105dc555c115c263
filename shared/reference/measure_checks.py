"""What must hold of measures, each by itself and together. Each check raises InconsistentReference."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from shared.reference.measures import Measure, RecordKind
from shared.reference.seconds import EDGES
from shared.reference.sensitivity import names_flags_alone
from shared.reference.tables import InconsistentReference
from shared.reference.tags import ANSWERED_WITHIN, ATTENDED_WITHIN, aspect_of, dated_by_outcome, told_with

Tags = Mapping[RecordKind, frozenset[str]]
_UNITS = {100: "percent", 1: "ratio"}
_VALUED: RecordKind = "call"  # the only records with durations


@dataclass(frozen=True, slots=True)
class Declared:
    """A measure and the file that declares it."""

    file: str
    measure: Measure

    def fault(self, message: str) -> InconsistentReference:
        """The error to raise about this measure."""
        return InconsistentReference(f"{self.file} measure {self.measure.id!r}: {message}")


def check(declared: Mapping[str, Declared], tags: Tags) -> None:
    """Checks every measure, by its id; `tags` holds all that a record of each kind can carry."""
    for each in declared.values():
        _check_parts(each, declared)
        match each.measure.kind:
            case "count":
                _check_records(each, tags)
                _check_aspect(each)
                _check_count(each)
            case "percentile":
                _check_records(each, tags)
                _check_percentile(each)
                _check_aspect(each)
            case "indicator":
                _check_view(each, declared)
            case "rate":
                _check_rate(each)
            case "difference":
                _check_difference(each, declared)
    for each in declared.values():
        _check_no_cycle(each, declared)


def _check_records(each: Declared, tags: Tags) -> None:
    measure = each.measure
    assert measure.of, "a required field"
    if not (measure.all or measure.any):
        raise each.fault("all: say which records are counted, in 'all' or 'any'; every record carries the tag 'record'")
    for field in ("all", "any", "none"):
        for tag in sorted(getattr(measure, field) - tags[measure.of]):
            raise each.fault(f"{field}: no {measure.of} carries the tag {tag!r}; {_nearest_tag(tag, tags[measure.of])}")


def _check_aspect(each: Declared) -> None:
    aspect = aspect_of(each.measure)
    if aspect in {"answer", "response"}:
        for tag in sorted(each.measure.tags):
            if not told_with(aspect, tag):
                told = f"all: seconds to {aspect} are told by line, grade and abandonment alone"
                raise each.fault(f"{told}; leave out {tag!r}")


def _nearest_tag(tag: str, known: frozenset[str]) -> str:
    prefix, _, number = tag.partition(":")
    if prefix in {ANSWERED_WITHIN, ATTENDED_WITHIN} and number.isdecimal():
        nearest = sorted(EDGES, key=lambda edge: abs(edge - int(number)))[:2]
        return f"the nearest seconds that can be told are {' and '.join(map(str, sorted(nearest)))}"
    alike = get_close_matches(tag, sorted(known), n=3, cutoff=0.5)
    return f"there is {', '.join(alike or sorted(known)[:3])}"


def _check_count(each: Declared) -> None:
    measure = each.measure
    if measure.sensitive and not names_flags_alone(measure):
        told = "what is no flag can be had by taking the other classes from their total"
        raise each.fault(f"sensitive: only crimes by their flags can be; {told}")
    if measure.of != "crime":
        if measure.dated != "recorded":
            raise each.fault(f"dated: a {measure.of} has one day only; leave it out")
        if measure.weight != "records":
            raise each.fault(f"weight: a {measure.of} has no victims; leave it out, or give 'records'")
    elif measure.dated == "recorded":
        for tag in sorted(filter(dated_by_outcome, measure.tags)):
            raise each.fault(f'dated: {tag!r} is known on the day of the outcome alone; give dated = "outcome"')


def _check_percentile(each: Declared) -> None:
    measure = each.measure
    if measure.of != _VALUED:
        raise each.fault(f"of: a {measure.of} has no {measure.value}; give {_VALUED!r}")
    if measure.quantile is None or not 0 < measure.quantile < 1:
        raise each.fault(f"quantile: {measure.quantile} does not lie between 0 and 1, as 0.5 and 0.9 do")
    if measure.unit != "seconds":
        raise each.fault(f"unit: {measure.unit!r} is not what durations are told in; give 'seconds'")


def _check_rate(each: Declared) -> None:
    measure = each.measure
    if measure.per < 1:
        raise each.fault(f"per: {measure.per} is not 1 or more")
    unit = _UNITS.get(measure.per)
    if unit and measure.unit != unit:
        raise each.fault(f"unit: {measure.unit!r} does not fit per = {measure.per}; give {unit!r}")


def _check_difference(each: Declared, declared: Mapping[str, Declared]) -> None:
    units = {field: declared[part].measure.unit for field, part in each.measure.parts.items()}
    if len(set(units.values())) > 1:
        told = " and ".join(f"the {field} is in {unit!r}" for field, unit in units.items())
        raise each.fault(f"subtrahend: {told}; name measures of one unit")


def _check_view(each: Declared, declared: Mapping[str, Declared]) -> None:
    measure = each.measure
    if (measure.indicator is None) != (not measure.breakdown):
        raise each.fault("breakdown: a view names an 'indicator' and the 'breakdown' that it shows of it; give both")
    if measure.indicator is None:
        return
    viewed = declared[measure.indicator].measure
    if not viewed.is_posted:
        raise each.fault(f"indicator: {viewed.id!r} is not posted itself; name an indicator that is no view")
    if measure.default:
        raise each.fault("default: a view has none, since areas.csv has no breakdowns; leave it out")
    for field in ("unit", "over"):
        if getattr(measure, field) != getattr(viewed, field):
            raise each.fault(f"{field}: must be {getattr(viewed, field)!r}, as that of {viewed.id!r}, which it shows")


def _check_parts(each: Declared, declared: Mapping[str, Declared]) -> None:
    for field, part in each.measure.parts.items():
        if part not in declared:
            nearest = get_close_matches(part, declared, n=3, cutoff=0.5)
            known = f"; nearest declared: {', '.join(nearest)}" if nearest else ""
            raise each.fault(f"{field}: no measure {part!r} is declared{known}")


def _check_no_cycle(each: Declared, declared: Mapping[str, Declared]) -> None:
    """Follows what the measure is made of, down to what is counted or posted."""

    def follow(measure_id: str, way: tuple[str, ...]) -> None:
        if measure_id in way:
            field = next(f for f, part in each.measure.parts.items() if part == (*way, measure_id)[1])
            raise each.fault(f"{field}: is made of itself, by way of {' -> '.join((*way, measure_id))}")
        for part in declared[measure_id].measure.parts.values():
            follow(part, (*way, measure_id))

    follow(each.measure.id, ())
