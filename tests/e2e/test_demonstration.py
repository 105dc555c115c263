"""`oversight up --demo`: what a person reads within the first minute."""

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from email import message_from_bytes, policy
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.demo import printed
from shared.clock import Clock
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


def test_the_fifteen_rows_and_the_fund_are_published_and_stand_as_they_were(demo: System) -> None:
    listed = demo.get("metrics", "/v1/publications").json()["publications"]
    assert {each["table"] for each in listed} == {"police-and-crime-plan", "commissioning"}
    for each in listed:
        document = demo.get("metrics", f"{each['href']}/document")
        assert each["hash"] == f"sha256:{hashlib.sha256(document.content).hexdigest()}"
        assert demo.get("metrics", f"{each['href']}/revisions").json()["revised"] == []
        assert demo.get("metrics", f"/publications/{each['id']}").status_code == 200


@pytest.mark.parametrize(
    ("table", "file", "sums"),
    [
        ("police-and-crime-plan", "q1-2017-18-recorded-crime-12-months.csv", []),
        ("commissioning", "london-crime-prevention-fund-2017-18.csv", [(16_777_584, 16_777_585, 1)]),
    ],
)
def test_the_printed_tables_are_reconciled(demo: System, table: str, file: str, sums: list[Any]) -> None:
    published(file)
    body = (SHARED_DATA / "published" / file).read_bytes()
    url, asked = f"{demo.addresses.metrics}/v1/reconciliations", {"table": table, "end": END, "dataset": "demo"}
    answer = httpx.post(url, content=body, params=asked, headers={"content-type": "text/csv"}, timeout=30).json()
    assert (answer["differences"], answer["only_printed"], answer["only_computed"]) == ([], [], [])
    assert [(each["printed"], each["computed"], each["difference"]) for each in answer["sums"]] == sums


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


def rows_of(demo: System, table: str, section: str | None = None, **params: str) -> list[dict[str, Any]]:
    asked = {"end": END, "dataset": "demo"} | params
    answer = demo.get("metrics", f"/v1/tables/{table}", **asked)
    assert answer.status_code == 200, answer.text
    return [row for row in answer.json()["rows"] if section is None or row["section"] == section]


def sections_of(demo: System, table: str) -> dict[str, dict[str, Any]]:
    answer = demo.get("metrics", f"/v1/tables/{table}", end=END, dataset="demo").json()
    return {section["id"]: section for section in answer["sections"]}


def test_the_gaps_of_the_inequalities_are_the_printed_ones_and_twenty_are_significant(demo: System) -> None:
    rows = rows_of(demo, "inequalities")
    columns = ("user-satisfaction", "good-job", "informed-local", "listen-to-concerns", "fair-treatment")
    gaps = {(row["group"], row["measure"]): row["gap"] for row in rows}
    for group in printed.rows("surveys.csv")[1:]:
        for column in (*columns, "dealing-issues"):
            assert gaps[group["group"], column] == float(group[column])
    assert sum(row["significant"] for row in rows) == 20


def test_the_funds_allocations_come_to_one_pound_more_than_the_printed_total(demo: System) -> None:
    *boroughs, london = rows_of(demo, "commissioning")
    assert len(boroughs) == 32
    assert london["value"] == 16_777_584
    (section,) = sections_of(demo, "commissioning").values()
    assert [(each["printed"], each["computed"], each["difference"]) for each in section["differences"]] == [
        (16_777_584, 16_777_585, 1)
    ]


def test_the_workforce_is_the_printed_one_and_87_ward_officers_are_missing(demo: System) -> None:
    strength = {row["measure"]: row for row in rows_of(demo, "workforce", "strength")}
    people = {"police-officers": 30_719, "special-constables": 2_523, "pcsos": 1_383, "police-staff": 8_500}
    assert {measure: strength[measure]["current"] for measure in people} == people
    ward = strength["dedicated-ward-officers"]
    assert (ward["current"], ward["target_final"]) == (1_171, 1_258)
    assert ward["current"] - ward["target_final"] == -87
    diversity = {row["measure"]: row["current"] for row in rows_of(demo, "workforce", "diversity")}
    shares = (diversity["police-officers-bame-share"], diversity["police-officers-female-share"])
    assert [round(share) for share in shares] == [14, 26]


def test_the_finance_tables_are_the_printed_ones(demo: System) -> None:
    revenue = {row["line"]: row for row in rows_of(demo, "finance", "revenue")}
    for line in printed.rows("revenue.csv"):
        found = revenue[line["line"]]
        assert found["budget_to_date"] == float(line["revenue-budget-to-date"])
        assert found["actual_to_date"] == float(line["revenue-actual-to-date"])
        assert found["variance_to_date"] == float(line["variance to date"])
        assert found["full_year_forecast"] == float(line["revenue-full-year-forecast"])
    capital = {(row["service"], row["project"]): row for row in rows_of(demo, "finance", "capital")}
    for line in printed.rows("capital.csv"):
        assert capital[line["service"], line["project"]]["variance"] == float(line["variance"])
    assert list(revenue) == [line["line"] for line in printed.rows("revenue.csv")]


def test_the_printed_totals_of_finance_are_added_up_and_the_savings_do_not_agree(demo: System) -> None:
    sections = sections_of(demo, "finance")
    assert all(section["totals_checked"] > 0 for section in sections.values())
    differences = {name: [each["difference"] for each in each_["differences"]] for name, each_ in sections.items()}
    assert differences == {"revenue": [], "savings": [-0.1], "capital": [], "reserves": []}


def test_the_reserves_roll_over_seven_years(demo: System) -> None:
    years = rows_of(demo, "finance", "reserves")
    assert [year["year"] for year in years] == [row["period"] for row in printed.rows("reserves.csv")]
    assert all(earlier["closing"] == later["opening"] for earlier, later in pairwise(years))
    assert [year["posted_as"] for year in years] == ["final"] * 3 + ["provisional"] * 4


def test_figures_that_are_posted_answer_for_the_periods_that_the_report_names(demo: System) -> None:
    def value(measure: str, window: str, end: str = END) -> float | None:
        asked = {"measure": measure, "window": window, "end": end, "dataset": "demo"}
        found: float | None = demo.get("metrics", "/v1/compare", **asked).json()["value"]
        return found

    assert value("fraud-and-cyber-crime", "12m") == 42_490
    assert value("crime-change-england-and-wales", "12m", "2017-03-31") == 12.5
    assert value("crime-change-most-similar-forces", "12m", "2017-03-31") == 15.8
    assert value("victims-updated", "month") == 65
    assert value("victims-updated", "month", "2014-04-30") == 80
    assert value("victims-code-offences", "month") == 54_513
    assert value("revenue-variance-to-date", "quarter") == -21.0
    assert value("complaint-cases", "12m") is None, "the report shows complaints in a chart without figures"


def test_hate_crime_by_month_has_the_months_that_the_report_names(demo: System) -> None:
    months = {
        row["month"]: row["value"]
        for row in rows_of(demo, "hate-by-month")
        if row["measure"] == "racist-and-religious-hate-crime"
    }
    assert (months["2016-07"], months["2017-05"], months["2017-06"]) == (2_141, 1_440, 1_908)


def test_high_harm_crime_counts_a_crime_once_whatever_it_is(demo: System) -> None:
    year = {row["measure"]: row["year_current"] for row in rows_of(demo, "high-harm")}
    total = year.pop("high-harm-crime")
    assert max(year.values()) < total < sum(year.values())
    assert year["domestic-abuse"] == 75_664


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


def simulated(demo: System, table: str, section: str) -> dict[str, Any]:
    rows = rows_of(demo, table, section, dataset="simulated", end=f"{Clock().today()}")
    return {row["measure"]: row["current"] for row in rows}


def test_the_tables_of_calls_stops_and_data_quality_are_filled_by_the_simulated_stream(demo: System) -> None:
    def filled() -> bool:
        return bool(simulated(demo, "stop-and-search", "overall")["stops-and-searches"])

    eventually(filled, "days before today are filled")
    stops = simulated(demo, "stop-and-search", "overall")
    assert {measure for measure, value in stops.items() if value is None} == set()
    black = simulated(demo, "stop-and-search", "disproportionality")["stop-disproportionality-black"]
    assert black > 1.5
    calls = simulated(demo, "calls-by-category", "asb-types")
    assert calls["asb-calls-nuisance"] > calls["asb-calls-personal"] + calls["asb-calls-environmental"] > 0
    ethnicity = simulated(demo, "data-quality", "crimes")["completeness-victim-ethnicity"]
    assert 40 < ethnicity < 60


def test_what_is_counted_of_simulated_records_is_the_truth(demo: System) -> None:
    made = demo.run("simulate", "--records", "4000", "--seed", "2", "--days", "20")
    assert made.returncode == 0, made.stderr
    report = json.loads(made.stdout)
    asked = {"window": "custom", "from": report["from"], "to": report["to"], "dataset": report["dataset"]}

    def counted(measure: str, area: str) -> Any:
        answer = demo.get("metrics", "/v1/compare", measure=measure, area=area, **asked).json()
        return "suppressed" if answer["status"] == "suppressed" else answer["value"]

    every = demo.get("metrics", "/v1/measures").json()["measures"]
    sensitive = {each["id"] for each in every if each["sensitive"]}

    def wrong() -> dict[tuple[str, str], tuple[Any, Any]]:
        found = {}
        for measure, areas in report["counts"].items():
            for area in ("E12000007", "E09000007"):
                value: Any = counted(measure, area) or 0
                hidden = measure in sensitive and area != "E12000007" and areas.get("E12000007")
                true = "suppressed" if hidden else areas.get(area, 0)  # twenty days are no whole quarter
                if value != true:
                    found[measure, area] = (value, true)
        return found

    eventually(lambda: not wrong(), f"every count is the true one, and not {wrong()}")
    for measure, areas in report["rates"].items():
        assert counted(measure, "E12000007") == pytest.approx(areas["E12000007"], abs=0.001), measure


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
