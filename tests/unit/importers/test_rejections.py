from local.importers.report import summary
from local.posting.rejections import OTHER, Rejections
from shared.errors import FieldError

AREA = FieldError("area", "unknown area 'Atlantis'", "Atlantis")
OFFENCE = FieldError("offence", "unknown offence 'Piracy'; nearest known: Rape", "Piracy", ("Rape",))


def test_a_reason_is_kept_once_with_its_count_and_first_example():
    rejections = Rejections()
    rejections.add([AREA], "line 2")
    rejections.add([AREA, OFFENCE], "line 3")
    assert rejections.records == 2
    assert [(text, why.count, why.example) for text, why in rejections.most_frequent()] == [
        ("area: unknown area 'Atlantis'", 2, "line 2"),
        ("offence: unknown offence 'Piracy'; nearest known: Rape", 1, "line 3"),
    ]
    assert [(each.place, len(each.errors)) for each in rejections.listed] == [("line 2", 1), ("line 3", 2)]


def test_an_unknown_value_is_kept_once_wherever_it_stands_with_or_without_suggestions():
    rejections = Rejections()
    rejections.add([FieldError("flags[0]", "unknown flag 'knive'", "knive")], "line 2")
    rejections.add(
        [FieldError("flags[3]", "unknown flag 'knive'; nearest known: Knife crime", "knive", ("Knife crime",))],
        "line 3",
        4,
    )
    rejections.add(
        [FieldError("count", "'x' is not a whole number"), FieldError("colour", "unknown field", "red")], "line 4"
    )
    (known,) = rejections.unknown_values()
    assert (known.field, known.value, known.nearest, known.count) == ("flags", "knive", ("Knife crime",), 5)


def test_a_flood_of_distinct_reasons_is_counted_together():
    rejections = Rejections()
    for number in range(1000):
        rejections.add([FieldError("", f"reason {number}")], "line")
    assert len(rejections.reasons) == 201
    assert rejections.reasons[OTHER].count == 800


def test_the_summary_tells_what_was_accepted_and_each_reason():
    rejections = Rejections()
    rejections.add([AREA], "line 2", records=1670)
    assert summary({"crime-counts": 181_195}, rejections).splitlines() == [
        "accepted: 181,195 crime-counts",
        "rejected: 1,670",
        "  1,670 x area: unknown area 'Atlantis' (first: line 2)",
        "unknown values:",
        "  1,670 x area 'Atlantis'",
    ]
    assert "accepted: none" in summary({}, Rejections())
