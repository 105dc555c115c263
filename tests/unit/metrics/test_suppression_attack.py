"""Nobody can work out what is withheld: not from other areas, other days, other measures, rates, changes or totals."""

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.demo.figures import crime_counts
from services.metrics.explaining import Explaining
from services.metrics.params import Params
from services.metrics.periods import Window, intervals, months_of, window_ending
from services.metrics.queries import Queries
from services.metrics.suppression import Rule, Suppression
from services.metrics.tables import Tables
from services.metrics.tables.asked import Asking, TableQuery
from services.metrics.tables.origins import Of
from shared.clock import FixedClock
from shared.events import CrimeCount
from shared.reference import reference
from shared.reference.sensitivity import implied_flags
from shared.reference.tags import flag_tag
from tests.unit.metrics.attacker import Algebra, Bounds
from tests.unit.metrics.loaded import Loaded
from tests.unit.metrics.possible import Possible

CLOCK = FixedClock(datetime(2017, 8, 15, tzinfo=UTC))
KNOWN = reference()
AREAS = list(KNOWN.areas)
PARTS = [area for area in AREAS if not area.is_region]
LONDON = next(area for area in AREAS if area.is_region)
ASKED = [LONDON, *PARTS[:12], *PARTS[-3:]]
BY_INDEX = {area.index: area for area in AREAS}
SPAN = Window(date(2016, 4, 1), date(2017, 6, 30))
STRANDS = [
    *("racist-and-religious-hate-crime", "sexual-orientation-hate-crime"),
    *("transgender-hate-crime", "disability-hate-crime"),
]
MEASURES = [*STRANDS, "hate-crime", "high-harm-crime", "honour-based-violence", "forced-marriage"]
MEASURES += ["female-genital-mutilation", "flagged-crime"]
RATES = {f"{name}-per-1000": name for name in [*STRANDS, "hate-crime", "high-harm-crime"]}
INSIDE = [
    *((name, "hate-crime") for name in STRANDS),
    ("hate-crime", "high-harm-crime"),
    ("hate-crime", "flagged-crime"),
]
INSIDE += [(name, "flagged-crime") for name in MEASURES[6:9]]
PUBLIC = ["domestic-abuse", "knife-crime", "gun-crime", "total-sexual-offences"]
WHOLES = {
    "hate-crime": STRANDS,
    "high-harm-crime": [*PUBLIC, "hate-crime"],
}
TABLES = ("police-and-crime-plan", "high-harm", "hate-by-month", "neighbourhood-crime", "data-quality")


def queries_of(reader, below=5):
    return Queries(reader, CLOCK, KNOWN, suppression=Suppression(KNOWN, Rule(below)))


def windows_of(span):
    """Every window that is worth asking for: the intervals of a series, and those that overlap."""
    months = intervals(*span, "month")
    found = [window for interval in ("month", "quarter", "year") for window in intervals(*span, interval)]
    for month in months:
        found += [window_ending(name, month.last) for name in ("3m", "quarter", "12m", "fytd")]
        found += [Window(months[0].first, month.last), Window(month.first, months[-1].last)]
    return [each for each in dict.fromkeys(found) if span.first <= each.first and each.last <= span.last]


async def published(queries, dataset, span):
    """Everything that compare and series say: (measure, area index, window) -> figure; rates as their numerators."""
    names, windows = [*MEASURES, *RATES], windows_of(span)
    found, _ = await queries.figures_by_area([KNOWN.measures.resolve(each) for each in names], AREAS, dataset, windows)
    told = {}
    for name in names:
        for area in AREAS:
            for window, figure in zip(windows, found[name, area.index], strict=True):
                if name in MEASURES:
                    told[name, area.index, window] = figure
                elif figure.value is not None:  # a rate tells its numerator to whoever knows the population
                    assert told[RATES[name], area.index, window].value is not None, (name, area.name, window)
    return told


async def printed(queries, tables, dataset):
    """What the tables of every area say: cells by measure, area and window, and whether they are withheld."""
    asking = Asking(Params(KNOWN, queries), tables)
    for table in TABLES:
        declared = tables.declared.resolve(table)
        for area in ASKED:
            for end in ("2017-06-30", "2017-05-31"):
                query = TableQuery(dataset=dataset, end=end, area=area.id)
                answer = await tables.fill(declared, *await asking.resolve(declared, query))
                for part in answer.parts:
                    for row in part.rows:
                        for cell in cells(part, row, area.index):
                            yield cell


def cells(part, row, area):
    if "month" in row:
        month = date.fromisoformat(f"{row['month']}-01")
        yield row, "value", (row["measure"], area, window_ending("month", months_end(month)))
        return
    for name, window in part.windows.items():
        yield row, name, (row["measure"], area, window)


def months_end(day):
    return date.fromordinal(date(day.year + day.month // 12, day.month % 12 + 1, 1).toordinal() - 1)


def cells_of(area, window):
    return [(part.index, month) for part in ([area] if not area.is_region else PARTS) for month in months_of(window)]


def recovered_by_algebra(told):
    """The withheld figures that follow from the published ones of their measure."""
    found = []
    for name in MEASURES:
        algebra, hidden = Algebra(), []
        for (measure, index, window), figure in told.items():
            if measure == name:
                cells = cells_of(BY_INDEX[index], window)
                if figure.value is not None:
                    algebra.learn(cells)
                elif figure.status == "suppressed":
                    hidden.append((index, window, cells))
        found += [(name, index, window) for index, window, cells in hidden if algebra.tells(cells)]
    return found


async def recovered_by_bounds(queries, dataset, quarter, told):
    """The withheld counts of a quarter that whole numbers within each other leave no choice but one."""
    wanted = [KNOWN.measures.resolve(each) for each in ("recorded-crimes", *PUBLIC)]
    public, _ = await queries.figures_by_area(wanted, AREAS, dataset, [quarter])
    bounds = Bounds({(m, a.index): public["recorded-crimes", a.index][0].value or 0 for m in MEASURES for a in PARTS})
    totals, withheld = [], []
    measured = [each for each in MEASURES if told[each, LONDON.index, quarter].value is not None]
    for name in measured:
        totals.append(([(name, a.index) for a in PARTS], told[name, LONDON.index, quarter].value))
        for area in PARTS:
            figure = told[name, area.index, quarter]
            if figure.value is not None:
                bounds.known((name, area.index), figure.value)
            elif figure.status == "suppressed":
                withheld.append((name, area.index))
    inside = [((a, p.index), (b, p.index)) for a, b in INSIDE for p in PARTS if a in measured and b in measured]
    unions = [(("hate-crime", p.index), [(s, p.index) for s in STRANDS]) for p in PARTS if {*STRANDS} <= {*measured}]
    for area in PARTS:
        if "high-harm-crime" in measured:
            least = max(public[each, area.index][0].value or 0 for each in ("knife-crime", "domestic-abuse"))
            cell = "high-harm-crime", area.index
            bounds.low[cell] = max(bounds.low[cell], least)
    totals += sharing(bounds, public, told, quarter)
    bounds.narrow(totals, inside, unions)
    return [cell for cell in withheld if bounds.low[cell] >= bounds.high[cell]]


def sharing(bounds, public, told, quarter):
    """A whole and what its parts share come to the parts; London tells how many crimes several parts share in all."""

    def count(name, area):
        figure = public[name, area.index][0] if name in PUBLIC else told[name, area.index, quarter]
        return figure.value or 0

    for area, name in product(PARTS, PUBLIC):
        bounds.known((name, area.index), count(name, area))
    for whole, parts in WHOLES.items():
        shared = sum(count(each, LONDON) for each in parts) - count(whole, LONDON)
        unshared = {area: ("unshared", whole, area.index) for area in PARTS}
        for area, cell in unshared.items():
            bounds.low[cell], bounds.high[cell] = 0, shared
            if told[whole, area.index, quarter].value is not None:
                cells = [(each, area.index) for each in parts]
                yield [*cells, cell], told[whole, area.index, quarter].value + shared
        yield list(unshared.values()), shared * (len(PARTS) - 1)


@pytest.fixture(scope="module")
def demonstration():
    return Loaded(crime_count=crime_counts())


async def test_no_withheld_count_of_the_demonstration_follows_from_all_that_is_published(demonstration):
    told = await published(queries_of(demonstration), "demo", SPAN)
    assert sum(figure.status == "suppressed" for figure in told.values()) > 1000
    assert recovered_by_algebra(told) == []


async def test_without_the_others_that_are_withheld_the_same_attack_finds_small_counts(demonstration):
    """So the attack is one: with the small counts alone withheld, London's total gives some of them away."""
    told = await published(queries_of(demonstration, below=0), "demo", SPAN)
    quarters = set(intervals(*SPAN, "quarter"))
    naive = {}
    for (name, index, window), figure in told.items():
        if window in quarters:
            small = index != LONDON.index and figure.value is not None and figure.value < 5
            naive[name, index, window] = figure if not small else type(figure)(window, None, "suppressed")
    assert recovered_by_algebra(naive)


@pytest.mark.parametrize("quarter", intervals(*SPAN, "quarter"), ids=lambda each: each.first.isoformat())
async def test_whole_numbers_within_one_another_leave_every_withheld_count_of_a_quarter_open(demonstration, quarter):
    queries = queries_of(demonstration)
    told = await published(queries, "demo", quarter)
    assert await recovered_by_bounds(queries, "demo", quarter, told) == []


async def test_tables_withhold_what_compare_and_series_withhold(demonstration):
    queries = queries_of(demonstration)
    told = await published(queries, "demo", Window(date(2015, 7, 1), SPAN.last))
    compared = 0
    async for row, name, cell in printed(queries, Tables(queries, KNOWN, demonstration), "demo"):
        if cell in told:
            compared += 1
            figure, hidden = told[cell], row.get("suppressed", "").split()
            assert (row[name], name in hidden) == (figure.value, figure.status == "suppressed"), (row, cell)
            if hidden and "change" in row:
                assert row["change"] is None
                assert row["percent_change"] is None
    assert compared > 300


@pytest.mark.parametrize("name", [*MEASURES, *RATES])
async def test_explanations_list_no_part_that_compare_and_series_withhold(demonstration, name):
    queries = queries_of(demonstration)
    told = await published(queries, "demo", SPAN)
    quarter, year = (window_ending(each, SPAN.last) for each in ("quarter", "12m"))
    asked = [Of(name, area, window) for area in (LONDON, *PARTS[:8]) for window in (quarter, year)]
    for of, node in zip(asked, await Explaining(queries, KNOWN).nodes(asked, "demo"), strict=True):
        counted = node["inputs"]["numerator"] if name in RATES else node
        assert (counted["value"] is None) == (told[RATES.get(name, name), of.area.index, of.window].value is None)
        for part in counted["parts"]:
            if "suppressed_together" not in part:
                area = KNOWN.areas.resolve(part["area"]) if "area" in part else of.area
                days = (
                    Window(*(date.fromisoformat(part[each]) for each in ("from", "to")))
                    if "from" in part
                    else of.window
                )
                figure = told[RATES.get(name, name), area.index, days]
                assert (part["value"], part["status"]) == (figure.value, figure.status)


BOROUGHS = [area for area in PARTS if area.kind == "borough"][:4]
QUARTER = Window(date(2017, 4, 1), date(2017, 6, 30))
COUNTS = {
    "racist-and-religious-hate": "racist-and-religious-hate-crime",
    "faith-hate": "faith-hate-crime",
    "islamophobic-hate": "islamophobic-hate-crime",
    "antisemitic-hate": "antisemitic-hate-crime",
    "transgender-hate": "transgender-hate-crime",
    "disability-hate": "disability-hate-crime",
    "honour-based-violence": "honour-based-violence",
    "knife-crime": "knife-crime",
}
TOLD = [*COUNTS.values(), "hate-crime", "high-harm-crime", "flagged-crime", "recorded-crimes"]
UNIONS = {"high-harm-crime", "flagged-crime"}
OFFENCE = "violence-with-injury"
IMPLIED = implied_flags(KNOWN.flags)


def marked(*flags):
    """All flags of a crime that has these."""
    held = {tag for flag in flags for tag in IMPLIED[flag_tag(flag)]}
    return tuple(flag for flag in COUNTS if flag_tag(flag) in held)


flags_of_crimes = st.sets(st.sampled_from(sorted(COUNTS)), min_size=1, max_size=3).map(lambda flags: marked(*flags))
single_flags = st.sampled_from(["racist-and-religious-hate", "transgender-hate", "disability-hate", "knife-crime"])
counted = st.sampled_from([st.integers(0, 3), st.integers(0, 9), st.integers(0, 40)]).flatmap(lambda each: each)
areas_of = st.sampled_from([flags_of_crimes, single_flags.map(lambda each: (each,))]).flatmap(
    lambda flags: st.lists(st.dictionaries(flags, counted, max_size=8), min_size=len(BOROUGHS), max_size=len(BOROUGHS))
)


def events(areas, others=20):
    """Of each borough, as many crimes with each set of flags, and other crime, as there is in every borough."""
    known = {"offence": OFFENCE, "month": "2017-05", "dataset": "made"}
    for area, crimes in zip(BOROUGHS, areas, strict=True):
        for flags, count in [((), others), (("knife-crime",), others), *crimes.items()]:
            if count:
                yield CrimeCount(area=area.id, flags=flags, count=count, **known)


async def answers(areas):
    """What is told of made-up crimes, and of what nothing is: by measure and area, None for London."""
    queries = queries_of(Loaded(crime_count=events(areas)))
    wanted = [KNOWN.measures.resolve(each) for each in TOLD]
    found, _ = await queries.figures_by_area(wanted, [LONDON, *BOROUGHS], "made", [QUARTER])
    by_area = {
        (name, None if area.is_region else area.id): found[name, area.index][0]
        for name, area in product(TOLD, [LONDON, *BOROUGHS])
    }
    told = {cell: figure.value for cell, figure in by_area.items() if figure.value is not None}
    return told, [cell for cell, figure in by_area.items() if figure.status == "suppressed"]


def possible(told):
    return Possible(KNOWN, [area.id for area in BOROUGHS], OFFENCE, COUNTS, told)


@settings(max_examples=50, deadline=None)
@given(areas=areas_of)
async def test_whatever_is_counted_each_withheld_count_could_be_many_others(areas):
    """Of all the crimes that could have been recorded and tell the same, tried by integer programming."""
    told = await leaves_open(areas)
    for (name, area), value in told.items():
        if area and name in {*STRANDS, "hate-crime", "honour-based-violence"} and told[name, None]:
            assert value >= 5


async def leaves_open(areas):
    """AssertionError where a withheld count can be worked out, or nearly; what is told."""
    told, withheld = await answers(areas)
    solved = possible(told)
    for name, area in withheld:
        # A union is withheld for the sake of its parts alone: where it can be worked out, these are no less open.
        if name not in UNIONS:
            least, most = solved.range(name, area)
            # No more of an area's can it be than of London's.
            assert most - least >= min(5, told[name, None]), (name, area, least, most)
    return told


RACIST, FAITH, ISLAMOPHOBIC = map(marked, ("racist-and-religious-hate", "faith-hate", "islamophobic-hate"))
ANTISEMITIC, TRANSGENDER = marked("antisemitic-hate"), marked("transgender-hate")
BOTH = marked("islamophobic-hate", "antisemitic-hate")


@pytest.mark.parametrize(
    "areas",
    [
        # Two areas whose racist hate is withheld have no more faith hate than that comes to: the third has the rest.
        [{FAITH: 4, TRANSGENDER: 4}, {FAITH: 5, TRANSGENDER: 5}, {FAITH: 4, RACIST: 2, TRANSGENDER: 40}, {FAITH: 60}],
        # Nearly all that is told of faith hate is antisemitic, or Islamophobic.
        [{BOTH: 5}, {BOTH: 4}, {}, {ANTISEMITIC: 2}],
        [{ISLAMOPHOBIC: 7, FAITH: 2}, {}, {}, {ISLAMOPHOBIC: 4, FAITH: 1}],
    ],
    ids=["what-two-can-hold", "all-antisemitic", "nearly-all-islamophobic"],
)
async def test_what_is_told_of_a_strand_does_not_tell_what_lies_within_it(areas):
    await leaves_open(areas)


async def test_faith_hate_is_told_where_what_it_is_made_of_is_small():
    told, withheld = await answers([{FAITH: 12, ISLAMOPHOBIC: 9, ANTISEMITIC: 1}] * 4)
    assert {name for name, _ in withheld} == {"islamophobic-hate-crime", "antisemitic-hate-crime"}
    assert told["faith-hate-crime", BOROUGHS[0].id] == 22


ONE_FLAG_EACH = [
    {("racist-and-religious-hate",): 20, ("transgender-hate",): 3, ("disability-hate",): 8},
    {("racist-and-religious-hate",): 30, ("transgender-hate",): 4, ("disability-hate",): 9},
    {("racist-and-religious-hate",): 25, ("transgender-hate",): 9, ("disability-hate",): 7},
    {("racist-and-religious-hate",): 40, ("transgender-hate",): 8, ("disability-hate",): 12},
]


async def test_the_same_attack_finds_a_strand_that_is_withheld_alone():
    """So it is one: London says that no crime is of two strands, and then hate crime less the others is the strand."""
    told, withheld = await answers(ONE_FLAG_EACH)
    small = ("transgender-hate-crime", BOROUGHS[0].id)
    assert small in withheld
    least, most = possible(told).range(*small)
    assert most - least >= 5
    told |= {
        ("disability-hate-crime", area.id): row["disability-hate",]
        for area, row in zip(BOROUGHS, ONE_FLAG_EACH, strict=True)
    }
    assert possible(told).range(*small) == (3, 3)


async def test_a_strand_that_is_not_small_is_told_where_another_keeps_the_small_one_open():
    _, withheld = await answers(ONE_FLAG_EACH)
    assert {name for name, _ in withheld} == {"transgender-hate-crime", "disability-hate-crime"}
