"""Whether a change is good news depends on the measure, and on whether both figures can be trusted."""

from datetime import date

import pytest

from services.metrics.comparisons import compare
from services.metrics.figures import PROVISIONAL, Figure, Gap
from services.metrics.periods import Window
from services.metrics.verdicts import verdict

WINDOW = Window(date(2017, 4, 1), date(2017, 6, 30))
UNFINISHED = Gap(*WINDOW, "not over", "a")
ESTIMATE = Gap(*WINDOW, PROVISIONAL, "a")


def judged(value, baseline, good="down", unit="offences", **fields):
    status = "no-data" if value is None else fields.pop("status", "complete")
    return verdict(compare(Figure(WINDOW, value, status, **fields), [Figure(WINDOW, baseline, "complete")], unit), good)


@pytest.mark.parametrize(
    ("value", "baseline", "good", "said"),
    [
        (90, 100, "down", "improving"),
        (110, 100, "down", "worsening"),
        (90, 100, "up", "worsening"),
        (110, 100, "up", "improving"),
        (110, 100, "neither", "neither"),
        (100, 100, "neither", "no change"),
        (0, 0, "down", "no change"),
        (None, 100, "down", "not known"),
    ],
)
def test_a_change_is_judged_by_the_better_way(value, baseline, good, said):
    assert judged(value, baseline, good) == said


def test_a_survey_that_moves_by_less_than_a_tenth_of_a_point_does_not_change():
    assert judged(68.64, 68.6, "up", "percent") == "no change"
    assert judged(68.65, 68.6, "up", "percent") == "improving"


def test_a_period_that_is_not_over_is_not_judged_and_a_provisional_one_is():
    assert judged(10, 100, status="partial", missing=(UNFINISHED,)) == "not known"
    assert judged(10, 100, status="incomplete") == "not known"
    assert judged(10, 100, status="partial", missing=(UNFINISHED, ESTIMATE)) == "not known"
    assert judged(10, 100, status="partial", missing=(ESTIMATE,)) == "improving"
