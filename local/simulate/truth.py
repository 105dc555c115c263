"""The true counts of simulated records: a model small enough to be plainly right, sharing no code with the services."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from local.simulate.records import Record
from shared.events import Call, Crime, Stop

LONDON_ID = "E12000007"
MEASURES = (
    "total-notifiable-offences",
    "domestic-abuse",
    "knife-crime",
    "total-robbery",
    "total-burglary",
    "calls-999",
    "calls-101",
    "asb-calls",
    "stops-and-searches",
)
_NOT_NOTIFIABLE = {"nfib-fraud"}
_ROBBERY = {"robbery-of-personal-property", "robbery-of-business-property"}
_BURGLARY = {
    "domestic-burglary",
    "burglary-business-and-community",
    "residential-burglary-of-a-home",
    "residential-burglary-of-unconnected-building",
}


class Truth:
    """Counts by measure and area, London included, of the records whose versions it is told."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, versions: Iterable[Record]) -> None:
        """Count one record by all its versions: the highest revision is what holds."""
        final = max(versions, key=lambda version: version.revision)
        for measure in measures_of(final):
            self._counts[measure][final.area] += 1
            self._counts[measure][LONDON_ID] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """{measure: {area id: count}}, every measure named; an area that is absent has none."""
        return {measure: dict(sorted(self._counts[measure].items())) for measure in MEASURES}


def measures_of(record: Record) -> set[str]:
    """The measures that a record counts in."""
    match record:
        case Crime():
            return _of_crime(record)
        case Call():
            return {f"calls-{record.line}"} | ({"asb-calls"} if record.kind == "asb" else set())
        case Stop():
            return {"stops-and-searches"}


def _of_crime(crime: Crime) -> set[str]:
    if crime.status == "cancelled":
        return set()
    holds = {
        "total-notifiable-offences": crime.offence not in _NOT_NOTIFIABLE,
        "domestic-abuse": "domestic-abuse" in crime.flags,
        "knife-crime": bool({"knife-crime", "knife-injury"} & set(crime.flags)),
        "total-robbery": crime.offence in _ROBBERY,
        "total-burglary": crime.offence in _BURGLARY,
    }
    return {measure for measure, counted in holds.items() if counted}
