"""`oversight up --demo`: what a person reads within the first minute."""

import csv
import os
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from local.demo import printed
from tests.e2e.conftest import SERVICES, System, eventually

END, QUARTER = "2017-06-30", "2017-18-Q1"
SHARED_DATA = Path(os.environ.get("OVERSIGHT_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture(scope="module")
def demo(system: System) -> Iterator[System]:
    system.up("--demo")
    yield system
    assert system.stop() == 0


def published(name: str) -> list[dict[str, str]]:
    path = SHARED_DATA / "published" / name
    if not path.exists():
        pytest.skip(f"the published table is not here: {path}")
    return list(csv.DictReader(path.open(encoding="utf-8-sig")))


def mails(system: System) -> list[tuple[str, str, str]]:
    """(to, subject, text) of each e-mail that was sent."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in system.home.mail.glob("*.eml")]
    return [(mail["to"], mail["subject"], mail.get_content()) for mail in found]


def test_the_headline_is_what_the_board_read(demo: System) -> None:
    answer = demo.get("metrics", "/v1/compare", measure="total-notifiable-offences", window="12m", end=END).json()
    assert (answer["value"], answer["percent_change"], answer["status"]) == (790_473, 5.6, "complete")
    assert answer["baseline"]["value"] == 748_660
    assert answer["dataset"] == "demo"
    assert "not recorded crime" in answer["note"]


def test_the_first_page_shows_the_headline_and_says_what_it_rests_on(demo: System) -> None:
    page = " ".join(demo.get("metrics", "/").text.split())
    assert "London, 12 months to 30 June 2017: 790,473 recorded crimes, up 5.6%" in page
    assert "Demonstration: figures fitted to" in page


def test_the_fifteen_rows_are_the_printed_ones(demo: System) -> None:
    rows = demo.get("metrics", "/v1/tables/police-and-crime-plan", end=END).json()["rows"]
    assert [(row["measure"], row["previous"], row["current"]) for row in rows] == [
        (line.measure, line.previous, line.current) for line in printed.twelve_months()
    ]


def test_the_fifteen_rows_equal_the_published_table(demo: System) -> None:
    rows = demo.get("metrics", "/v1/tables/police-and-crime-plan", end=END).json()["rows"]
    columns = ("plan_area", "title", "previous", "current", "change", "percent_change")
    assert [[str(row[column]) for column in columns] for row in rows] == [
        list(row.values()) for row in published("q1-2017-18-recorded-crime-12-months.csv")
    ]


def test_the_boroughs_percentages_equal_the_published_table(demo: System) -> None:
    rows = demo.get("metrics", "/v1/tables/local-priorities", quarter=QUARTER).json()["rows"]
    computed = {row["name"]: [each["percent_change"] for each in row["priorities"]] for row in rows}
    expected = {
        row["borough"]: [int(row[f"priority_{n}_percent_change_q1_2017_18_vs_q1_2016_17"]) for n in (1, 2)]
        for row in published("q1-2017-18-local-volume-priorities.csv")
    }
    assert {name: percents[:2] for name, percents in computed.items()} == expected
    assert (computed["Greenwich"][2], computed["Islington"][2]) == (-16, 51)


def test_a_table_is_also_served_as_csv(demo: System) -> None:
    url = demo.addresses.metrics + "/v1/tables/police-and-crime-plan"
    import httpx

    text = httpx.get(url, params={"end": END}, headers={"Accept": "text/csv"}).text
    assert [row["current"] for row in csv.DictReader(text.splitlines())][:2] == ["790473", "241416"]


def test_a_measure_that_crosses_its_threshold_ends_as_an_email_and_in_the_inbox(demo: System) -> None:
    eventually(lambda: [s for to, s, _ in mails(demo) if "Knife crime is rising" in s and "mps@" in to], "it is mailed")
    inbox = eventually(lambda: demo.get("notify", "/inbox/MPS").text, "the inbox answers")
    assert "Knife crime is rising" in inbox
    assert "13,121" in inbox


def test_an_overdue_action_ends_as_an_email_and_in_the_inbox(demo: System) -> None:
    def mailed() -> list[str]:
        return [text for to, subject, text in mails(demo) if "overdue" in subject.lower() and "mps@" in to]

    eventually(mailed, "the overdue action of 28 April 2023 is mailed")
    assert "overdue" in demo.get("notify", "/inbox/MPS").text.lower()


def test_nobody_is_mailed_the_same_twice(demo: System) -> None:
    told = [(to, subject, text) for to, subject, text in mails(demo)]
    assert len(told) == len(set(told)) > 0


def test_the_simulated_stream_arrives_and_says_that_it_is_simulated(demo: System) -> None:
    def arrived() -> bool:
        answers = [
            demo.get("metrics", "/v1/compare", measure=measure, window="week", dataset="simulated").json()
            for measure in ("total-notifiable-offences", "calls-999", "calls-101", "stops-and-searches")
        ]
        return any(answer["value"] for answer in answers) and all("Simulated" in answer["note"] for answer in answers)

    eventually(arrived, "simulated records are counted")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_it_is_ready_and_shows_its_metrics(demo: System, service: str) -> None:
    assert demo.get(service, "/readyz").json()["ready"] is True
    assert demo.get(service, "/livez").text == "ok\n"
    assert "oversight_http_request_duration_seconds_bucket" in demo.get(service, "/metrics").text
    assert demo.get(service, "/docs").status_code == 200


def test_the_actions_of_both_meetings_are_kept(demo: System) -> None:
    actions = demo.get("actions", "/v1/actions", overdue_on="2023-09-01").json()
    overdue = [action for action in actions if action["days_overdue"]]
    assert [(action["due"]["on"], action["days_overdue"]) for action in overdue] == [("2023-06-30", 63)]
    assert len(demo.get("actions", "/v1/actions").json()) == 10


def test_a_second_start_finds_everything_again_and_tells_nobody_twice(demo: System) -> None:
    before = mails(demo)
    assert demo.stop() == 0
    demo.up("--demo")
    assert demo.value("total-notifiable-offences", END, dataset="demo") == 790_473
    assert len(demo.get("actions", "/v1/actions").json()) == 10
    assert sorted(mails(demo)) == sorted(before)
