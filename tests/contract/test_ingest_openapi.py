"""What OpenAPI says of ingest is the contract that clients were written against."""

import json

import pytest

from services.ingest.app import create_app
from services.ingest.reference import LISTINGS
from services.ingest.settings import Settings
from shared.web import PROBLEM_JSON

# DESIGN's contract, field for field; those with `=` have a default, those with `?` may be absent.
RECORDS = {
    "crimes": (
        "Crime",
        "crime_id revision=1 status recorded_on area offence flags=[] victims=[] outcome? dataset=live",
    ),
    "calls": (
        "Call",
        (
            "call_id revision=1 received_at line kind category area grade? abandoned=False answer_seconds? "
            "response_seconds? repeat_caller? dataset=live"
        ),
    ),
    "stops": (
        "Stop",
        (
            "stop_id revision=1 stopped_at area power object outcome linked? age? sex? ethnicity_officer? "
            "ethnicity_self? section_60=False handcuffed? dataset=live"
        ),
    ),
    "indicators": (
        "Indicator",
        "indicator area period breakdown={} value unit numerator? denominator? status revision=1 dataset=live",
    ),
    "crime-counts": ("CrimeCount", "area offence flags=[] month count revision=1 dataset=live"),
}
LISTED = {f"/v1/reference/{name}" for name in LISTINGS}
POSTED = {f"/v1/{path}" for path in (*RECORDS, "events")}
CHOICES = {
    ("Crime", "status"): {"recorded", "cancelled"},
    ("Call", "line"): {999, 101, "999", "101"},
    ("Call", "kind"): {"crime", "asb", "other"},
    ("Call", "grade"): {"I", "S", "E", "R", None},
    ("Indicator", "status"): {"provisional", "final"},
}


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.json"
    app = create_app(Settings(OVERSIGHT_KAFKA="127.0.0.1:1", OVERSIGHT_TOKENS_FILE=tokens))
    return json.loads(json.dumps(app.openapi()))  # as it is served


def operations(document):
    return [(path, verb, each) for path, verbs in document["paths"].items() for verb, each in verbs.items()]


def references(node):
    """Every `$ref` anywhere in a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own | references(list(node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def choices(schema):
    options = schema.get("anyOf", [schema])
    found = {value for option in options for value in option.get("enum", [])}
    return found | ({None} if {"type": "null"} in options else set())


def test_the_document_is_openapi_3_1_and_every_reference_leads_somewhere(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Oversight ingest"
    assert len(references(document)) >= 7
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_it_lists_every_route_and_no_other(document):
    assert {(path, verb) for path, verb, _ in operations(document)} == {
        *((path, "post") for path in POSTED),
        ("/asyncapi.json", "get"),
        ("/schemas/{file}", "get"),
        *((path, "get") for path in LISTED),
        ("/livez", "get"),
        ("/readyz", "get"),
    }
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", RECORDS)
def test_a_record_has_exactly_the_fields_of_the_contract(document, path):
    name, contract = RECORDS[path]
    schema = document["components"]["schemas"][name]
    fields = contract.split()
    assert list(schema["properties"]) == [field.rstrip("?").partition("=")[0] for field in fields]
    assert schema["required"] == [field for field in fields if "=" not in field and not field.endswith("?")]
    assert schema["additionalProperties"] is False
    for field in fields:
        title, default, value = field.rstrip("?").partition("=")
        if default:
            assert str(schema["properties"][title]["default"]) == value


@pytest.mark.parametrize(("record", "field"), CHOICES)
def test_a_closed_choice_lists_its_values(document, record, field):
    schema = document["components"]["schemas"][record]["properties"][field]
    assert choices(schema) == CHOICES[record, field]


def test_parts_of_a_crime_have_the_contracts_fields(document):
    schemas = document["components"]["schemas"]
    assert list(schemas["Victim"]["properties"]) == ["age", "sex", "ethnicity"]
    assert schemas["Outcome"]["required"] == ["type", "on"]


@pytest.mark.parametrize("path", RECORDS)
def test_a_record_is_posted_as_one_object_an_array_or_lines(document, path):
    body = document["paths"][f"/v1/{path}"]["post"]["requestBody"]
    assert body["required"]
    one = {"$ref": f"#/components/schemas/{RECORDS[path][0]}"}
    assert body["content"].keys() == {"application/json", "application/x-ndjson"}
    assert body["content"]["application/json"]["schema"]["anyOf"] == [
        one,
        {"type": "array", "items": one, "minItems": 1},
    ]


def test_events_are_posted_in_the_three_modes_of_cloudevents(document):
    content = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    assert content.keys() == {
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
    }


@pytest.mark.parametrize("path", sorted(POSTED))
def test_a_posting_route_documents_its_answers_each_refusal_as_a_problem(document, path):
    responses = document["paths"][path]["post"]["responses"]
    assert responses.keys() == {"202", "400", "401", "403", "408", "409", "413", "415", "422", "429", "431", "503"}
    accepted = responses["202"]["content"]["application/json"]["schema"]
    assert accepted["required"] == ["accepted", "rejected"]
    for status in responses.keys() - {"202"}:
        assert list(responses[status]["content"]) == [PROBLEM_JSON]


@pytest.mark.parametrize("path", sorted(POSTED))
def test_a_used_up_quota_is_answered_with_when_to_come_back(document, path):
    headers = document["paths"][path]["post"]["responses"]["429"]["headers"]
    assert headers.keys() == {"Retry-After", "RateLimit", "RateLimit-Policy"}


@pytest.mark.parametrize("path", sorted(POSTED))
def test_a_posting_route_says_that_it_needs_a_bearer_token(document, path):
    ((scheme, _),) = document["paths"][path]["post"]["security"][0].items()
    assert document["components"]["securitySchemes"][scheme] == {"type": "http", "scheme": "bearer"}
