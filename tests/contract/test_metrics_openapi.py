"""What OpenAPI says of metrics is the contract that clients were written against."""

import json

import pytest

from services.metrics.app import create_app
from services.metrics.settings import Settings
from shared.web import PROBLEM_JSON

NOWHERE = {
    "OVERSIGHT_KAFKA": "127.0.0.1:1",
    "OVERSIGHT_REDIS_URL": "redis://127.0.0.1:1",
    "OVERSIGHT_DATABASE_URL": "sqlite:////nowhere/metrics.sqlite3",
    "OVERSIGHT_TOKENS_FILE": "/nowhere/tokens.json",
}
# DESIGN's contract: each route's parameters, those that must be given marked with !.
ROUTES = {
    "/v1/measures": "kind plan_area q",
    "/v1/measures/{measure_id}": "measure_id!",
    "/v1/compare": "measure! area window end against dataset from to baseline_from baseline_to across_breaks",
    "/v1/series": "measure! from! to! area interval dataset accept",
    "/v1/verdicts": "measure! area end dataset across_breaks",
    "/v1/signals": "measure! area from to interval dataset rebase until reason run across_breaks",
    "/v1/annotations": "measure! area from to dataset",
    "/v1/tables": "",
    "/v1/tables/{table_id}": "table_id! end quarter area dataset format accept",
    "/v1/tables/police-and-crime-plan": "end dataset accept",
    "/v1/tables/local-priorities": "quarter dataset accept",
    "/v1/tables/{table_id}/datapackage.json": "table_id! end quarter area dataset format",
    "/v1/series/datapackage.json": "measure! from! to! area interval dataset",
    "/v1/explain": "measure area window end against dataset from to baseline_from baseline_to table section row column "
    "quarter across_breaks",
    "/v1/publications": "table area dataset status end format offset limit accept",
    "/v1/publications/{publication_id}": "publication_id! format accept",
    "/v1/publications/{publication_id}/document": "publication_id!",
    "/v1/publications/{publication_id}/revisions": "publication_id! format accept",
    "/v1/releases": "from to format accept",
    "/v1/releases/late": "format accept",
}
WRITES = {"/v1/publications": ["get", "post"], "/v1/reconciliations": ["post"]}
CHOICES = {
    ("/v1/compare", "window"): ["week", "month", "3m", "quarter", "12m", "fytd", "custom"],
    ("/v1/compare", "against"): ["year-before", "period-before", "3y-average", "baseline", "target"],
    ("/v1/series", "interval"): ["day", "week", "month", "quarter", "year"],
}
DEFAULTS = {
    ("/v1/compare", "area"): "E12000007",
    ("/v1/verdicts", "area"): "E12000007",
    ("/v1/compare", "window"): "12m",
    ("/v1/compare", "against"): "year-before",
    ("/v1/series", "interval"): "month",
}
IN_CSV = ["/v1/series", "/v1/tables/police-and-crime-plan", "/v1/tables/local-priorities"]


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(create_app(Settings(**NOWHERE)).openapi()))


@pytest.fixture(scope="module")
def parameters(document):
    """Every parameter's declaration, by path and name."""
    return {
        (path, each["name"]): each for path in ROUTES for each in document["paths"][path]["get"].get("parameters", [])
    }


def test_the_routes_are_those_of_the_contract_and_all_but_publishing_and_reconciling_only_read(document):
    public = {path: list(verbs) for path, verbs in document["paths"].items() if path.startswith("/v1")}
    assert {path: sorted(verbs) for path, verbs in public.items()} == {path: ["get"] for path in ROUTES} | WRITES


@pytest.mark.parametrize("path", ROUTES)
def test_a_route_takes_the_parameters_of_the_contract(parameters, path):
    taken = {f"{name}{'!' if each['required'] else ''}" for (of, name), each in parameters.items() if of == path}
    assert taken == set(ROUTES[path].split())


@pytest.mark.parametrize("place", CHOICES)
def test_a_choice_is_listed(parameters, place):
    assert parameters[place]["schema"]["enum"] == CHOICES[place]


@pytest.mark.parametrize("place", DEFAULTS)
def test_a_default_is_said(parameters, place):
    assert parameters[place]["schema"]["default"] == DEFAULTS[place]


@pytest.mark.parametrize("path", IN_CSV)
def test_tables_and_series_are_offered_as_csv_too(document, path):
    assert set(document["paths"][path]["get"]["responses"]["200"]["content"]) == {"application/json", "text/csv"}


@pytest.mark.parametrize("path", [path for path in ROUTES if path != "/v1/tables"])
def test_refusals_are_problem_documents(document, path):
    responses = document["paths"][path]["get"]["responses"]
    refusals = {code: each for code, each in responses.items() if not code.startswith("2")}
    assert refusals
    for code, refusal in refusals.items():
        assert PROBLEM_JSON in refusal["content"], f"{path} {code}"


def test_no_route_asks_for_a_token_but_publishing(document):
    routes = ((path, verb, route) for path, verbs in document["paths"].items() for verb, route in verbs.items())
    assert [(path, verb) for path, verb, route in routes if route.get("security")] == [("/v1/publications", "post")]
