"""Frozen rows beside today's: what is found by name, whatever its place, and told only where it differs."""

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.publications.revisions import revisions

FIGURES = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1000, 1000).map(lambda value: round(value, 1)))
ROWS = st.dictionaries(
    st.sampled_from(["robbery", "burglary", "knives", "guns"]),
    st.fixed_dictionaries(
        {"previous": FIGURES, "current": FIGURES, "status": st.sampled_from(["complete", "partial"])}
    ),
)


def answer(rows):
    return {"rows": [{"measure": name, "title": name.title(), **row} for name, row in rows.items()]}


@given(ROWS, ROWS)
def test_what_differs_is_told_once_and_nothing_else(before, after):
    found = revisions(answer(before), answer(after))
    both = before.keys() & after.keys()
    expected = {
        (name, column): (before[name][column], after[name][column])
        for name in both
        for column in ("previous", "current")
        if before[name][column] != after[name][column]
    }
    assert {(e["measure"], e["column"]): (e["published"], e["today"]) for e in found["revised"]} == expected
    assert len(found["revised"]) == len(expected)
    assert {each["measure"] for each in found["added"]} == after.keys() - before.keys()
    assert {each["measure"] for each in found["removed"]} == before.keys() - after.keys()
    known = [1 for name in both for c in ("previous", "current") if {before[name][c], after[name][c]} != {None}]
    assert found["figures"] == len(known) == found["unchanged"] + len(found["revised"])


@given(ROWS, st.randoms())
def test_another_order_of_rows_and_columns_is_no_revision(rows, random):
    names = random.sample(sorted(rows), len(rows))
    shuffled = {name: dict(random.sample(sorted(rows[name].items()), 3)) for name in names}
    assert revisions(answer(rows), answer(shuffled))["revised"] == []


def test_differences_are_exact_and_a_percentage_of_what_was_published():
    before = {"rows": [{"measure": "m", "title": "M", "a": 68.6, "b": 0, "c": None, "d": -50, "e": 3}]}
    after = {"rows": [{"measure": "m", "title": "M", "a": 62.3, "b": 2, "c": 2, "d": -75, "e": None}]}
    found = {each["column"]: (each["difference"], each["percent"]) for each in revisions(before, after)["revised"]}
    assert found == {"a": (-6.3, -9.2), "b": (2, None), "c": (None, None), "d": (-25, -50), "e": (None, None)}


def test_a_row_that_holds_lines_is_compared_line_by_line():
    def borough(change):
        lines = [{"title": title, "measure": title.lower(), "current": change} for title in ("Burglary", "Robbery")]
        return {"rows": [{"area": "E09000007", "name": "Camden", "priorities": lines}]}

    found = revisions(borough(1), borough(2))["revised"]
    assert [(each["area"], each["measure"], each["title"]) for each in found] == [
        ("E09000007", "burglary", "Camden, Burglary"),
        ("E09000007", "robbery", "Camden, Robbery"),
    ]


def test_a_figure_that_was_or_is_withheld_is_told_apart_from_one_that_is_not_known():
    def table(**cells):
        return {"rows": [{"measure": "m", "title": "M", **cells}]}

    before = table(a=7, b=None, c=None, d=None, suppressed="b d")
    after = table(a=None, b=8, c=9, d=None, suppressed="a d")
    found = {each["column"]: each.get("suppressed") for each in revisions(before, after)["revised"]}
    assert found == {"a": "today", "b": "published", "c": None}
