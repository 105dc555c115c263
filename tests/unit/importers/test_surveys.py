import csv
import io

import msgspec
import pytest

from local.errors import LocalError
from local.importers.sources import open_rows
from local.importers.surveys import borough_means, elements, period_of, read_survey
from local.posting.items import Item
from shared.events import Indicator

PERCEPTIONS = (
    "\ufeffNeighbourhood,Code,Group,The police listen to the concerns of local people,"
    "Are you worried about crime in this area?,Total Notifiable Offences rate\n"
    ",,,% Strongly Agree or Tend to agree,% Not very or not at all worried,\n"
)
FAIRLY = "How confident are you that the police in your area use their stop and search powers fairly?"
BY_ETHNICITY = (
    f"neighbourhood,{FAIRLY},{FAIRLY}\n,White British,Black\n,% Very confident/Fairly confident,"
    "% Very confident/Fairly confident\n"
)


def survey_of(text, reference):
    return read_survey(iter(enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), 1)), reference)


def indicators(survey, period="2016-01/2016-12"):
    found = [each for each in elements(survey, period, 7, "trial", "a.csv") if isinstance(each, Item)]
    return [msgspec.json.decode(each.record, type=Indicator) for each in found]


def test_a_neighbourhoods_figure_is_its_boroughs_with_the_neighbourhood_as_breakdown(reference):
    survey = survey_of(PERCEPTIONS + "Camden - Central,EK-EA,Group 2,71,60,N/A\n", reference)
    assert indicators(survey)[0] == Indicator(
        indicator="listen-to-concerns",
        area="E09000007",
        period="2016-01/2016-12",
        breakdown={"neighbourhood": "Central"},
        value=71,
        unit="percent",
        status="final",
        revision=7,
        dataset="trial",
    )


def test_who_is_worried_is_a_hundred_less_those_who_are_not(reference):
    survey = survey_of(PERCEPTIONS + "Camden - Central,EK-EA,Group 2,71,60,N/A\n", reference)
    assert [(each.indicator, each.value) for each in indicators(survey)][1] == ("worried-about-crime", 40)


def test_groups_of_the_second_row_are_a_breakdown_and_an_empty_cell_is_no_figure(reference):
    survey = survey_of(BY_ETHNICITY + "Camden - Central,62,\nWestminster - ORB,,48\n", reference)
    assert [(each.area, each.breakdown, each.value) for each in indicators(survey)] == [
        ("E09000007", {"neighbourhood": "Central", "ethnicity": "White British"}, 62),
        ("E09000033", {"neighbourhood": "ORB", "ethnicity": "Black"}, 48),
    ]
    assert survey.blank == 2


def test_a_boroughs_mean_is_provisional_and_has_no_neighbourhood(reference):
    rows = "Camden - Central,,,70,50,\nCamden - North,,,75,,\nBarnet - East,,,60,50,\n"
    survey = survey_of(PERCEPTIONS + rows, reference)
    survey.figures = borough_means(survey.figures)
    assert [(each.area, each.value, each.breakdown, each.status) for each in indicators(survey)] == [
        ("E09000007", 72.5, {}, "provisional"),
        ("E09000007", 50, {}, "provisional"),
        ("E09000003", 60, {}, "provisional"),
        ("E09000003", 50, {}, "provisional"),
    ]


def test_what_is_not_known_or_no_percentage_is_refused_by_name_and_the_rest_is_kept(reference):
    header = PERCEPTIONS.replace("Total Notifiable Offences rate", "Are you happy?").replace(",\n", ",% Yes\n")
    rows = "Atlantis - Deep,,,70,50,1\nCamden,,,70,50,1\nCamden - Central,,,170,50,1\n"
    survey = survey_of(header + rows, reference)
    assert [(each.place, each.errors[0].field, each.records) for each in survey.refusals] == [
        ("column 6", "question", 3),
        ("line 3", "area", 2),
        ("line 4", "neighbourhood", 2),
        ("line 5, column 4", "value", 1),
    ]
    assert [each.value for each in indicators(survey)] == [50]


def test_a_question_whose_answers_are_counted_otherwise_is_not_taken_for_the_known_one(reference):
    text = PERCEPTIONS.replace("% Not very or not at all worried", "% Very or fairly worried")
    survey = survey_of(text + "Camden - Central,,,70,50,\n", reference)
    assert [each.errors[0].field for each in survey.refusals] == ["question"]
    assert [each.indicator for each in indicators(survey)] == ["listen-to-concerns"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Neighbourhood,Colour\n,% Red\nCamden - Central,1\n"])
def test_another_file_is_refused(text, reference):
    with pytest.raises(LocalError, match="not a file of the Public Attitude Survey"):
        survey_of(text, reference)


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("2016-police-perceptions.csv", "2016-01/2016-12"),
        ("neighbourhood-indicators-2015-16-to-2020-21-by-ethnicity.csv", "2015-04/2021-03"),
        ("pas-2017-18.csv", "2017-04/2018-03"),
    ],
)
def test_a_files_name_tells_its_period(name, period):
    assert period_of(name) == period


def test_a_name_without_a_year_asks_for_the_period():
    with pytest.raises(LocalError, match="--period"):
        period_of("survey.csv")


@pytest.mark.parametrize(
    ("name", "rows", "columns", "blank"),
    [
        ("2016-police-perceptions.csv", 106, 18, 0),
        ("neighbourhood-indicators-2015-16-to-2020-21-by-ethnicity.csv", 112, 12, None),
    ],
)
def test_every_figure_of_the_published_files_becomes_an_indicator_that_is_known(
    name, rows, columns, blank, published_data, reference
):
    path = published_data / "surveys" / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        body = [row for row in csv.reader(file) if " - " in row[0]]
    figures = sum(cell.isdigit() for row in body for cell in row)
    with open_rows(str(path)) as numbered:
        survey = read_survey(numbered, reference)
    records = indicators(survey)
    assert len(body) == rows
    assert len(records) == figures == rows * columns - survey.blank
    assert survey.refusals == []
    assert blank in (None, survey.blank)
    assert len({record.record_id for record in records}) == figures
    assert {record.indicator for record in records} <= {each.id for each in reference.indicators}
