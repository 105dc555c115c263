"""Editions of monthly counts: in whatever order they come, the latest one of an area and month is the truth."""

from hypothesis import given, settings
from hypothesis import strategies as st

from local.importers.editions import Edition, Known, by_place, known_of, learn, places_covered, succeed

AREAS, OFFENCES, MONTHS = ("a", "b", "c"), ("x", "y", "z"), ("2017-01", "2017-02", "2017-03")


@st.composite
def editions(draw):
    """Up to five, each with a revision of its own, and figures of some of what it covers; sometimes blank cells."""
    revisions = draw(st.lists(st.integers(1, 40).map(lambda each: 10 * each), max_size=5, unique=True))
    return [draw(edition(revision)) for revision in revisions]


@st.composite
def edition(draw, revision):
    places = draw(st.sets(st.tuples(st.sampled_from(AREAS), st.sampled_from(MONTHS)), min_size=1))
    cells = sorted((area, offence, month) for area, month in places for offence in OFFENCES)
    said = draw(st.lists(st.sampled_from(("figure", "blank", "absent")), min_size=len(cells), max_size=len(cells)))
    chosen = dict(zip(cells, said, strict=True))
    return Edition(
        revision,
        {cell for cell, word in chosen.items() if word == "figure"},
        {cell for cell, word in chosen.items() if word == "blank"},
        places,
    )


class Metrics:
    """Keeps of each count the highest revision, of equal ones the first. A figure's value is its edition's revision."""

    def __init__(self):
        self.known, self.posted = Known(), {}

    def bring(self, each):
        learn(self.known, [each])
        self.known, gone = succeed(self.known, [each])
        for cell in each.cells:
            self.post(cell, each.revision, each.revision)
        for cell, revision in gone:
            self.post(cell, revision + 1, 0)
        return gone

    def post(self, cell, revision, value):
        if revision > self.posted.get(cell, (0, 0))[0]:
            self.posted[cell] = revision, value

    def values(self):
        return {cell: value for cell, (_, value) in self.posted.items() if value}


def right(given_editions):
    """The figures of the latest edition that covers a cell; where that leaves it blank, the latest figure before it."""
    found = {}
    for each in sorted(given_editions, key=lambda one: one.revision):
        for cell in [cell for cell in found if (cell[0], cell[2]) in each.places]:
            if cell not in each.blank:
                del found[cell]
        found |= dict.fromkeys(each.cells, each.revision)
    return found


@settings(max_examples=300)
@given(editions())
def test_imported_in_their_order_the_latest_edition_is_the_truth_of_what_it_covers(each_edition):
    metrics = Metrics()
    for each in sorted(each_edition, key=lambda one: one.revision):
        metrics.bring(each)
    assert metrics.values() == right(each_edition)


@settings(max_examples=600)
@given(editions(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(each_edition, random):
    shuffled = [*each_edition, *each_edition]
    random.shuffle(shuffled)
    metrics = Metrics()
    for each in shuffled:
        metrics.bring(each)
    assert metrics.values() == right(each_edition)


def test_a_figure_that_a_later_edition_leaves_blank_stands_though_that_one_was_imported_first():
    metrics, cell, place = Metrics(), ("a", "x", "2017-01"), {("a", "2017-01")}
    metrics.bring(Edition(20, {("a", "y", "2017-01")}, {cell}, place))
    assert metrics.bring(Edition(10, {cell}, set(), place)) == []
    assert metrics.values() == {cell: 10, ("a", "y", "2017-01"): 20}


@given(editions())
def test_a_second_import_of_the_latest_edition_changes_nothing(each_edition):
    metrics = Metrics()
    for each in each_edition:
        metrics.bring(each)
    for latest in sorted(each_edition, key=lambda one: one.revision)[-1:]:
        metrics.bring(latest)
        posted = dict(metrics.posted)
        assert metrics.bring(latest) == []
        assert metrics.posted == posted


def test_an_edition_that_covers_nothing_withdraws_nothing():
    metrics = Metrics()
    metrics.bring(Edition(10, {("a", "x", "2017-01")}, set(), {("a", "2017-01")}))
    assert metrics.bring(Edition(20, {("a", "y", "2017-01")}, set(), set())) == []
    assert by_place(known_of(metrics.known, [Edition(20, set(), set(), {("a", "2017-01")})])) == {"a 2017-01": 2}


def test_a_month_of_all_boroughs_speaks_of_the_other_areas_too_and_any_other_month_does_not():
    found = {("a", "2017-01"), ("b", "2017-01"), ("a", "2017-02")}
    assert places_covered(found, {"a", "b"}, {"unknown"}) == {*found, ("unknown", "2017-01")}
