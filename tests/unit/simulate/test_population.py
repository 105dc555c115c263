from datetime import date

import msgspec

from local.simulate.population import population
from services.ingest.acceptance import judge
from shared.events import topics
from shared.reference import reference


def test_the_population_of_every_group_is_accepted_by_ingest_and_is_one_that_a_measure_reads():
    posted = population("simulated")
    verdict = judge([(topics.INDICATORS, msgspec.json.encode(each)) for each in posted], reference(), date(2024, 7, 9))
    assert verdict.rejected == []
    read = [each.breakdown for each in reference().measures if each.id.startswith("population-")]
    assert sorted(read, key=str) == sorted((each.breakdown for each in posted), key=str)


def test_londoners_are_as_many_as_the_census_counted():
    assert sum(each.value for each in population("simulated")) == 8_799_725
    assert {each.dataset for each in population("simulated")} == {"simulated"}
