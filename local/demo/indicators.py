"""Survey results and workforce that the report prints for April to June 2017."""

from local.demo.figures import DATASET
from shared.events import Indicator

LONDON = "E12000007"
PERIOD = "2017-18-Q1"

# Public Attitude Survey and User Satisfaction Survey: the force's average.
_SURVEYS_PERCENT = {
    "user-satisfaction": 75.3,
    "good-job": 68.6,
    "informed-local": 43.7,
    "listen-to-concerns": 76.0,
    "fair-treatment": 78.3,
    "dealing-issues": 73.6,
}
# At the end of June 2017. The target for dedicated ward officers is that of December 2017.
_WORKFORCE = {
    "police-officers": 30_719,
    "special-constables": 2_523,
    "pcsos": 1_383,
    "police-staff": 8_500,
    "dedicated-ward-officers": 1_171,
    "dedicated-ward-officers-target": 1_258,
}


def indicators() -> list[Indicator]:
    """London's indicators: surveys in percent, workforce in people; final, dataset `demo`."""
    surveys = [_indicator(name, value, "percent") for name, value in _SURVEYS_PERCENT.items()]
    return surveys + [_indicator(name, float(value), "people") for name, value in _WORKFORCE.items()]


def _indicator(name: str, value: float, unit: str) -> Indicator:
    return Indicator(
        indicator=name, area=LONDON, period=PERIOD, value=value, unit=unit, status="final", dataset=DATASET
    )
