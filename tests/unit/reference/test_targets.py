"""Targets are declared as data, and refused by name where they make no sense."""

import re

import pytest

from shared.reference import InconsistentReference, reference
from shared.reference.targets import TARGETS, read_targets

NEIGHBOURHOOD = {
    "violence-with-injury",
    "total-robbery",
    "total-burglary",
    "theft-taking-of-mv",
    "theft-from-mv",
    "theft-person",
    "offence-criminal-damage",
    "neighbourhood-crime",  # all seven together
}
DECLARED = TARGETS.read_text()


def read(path=TARGETS):
    known = reference()
    return read_targets(known.measures, known.areas, path)


def test_the_seven_neighbourhood_crimes_and_all_of_them_are_to_fall_by_a_fifth_in_four_years():
    falling = {name: target for name, target in read().items() if target.percent == -20}
    assert falling.keys() == NEIGHBOURHOOD
    for target in falling.values():
        assert (target.baseline.last.year, target.by.year, target.trajectory) == (2012, 2016, "linear")


@pytest.mark.parametrize(
    ("measure", "percent", "value"),
    [("good-job", 20, None), ("dedicated-ward-officers", None, 1258), ("police-officers", None, 32_000)],
)
def test_confidence_and_officers_are_to_rise(measure, percent, value):
    assert (read()[measure].percent, read()[measure].value) == (percent, value)


@pytest.mark.parametrize(
    ("pattern", "broken", "said"),
    [
        (r'measure = "good-job"', 'measure = "good-jobs"', "no measure 'good-jobs' is declared"),
        (r'measure = "police-officers"', 'measure = "good-job"', "'confidence-2016' is a target of that measure"),
        (r"value = 32000", "percent = 5", "'percent' needs the 'baseline'"),
        (r"value = 32000", "", "give either 'value' or 'percent'"),
        (r"value = 32000", 'value = 32000\narea = "E1"', "no area has the id 'E1'"),
        (r"value = 32000", "valeu = 32000", "unknown field `valeu`"),
        (r"percent = 20", "percent = -20", "'percent' -20 is the wrong way for 'good-job', of which up is good"),
        (r"2012-03-31 \}", "2010-03-31 }", "'baseline' ends before it begins"),
        (r"by = 2016-03-31", "by = 2012-03-31", "'by' is not after the baseline"),
        (r"by = 2016-03-31", "", "a linear trajectory needs 'baseline' and 'by'"),
        (r'window = "12m"', "", "says in which 'window' it is counted"),
        (r'window = "12m"', 'window = "year"', "Invalid enum value 'year'"),
        (r"\[\[target\]\]", "[[goal]]", "no [[target]] stands in it"),
        (r"\[\[target\]\]", "[[target]", "targets.toml"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_with_the_reason(tmp_path, pattern, broken, said):
    assert re.search(pattern, DECLARED)
    path = tmp_path / "targets.toml"
    path.write_text(re.sub(pattern, broken, DECLARED))
    with pytest.raises(InconsistentReference, match=re.escape(said)):
        read(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InconsistentReference, match="cannot be read"):
        read(tmp_path / "targets.toml")
