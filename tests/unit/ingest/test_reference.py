"""Upstreams are told every value that they may send, and what they are told is what is accepted."""

import json

import httpx
import pytest
from fastapi import FastAPI

from services.ingest.reference import LISTINGS, router
from shared.events.topics import CALLS, CRIMES, INDICATORS, STOPS
from shared.reference import reference

FIELDS = {
    "areas": (CRIMES, lambda value: {"area": value}),
    "offences": (CRIMES, lambda value: {"offence": value}),
    "flags": (CRIMES, lambda value: {"flags": [value]}),
    "outcomes": (CRIMES, lambda value: {"outcome": {"type": value, "on": "2017-06"}}),
    "stop-powers": (STOPS, lambda value: {"power": value}),
    "stop-objects": (STOPS, lambda value: {"object": value}),
    "stop-outcomes": (STOPS, lambda value: {"outcome": value}),
    "indicators": (INDICATORS, lambda value: {"indicator": value}),
}


@pytest.fixture
async def client():
    app = FastAPI()
    app.include_router(router(reference()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest") as client:
        client.document = json.loads(json.dumps(app.openapi()))
        yield client


async def values(client, name):
    answer = await client.get(f"/v1/reference/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.json()["values"]


@pytest.mark.parametrize("name", FIELDS)
async def test_every_spelling_that_is_told_is_accepted_and_means_the_value(client, accept, name):
    topic, changes = FIELDS[name]
    for value in await values(client, name):
        if value.get("kind") == "region":
            continue
        spellings = [value["id"], value["name"], *value["aliases"]]
        records = {str(accept(topic, **changes(spelling))) for spelling in spellings}
        assert len(records) == 1
        assert value["id"] in records.pop()


async def test_every_call_category_is_accepted_with_the_kind_that_is_told(client, accept):
    for value in await values(client, "call-categories"):
        for spelling in (value["id"], value["name"], *value["aliases"]):
            assert accept(CALLS, category=spelling, kind=value["kind"]).category == value["id"]


async def test_london_as_a_whole_is_told_to_be_a_region_which_nothing_is_recorded_in(client, refuse):
    (region,) = [value for value in await values(client, "areas") if value["kind"] == "region"]
    assert refuse(CRIMES, area=region["id"])["area"].startswith("London as a whole is counted")


async def test_a_flag_that_is_told_to_imply_another_brings_it_along(client, accept):
    for value in await values(client, "flags"):
        if value["implies"]:
            assert value["implies"] in accept(CRIMES, flags=[value["id"]]).flags


@pytest.mark.parametrize(("name", "number"), [("areas", 36), ("offences", 44), ("call-categories", 34)])
async def test_every_value_is_told_and_nothing_of_how_it_is_stored(client, name, number):
    found = await values(client, name)
    assert len(found) == number
    assert all("index" not in value for value in found)


@pytest.mark.parametrize("name", LISTINGS)
async def test_whoever_has_the_values_is_told_so(client, name):
    first = await client.get(f"/v1/reference/{name}")
    tag = first.headers["etag"]
    for held in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = await client.get(f"/v1/reference/{name}", headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await client.get(f"/v1/reference/{name}", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_lists_that_differ_have_tags_that_differ(client):
    tags = {(await client.get(f"/v1/reference/{name}")).headers["etag"] for name in LISTINGS}
    assert len(tags) == len(LISTINGS)


@pytest.mark.parametrize("name", LISTINGS)
async def test_each_list_is_as_it_is_documented(client, name):
    responses = client.document["paths"][f"/v1/reference/{name}"]["get"]["responses"]
    assert responses.keys() == {"200", "304"}
    schema = responses["200"]["content"]["application/json"]["schema"]["properties"]["values"]["items"]
    for value in await values(client, name):
        assert list(value) == list(schema["properties"]) == schema["required"]
        for field, told in value.items():
            assert_is(told, schema["properties"][field])


def assert_is(told, schema):
    """A value is of the type, or one of the choices, that a schema says."""
    options = schema.get("anyOf", [schema])
    types = {"string": str, "boolean": bool, "array": list, "null": type(None)}
    assert any(
        told in option["enum"] if "enum" in option else isinstance(told, types[option["type"]]) for option in options
    )
