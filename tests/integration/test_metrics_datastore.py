"""London's recorded crime of the Datastore, through Kafka and the service, against the published report's figures."""

import asyncio
import os
from contextlib import nullcontext
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import msgspec
import pytest

from local.importers.datastore import elements, read_table
from local.importers.sources import open_rows
from shared.events import CrimeCount
from shared.reference import reference
from tests.integration.metrics import Metrics, publishing, something_counted, unique
from tests.parts.stack import EmbeddedStack

FILE = "datastore/MPS_Borough_Level_Crime_Historical.csv"
MONTHS = ("201504", "201706")
DATASET = unique("datastore")
YEARS = {
    "total-burglary": (69_548, 70_815),
    "theft-person": (33_218, 41_667),
    "theft-taking-of-mv": (23_345, 29_096),
    "theft-from-mv": (49_756, 55_743),
    "total-robbery": (21_432, 26_368),
}
FLAGGED = {
    "knife-crime",
    "gun-crime",
    "domestic-abuse",
    "racist-and-religious-hate-crime",
    "sexual-orientation-hate-crime",
    "transgender-hate-crime",
    "disability-hate-crime",
}


@pytest.fixture(scope="module")
def records():
    """The counts of the months that the table needs."""
    data = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (data / FILE).exists():
        pytest.skip(f"published data are not at {data} (set OVERSIGHT_SHARED_DATA)")
    with open_rows(str(data / FILE)) as rows:
        table = read_table(columns(rows), reference())
    assert not table.refusals
    return [msgspec.json.decode(line, type=CrimeCount) for _, line, _ in elements(table, 1, DATASET, FILE)]


def columns(rows):
    """The rows without the months before and after."""
    first = next(rows)
    kept = [n for n, name in enumerate(first[1]) if not name.isdigit() or MONTHS[0] <= name <= MONTHS[1]]
    for line, row in (first, *rows):
        yield line, [row[n] for n in kept]


@pytest.fixture(scope="module")
def metrics(parts, records, tmp_path_factory):
    """The service after a load in whose middle it was killed."""
    # The embedded broker keeps little: a broker of its own keeps this load out of other tests' way.
    own = EmbeddedStack(tmp_path_factory.mktemp("stack")) if parts.volatile_broker else nullcontext(parts)
    with own as stack:
        stack.redis.flush()
        with Metrics(stack, batch_records=1000) as metrics:
            asyncio.run(load(metrics, records, len(records) // 2))
            yield metrics


async def load(metrics, records, killed_after):
    async with publishing(metrics.kafka) as publish:
        await publish(records[:killed_after])
        await something_counted(metrics, DATASET, measure="total-burglary", end="2017-06-30")
        metrics.kill()
        await publish(records[killed_after:])
        metrics.start()
        await metrics.caught_up()


def plan(metrics):
    table = metrics.ask("/v1/tables/police-and-crime-plan", end="2017-06-30", dataset=DATASET).json()
    return {row["measure"]: row for row in table["rows"]}


@pytest.fixture(scope="module")
def rows(metrics):
    return plan(metrics)


@pytest.mark.parametrize("measure", YEARS)
def test_the_years_are_those_of_the_publication(rows, measure):
    row = rows[measure]
    assert (row["previous"], row["current"], row["status"]) == (*YEARS[measure], "complete")


def test_changes_and_percentages_are_those_of_the_years(rows):
    counted = [row for row in rows.values() if row["current"] is not None]
    assert len(counted) == len(rows) - len(FLAGGED)
    for row in counted:
        assert row["change"] == row["current"] - row["previous"]
        exact = Decimal(100 * row["change"]) / row["previous"]
        assert row["percent_change"] == float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def test_what_rests_on_flags_has_no_data_and_is_never_zero(rows):
    without = {row["measure"] for row in rows.values() if row["status"] == "no-data"}
    assert without == FLAGGED
    assert {rows[measure][name] for measure in FLAGGED for name in ("previous", "current", "change")} == {None}


def test_camdens_thefts_from_the_person_are_compared_with_the_same_quarter(metrics):
    asked = {"quarter": "2017-18-Q1", "dataset": DATASET}
    table = metrics.ask("/v1/tables/local-priorities", **asked).json()
    (camden,) = (row["priorities"] for row in table["rows"] if row["name"] == "Camden")
    second = camden[1]
    assert second["title"] == "Theft from Person"
    assert (second["previous"], second["current"], second["percent_change"]) == (516, 1_922, 272)


def test_londons_total_is_the_sum_of_its_areas(metrics):
    asked = {"measure": "total-burglary", "dataset": DATASET, "end": "2017-06-30"}
    areas = [area.id for area in reference().areas if not area.is_region]
    assert sum(metrics.compare(**asked, area=area)["value"] or 0 for area in areas) == YEARS["total-burglary"][1]


def test_the_same_load_again_with_a_crash_in_its_middle_changes_nothing(metrics, records, rows):
    asyncio.run(load(metrics, records, len(records) // 3))
    assert plan(metrics) == rows
