import os
import subprocess
import sys
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from local.demo import printed
from local.demo.london import blocks
from local.demo.months import MONTHS, days
from shared.events import CrimeCount
from shared.reference import reference
from shared.reference.tags import flag_tag, offence_tags

from .conftest import COUNTED, printed_percent

PREVIOUS, CURRENT = ("2015-07", "2016-06"), ("2016-07", "2017-06")
QUARTER_BEFORE, QUARTER = ("2016-04", "2016-06"), ("2017-04", "2017-06")


@pytest.mark.parametrize("row", printed.twelve_months(), ids=lambda row: row.measure)
def test_both_years_of_a_printed_row_come_out_to_the_digit(figures, row):
    previous, current = figures.total(row.measure, *PREVIOUS), figures.total(row.measure, *CURRENT)
    assert (previous, current) == (row.previous, row.current)
    assert current - previous == row.change
    assert round(100 * row.change / previous, 1) == row.percent_change


@pytest.mark.parametrize(
    "priority", printed.borough_priorities(), ids=lambda priority: f"{priority.borough}-{priority.measure}"
)
def test_a_boroughs_change_in_the_quarter_prints_as_the_report_does(figures, priority):
    before = figures.total(priority.measure, *QUARTER_BEFORE, priority.area)
    after = figures.total(priority.measure, *QUARTER, priority.area)
    assert printed_percent(before, after) == priority.percent_change


@pytest.mark.parametrize("priority", printed.borough_priorities(), ids=lambda p: f"{p.borough}-{p.measure}")
def test_no_boroughs_change_is_an_exact_half_that_could_round_either_way(figures, priority):
    before = figures.total(priority.measure, *QUARTER_BEFORE, priority.area)
    after = figures.total(priority.measure, *QUARTER, priority.area)
    assert (200 * (after - before)) % before != 0 or (100 * (after - before)) % before == 0


@pytest.mark.parametrize(
    ("measure", "first", "last", "value"),
    [
        ("domestic-abuse", *QUARTER, 19_989),
        ("domestic-abuse", *QUARTER_BEFORE, 19_013),
        ("total-sexual-offences", *QUARTER, 4_871),
        ("total-sexual-offences", *QUARTER_BEFORE, 4_410),
        ("racist-and-religious-hate-crime", "2016-07", "2016-07", 2_141),
        ("racist-and-religious-hate-crime", "2017-05", "2017-05", 1_440),
        ("racist-and-religious-hate-crime", "2017-06", "2017-06", 1_908),
    ],
)
def test_a_quarter_or_month_that_the_text_names_comes_out_to_the_digit(figures, measure, first, last, value):
    assert figures.total(measure, first, last) == value


@pytest.mark.parametrize(("flag", "value"), [("honour-based-violence", 326), ("forced-marriage", 111), ("fgm", 21)])
def test_a_harmful_practice_comes_out_to_the_digit_in_the_financial_year_that_is_printed(figures, flag, value):
    year = [row.count for row in figures.rows if flag in row.flags and "2016-04" <= row.month <= "2017-03"]
    assert sum(year) == value


def test_the_total_of_the_quarter_is_over_5000_more_than_a_year_before(figures):
    measure = "total-notifiable-offences"
    assert 5_000 < figures.total(measure, *QUARTER) - figures.total(measure, *QUARTER_BEFORE) < 6_000


def test_gun_crime_is_about_level_to_the_third_quarter_of_2015_16_and_rises_in_each_one_after(figures):
    quarters = [figures.total("gun-crime", MONTHS[n], MONTHS[n + 2]) for n in range(0, 24, 3)]
    assert all(450 <= count <= 480 for count in quarters[:2])
    assert all(later > earlier for earlier, later in pairwise(quarters[1:]))


def test_july_2016_has_the_most_racist_and_religious_hate_crime(figures):
    by_month = {m: figures.total("racist-and-religious-hate-crime", m, m) for m in MONTHS}
    assert max(by_month, key=by_month.get) == "2016-07"


@pytest.mark.parametrize("measure", ["total-notifiable-offences", "knife-crime", "domestic-abuse", "total-burglary"])
def test_a_measure_without_events_changes_by_less_than_a_tenth_from_month_to_month_by_the_day(figures, measure):
    a_day = [figures.total(measure, month, month) / days(n) for n, month in enumerate(MONTHS)]
    assert all(abs(later / earlier - 1) < 0.1 for earlier, later in pairwise(a_day))


def test_camdens_thefts_from_the_person_are_about_as_many_as_the_board_saw(figures):
    assert 500 <= figures.total("theft-person", *QUARTER_BEFORE, "E09000007") <= 530


def test_every_count_is_above_zero(figures):
    assert min(row.count for row in figures.rows) > 0


def test_the_areas_are_the_32_boroughs_that_the_force_polices_the_airports_and_unknown(figures):
    areas = reference().areas
    assert Counter(areas.get(area).kind for area in {row.area for row in figures.rows}) == {
        "borough": 32,
        "airport": 1,
        "unknown": 1,
    }
    assert "E09000001" not in {row.area for row in figures.rows}, "the City of London has a force of its own"


def test_the_months_are_july_2015_to_june_2017(figures):
    assert sorted({row.month for row in figures.rows}) == list(MONTHS)
    assert (MONTHS[0], MONTHS[-1], len(MONTHS)) == ("2015-07", "2017-06", 24)


def test_every_row_has_a_known_offence_and_sorted_flags_with_all_that_they_imply(figures):
    known = reference()
    for offence, flags in {(row.offence, row.flags) for row in figures.rows}:
        assert known.offences.get(offence).notifiable
        assert not offence.startswith("police-uk-")
        assert known.expand_flags(flags) == flags


def test_no_two_rows_count_the_same_crimes(figures):
    rows = Counter((row.area, row.offence, row.flags, row.month) for row in figures.rows)
    assert rows.most_common(1)[0][1] == 1


def test_every_row_belongs_to_the_dataset_of_the_demonstration(figures):
    assert {row.dataset for row in figures.rows} == {"demo"}


def test_some_crimes_count_in_two_rows_of_the_table(figures):
    pairs = {row.flags for row in figures.rows if len(row.flags) == 2}
    assert ("domestic-abuse", "knife-crime") in pairs
    assert ("racist-and-religious-hate", "sexual-orientation-hate") in pairs


def test_domestic_abuse_lies_on_violence_above_all(figures):
    measure, violence = COUNTED["domestic-abuse"], COUNTED["violence-against-the-person"]
    abuse = [row for row in figures.rows if measure(row)]
    assert sum(row.count for row in abuse if violence(row)) > 0.8 * sum(row.count for row in abuse)


def test_a_rare_crime_is_spread_over_most_boroughs_instead_of_the_same_few(figures):
    boroughs = {row.area for row in figures.rows if "transgender-hate" in row.flags}
    assert len(boroughs) >= 32


def test_there_are_at_most_45000_rows(figures):
    assert 30_000 < len(figures.rows) <= 45_000


def test_two_builds_are_the_same_whatever_the_order_of_hashing(figures):
    script = (
        "import zlib; from local.demo.figures import crime_counts; print(zlib.crc32(repr(crime_counts()).encode()))"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3])}
        built = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
        assert int(built.stdout) == zlib.crc32(repr(figures.rows).encode())


def test_blocks_share_no_line_so_that_classes_add_up_to_the_total():
    lines = Counter(line for block in blocks() for line in block.lines)
    assert set(lines.values()) == {1}


@pytest.mark.parametrize("measure", COUNTED)
def test_the_declared_measure_counts_the_rows_that_its_definition_says(figures, measure):
    known = reference()
    declared = known.measures.get(measure)
    for offence, flags in {(row.offence, row.flags) for row in figures.rows}:
        row = CrimeCount(area="E09000007", offence=offence, flags=flags, month="2016-07", count=1)
        tags = frozenset(offence_tags(known.offences.get(offence)) | {flag_tag(flag) for flag in flags})
        assert bool(declared.counts(tags)) == COUNTED[measure](row)
