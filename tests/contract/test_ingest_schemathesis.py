"""Requests made up from ingest's own OpenAPI document, right and wrong: every answer is one that it documents."""

import json
from copy import deepcopy

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from services.ingest.app import create_app
from services.ingest.settings import Settings
from shared.reference import reference
from tests.contract.served import served

SEED = 1829
APP = create_app(Settings(OVERSIGHT_KAFKA="127.0.0.1:1", OVERSIGHT_TOKENS_FILE="/nowhere"))
DOCUMENT = json.loads(json.dumps(APP.openapi()))
BOUNDED = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
# No schema says which offences there are today, or that a line of NDJSON is a crime.
BEYOND_SCHEMAS = ["2xx", "3xx", "400", "401", "403", "404", "409", "415", "422", "503"]
ALL_CHECKS = {"seed": SEED, "checks": {"positive_data_acceptance": {"expected-statuses": BEYOND_SCHEMAS}}}
ONLY_RIGHT = {"seed": SEED, "generation": {"mode": "positive"}}


pytestmark = pytest.mark.slow


def known(vocabulary):
    return {"enum": [term.id for term in vocabulary][:20]}


def with_terms_filled_in():
    """The document with known terms and days in the place of texts: what is right to it must be accepted.

    Integers are chosen too: 1.0 is one to JSON Schema, but not to us.
    """
    document, terms = deepcopy(DOCUMENT), reference()
    days, moments = {"enum": ["2017-06-01", "2016-02"]}, {"enum": ["2017-06-01T12:00:00Z", "2017-06-01t00:00:00+01:00"]}
    ages = {"enum": [0, 130, "18-24", None]}
    everywhere = {
        "area": ["E09000007", "camden", "City of London"],
        "revision": [1, 2**63 - 1],
        "count": [0, 2**31 - 1],
    }
    fields = {
        "Crime": {"recorded_on": days, "offence": known(terms.offences), "flags": {"items": known(terms.flags)}},
        "Outcome": {"type": known(terms.outcomes), "on": days},
        "Victim": {"age": ages},
        "Call": {"received_at": moments, "kind": {"const": "crime"}, "category": {"enum": ["robbery", "Bomb Threat"]}},
        "Stop": {"stopped_at": moments, "age": ages, "power": known(terms.stop_powers)}
        | {"object": known(terms.stop_objects), "outcome": known(terms.stop_outcomes)},
        "Indicator": {"indicator": known(terms.indicators), "period": {"enum": ["2017-06", "2017-18-Q1", "2017-18"]}},
        "CrimeCount": {"month": {"const": "2017-06"}, "offence": known(terms.offences)}
        | {"flags": {"items": known(terms.flags)}},
    }
    schemas = document["components"]["schemas"]
    for name, changed in fields.items():
        for field, schema in changed.items():
            kept = schemas[name]["properties"][field] if "items" in schema else {}
            schemas[name]["properties"][field] = kept | schema
        for field in everywhere.keys() & schemas[name]["properties"].keys():
            schemas[name]["properties"][field] = {"enum": everywhere[field]}
    for path in [path for path in document["paths"] if path.startswith("/v1/")]:
        post = document["paths"].pop(path).get("post")
        if post and path != "/v1/events":
            del post["requestBody"]["content"]["application/x-ndjson"]
            del post["parameters"]  # a key that comes with another body is refused, as it must be
            document["paths"][path] = {"post": post}
    return document


@schemathesis.serializer("application/x-ndjson", "application/cloudevents+json", "application/cloudevents-batch+json")
def _written(_context, value):
    """Lines as they are made up; envelopes as JSON."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


schema = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(ALL_CHECKS))
filled = schemathesis.openapi.from_dict(with_terms_filled_in(), config=SchemathesisConfig.from_dict(ONLY_RIGHT))


@pytest.fixture(scope="module")
def ingest(parts, tmp_path_factory):
    with served(parts.bootstrap, tmp_path_factory.mktemp("ingest")) as ingest:
        yield ingest


@schema.parametrize()
@BOUNDED
def test_every_answer_is_one_that_is_documented(case, ingest):
    case.call_and_validate(base_url=ingest.url, headers=ingest.headers)


@filled.parametrize()
@BOUNDED
def test_what_is_right_to_the_schemas_and_to_the_reference_data_is_accepted(case, ingest):
    case.call_and_validate(base_url=ingest.url, headers=ingest.headers)


def test_what_is_served_is_the_document_that_the_requests_are_made_from(ingest):
    assert httpx.get(f"{ingest.url}/openapi.json").json() == DOCUMENT
