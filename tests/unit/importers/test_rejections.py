from local.importers.progress import summary
from local.posting.rejections import OTHER, Rejections


def test_a_reason_is_kept_once_with_its_count_and_first_example():
    rejections = Rejections()
    rejections.add(["area: unknown"], "line 2")
    rejections.add(["area: unknown", "offence: unknown"], "line 3")
    assert rejections.records == 2
    assert [(text, why.count, why.example) for text, why in rejections.most_frequent()] == [
        ("area: unknown", 2, "line 2"),
        ("offence: unknown", 1, "line 3"),
    ]


def test_a_flood_of_distinct_reasons_is_counted_together():
    rejections = Rejections()
    for number in range(1000):
        rejections.add([f"reason {number}"], "line")
    assert len(rejections.reasons) == 201
    assert rejections.reasons[OTHER].count == 800


def test_the_summary_tells_what_was_accepted_and_each_reason():
    rejections = Rejections()
    rejections.add(["area: unknown area 'Atlantis'"], "line 2", records=1670)
    assert summary({"crime-counts": 181_195}, rejections).splitlines() == [
        "accepted: 181,195 crime-counts",
        "rejected: 1,670",
        "  1,670 x area: unknown area 'Atlantis' (first: line 2)",
    ]
    assert "accepted: none" in summary({}, Rejections())
