"""Matrices that are kept up as facts are added, against sums of single facts."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.cubes import DAYS, Cube, Month, add_by_day, matrix_of
from services.metrics.facets import reader_of
from services.metrics.layout import Layout
from services.metrics.periods import Window
from services.metrics.profiles import CANCELLED, CRIME, DATED_OUTCOME, pack
from services.metrics.rows import ROW
from shared.events.periods import month_end
from shared.reference import reference

KNOWN = reference()
LAYOUT = Layout(KNOWN, "crime")
FACETS = reader_of(KNOWN, "crime")
COUNTS = [each for each in KNOWN.measures if each.of == "crime" and each.kind == "count"]
OFFENCES = [KNOWN.offences.resolve(name).index for name in ("rape", "arson", "domestic-burglary", "nfib-fraud")]
OUTCOMES = [KNOWN.outcomes.resolve(name).index for name in ("charged", "community-resolution")]
AREAS = [KNOWN.areas.resolve(name).index for name in ("E09000007", "E09000033", "unknown", "E12000007")]
MONTHS = [date(2016 + n // 12, n % 12 + 1, 1) for n in range(14)]
LARGEST = 2**31 - 1

offences = st.sampled_from(OFFENCES)
flags = st.integers(0, 2 ** len(list(KNOWN.flags)) - 1)
recorded = st.builds(
    lambda offence, flags, victims: pack(CRIME, offence=offence, flags=flags, victims=victims, under_25=victims // 2),
    offences,
    flags,
    st.sampled_from([0, 1, 200]),
)
decided = st.builds(
    lambda profile, outcome: profile | CRIME["outcome"].put(outcome) | DATED_OUTCOME,
    recorded,
    st.sampled_from(OUTCOMES),
)
profiles = st.one_of(recorded, decided)
facts = st.tuples(
    st.integers(0, 28),
    st.sampled_from(AREAS),
    st.just(1),
    st.just(0),
    st.sampled_from([1, 1, 0, 7, LARGEST]),
    st.one_of(profiles, profiles, profiles.map(lambda profile: profile | CANCELLED)),
)
"""Of a month: as a row."""
dated = st.lists(st.tuples(st.sampled_from(MONTHS), facts), max_size=12)
windows = st.tuples(st.dates(date(2015, 12, 1), date(2017, 4, 1)), st.integers(0, 480)).map(
    lambda given: Window(given[0], given[0] + timedelta(days=given[1]))
)


def taken_back(fact):
    day, area, records, unused, weight, profile = fact
    return day, area, -records, unused, -weight, profile


def added(cube, log, part):
    """Add the part, month by month, as a reader does; `log` is all that was added."""
    for month in sorted({month for month, _ in part}):
        cube.add(month, rows_of(part, month))
    log += part


def rows_of(log, month):
    return np.array([fact for each, fact in log if each == month], ROW)


def summed(cube, log, window):
    """As a reader sums: months that are cut are first kept by day, from all of their rows."""
    for month in cube.months_without_days(window):
        cube.keep_days(month, rows_of(log, month))
    return cube.sum(window)


def lies_in(window, month, day):
    """A day lies in the window, or where it is not known, its month does."""
    if day:
        return window.first <= month.replace(day=day) <= window.last
    return window.first <= month and month_end(month) <= window.last


def model(log, window):
    """Areas by columns, fact by fact and measure by measure."""
    found = np.zeros((LAYOUT.rows, LAYOUT.width), np.int64)
    for month, (day, area, _, _, weight, profile) in log:
        facets = FACETS(profile)
        for measure in COUNTS if lies_in(window, month, day) else ():
            if measure.dated == facets.aspect and measure.counts(facets.tags):
                for row in {area, LAYOUT.region}:
                    found[row, LAYOUT.places[measure.id]] += weight * facets.weights[measure.weight]
    return found


def reach(kept):
    """The model of how far records reach: first and last day, the months, those that are coarse."""
    first = [month.replace(day=max(fact[0], 1)) for month, fact in kept]
    last = [month.replace(day=fact[0]) if fact[0] else month_end(month) for month, fact in kept]
    months = {month for month, _ in kept}
    return min(first), max(last), months, {month for month, fact in kept if not fact[0]}


def records(kept):
    """The facts that are records themselves, and not their outcomes."""
    return [(month, fact) for month, fact in kept if not fact[-1] & DATED_OUTCOME]


def measured(kept):
    """The model: for each measure the first day with any record in the first month where it counted a fact."""
    found = {}
    for month, fact in sorted(kept, key=lambda each: each[0], reverse=True):
        facets = FACETS(fact[-1])
        day = min((max(each[0], 1) for begun, each in records(kept) if begun == month), default=1)
        for measure in COUNTS:
            if measure.dated == facets.aspect and measure.counts(facets.tags):
                found[measure.id] = month.replace(day=day)
    return found


@given(dated, dated, st.lists(windows, min_size=1, max_size=4), st.data())
def test_sums_are_those_of_single_facts_however_they_were_added_and_asked_for(kept, wrong, asked, data):
    """Some facts are taken back, sums are asked for between any two additions, and days are kept of few months."""
    log = [*kept, *wrong, *((month, taken_back(fact)) for month, fact in wrong)]
    cube, so_far = Cube(LAYOUT), []
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=3)))
    for begin, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
        added(cube, so_far, log[begin:end])
        for window in asked:
            assert (summed(cube, so_far, window) == model(so_far, window)).all()
    for window in asked:
        assert (summed(cube, log, window) == model(kept, window)).all()


@given(dated, dated)
def test_an_extent_is_that_of_the_facts_that_stand(kept, wrong):
    cube, log = Cube(LAYOUT), []
    added(cube, log, [*kept, *wrong])
    cube.extent(0, None)
    added(cube, log, [(month, taken_back(fact)) for month, fact in wrong])
    extent = cube.extent(lost=3, as_of="now")
    assert cube.holds_any == bool(records(kept))
    if not records(kept):
        assert extent is None
        return
    assert (extent.first, extent.last, extent.months, extent.coarse) == reach(records(kept))
    assert extent.measured_from == measured(kept)
    assert (extent.lost, extent.as_of) == (3, "now")


def test_a_month_of_outcomes_alone_is_not_a_month_of_crimes():
    detected = pack(CRIME, offence=OFFENCES[1], outcome=OUTCOMES[0], dated_outcome=1)
    cube = Cube(LAYOUT)
    added(cube, [], [(MONTHS[0], (3, AREAS[0], 1, 0, 1, pack(CRIME, offence=OFFENCES[1])))])
    added(cube, [], [(MONTHS[5], (9, AREAS[0], 1, 0, 1, detected))])
    extent = cube.extent(0, None)
    assert (extent.last, extent.months) == (MONTHS[0].replace(day=3), {MONTHS[0]})
    assert extent.measured_from["sanction-detections"] == MONTHS[5]


@given(st.lists(facts, max_size=12))
def test_a_months_days_come_to_the_month(of_month):
    rows, month = np.array(of_month, ROW), Month(LAYOUT, MONTHS[0])
    month.add(rows)
    days = add_by_day(np.zeros((DAYS, LAYOUT.rows, LAYOUT.width), np.int64), LAYOUT, rows)
    assert days.shape == (DAYS, LAYOUT.rows, LAYOUT.width)
    assert (days.sum(axis=0) == month.counts).all()
    assert (matrix_of(LAYOUT, rows) == month.counts).all()


def test_days_of_more_months_than_are_kept_are_read_again_and_come_to_the_same():
    log, cube = [], Cube(LAYOUT)
    burglary = pack(CRIME, offence=KNOWN.offences.resolve("domestic-burglary").index)
    added(cube, log, [(month, (5, AREAS[0], 1, 0, 1, burglary)) for month in MONTHS])
    asked = [Window(month.replace(day=4), month.replace(day=length)) for month in MONTHS for length in (4, 5, 6)]
    for _ in range(2):
        counts = [int(summed(cube, log, window)[LAYOUT.region, LAYOUT.places["total-burglary"]]) for window in asked]
        assert counts == [0, 1, 1] * len(MONTHS)
    assert cube.months_without_days(Window(MONTHS[0], MONTHS[0] + timedelta(days=9)))


def test_counts_far_beyond_a_32_bit_number_are_exact():
    total = LAYOUT.places["total-notifiable-offences"]
    profile = pack(CRIME, offence=OFFENCES[1])
    cube = Cube(LAYOUT)
    for _ in range(5):
        cube.add(MONTHS[0], np.array([(0, AREAS[0], 1, 0, LARGEST, profile)] * 1000, ROW))
    assert cube.sum(Window(MONTHS[0], month_end(MONTHS[0])))[LAYOUT.region, total] == 5000 * LARGEST
