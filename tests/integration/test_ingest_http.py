"""Ingest over HTTP and Kafka: what is answered 202 is kept, and nothing else is."""

import asyncio
import json
from uuid import uuid4

import msgspec
import pytest
from confluent_kafka import Producer

from shared.events import CrimeCount, decode, topics
from shared.events.codec import CE_TYPES
from shared.events.topics import partition_of
from tests.integration.ingest import Log, crime, problem_of, running
from tests.unit.ingest.conftest import RIGHT

PATHS = {topic: f"/v1/{topic.rpartition('.')[2]}" for topic in RIGHT}
NDJSON = {"Content-Type": "application/x-ndjson"}
STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"


@pytest.fixture
async def log(parts):
    async with Log(parts.bootstrap) as log:
        yield log


@pytest.fixture
async def ingest(parts, tmp_path, log):
    async with running(parts.bootstrap, tmp_path) as ingest:
        yield ingest


def ndjson(*events):
    return "\n".join(json.dumps(event) for event in events).encode()


def ids(records):
    return [json.loads(record.value)["crime_id"] for record in records]


@pytest.mark.parametrize("topic", RIGHT)
async def test_an_accepted_event_is_in_its_topic_when_the_answer_arrives(ingest, log, topic):
    answer = await ingest.client.post(PATHS[topic], json=RIGHT[topic])
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
    (record,) = await log.arrived()
    event = decode(topic, record.value)
    assert record.topic == topic
    assert record.key == f"{ingest.source}/live/{event.record_id}".encode()
    assert record.partition == partition_of(record.key, 4)
    assert dict(record.headers) == {
        "ce_id": f"live/{event.record_id}/1".encode(),
        "ce_specversion": b"1.0",
        "ce_type": CE_TYPES[topic].encode(),
        "ce_source": f"/sources/{ingest.source}".encode(),
        "content-type": b"application/json",
    }


async def test_a_broker_agrees_with_librdkafkas_consistent_partitioner(parts, ingest, log):
    events = [crime() for _ in range(200)]
    assert (await ingest.client.post("/v1/crimes", json=events)).status_code == 202
    ours = {record.key: record.partition for record in await log.arrived()}
    theirs, topic = {}, f"consistent-{uuid4().hex}"
    producer = Producer({"bootstrap.servers": parts.bootstrap, "partitioner": "consistent"})
    for key in ours:
        producer.produce(topic, b"", key, on_delivery=lambda _, sent: theirs.update({sent.key(): sent.partition()}))
    await asyncio.to_thread(producer.flush, 20)
    assert theirs == ours
    assert len(set(ours.values())) == 4


@pytest.mark.parametrize("number", [1, 3, 5000])
@pytest.mark.parametrize("form", ["array", "ndjson"])
async def test_many_events_are_taken_in_one_request_in_order(ingest, log, number, form):
    events = [crime(crime_id="same", revision=revision) for revision in range(1, number + 1)]
    sent = {"json": events} if form == "array" else {"content": ndjson(*events), "headers": NDJSON}
    answer = await ingest.client.post("/v1/crimes", **sent)
    assert answer.json() == {"accepted": number, "rejected": []}
    revisions = [json.loads(record.value).get("revision", 1) for record in await log.arrived()]
    assert revisions == list(range(1, number + 1))


async def test_a_count_as_published_keeps_its_figures(ingest, log):
    await ingest.client.post("/v1/crime-counts", json={**RIGHT[topics.CRIME_COUNTS], "flags": ["gun"], "revision": 5})
    (record,) = await log.arrived()
    assert msgspec.json.decode(record.value, type=CrimeCount) == CrimeCount(
        area="E09000007", offence="police-uk-robbery", flags=("gun-crime",), month="2017-06", count=3, revision=5
    )


async def test_of_a_mixed_body_the_right_events_are_kept_and_the_wrong_ones_named_by_their_place(ingest, log):
    events = [crime(area="Atlantis"), crime(crime_id="a"), crime(colour="red"), crime(crime_id="b"), "nonsense"]
    answer = await ingest.client.post("/v1/crimes", json=events)
    assert answer.status_code == 202
    body = answer.json()
    assert body["accepted"] == 2
    assert [(each["index"], each["errors"][0]["field"]) for each in body["rejected"]] == [
        (0, "area"),
        (2, "colour"),
        (4, ""),
    ]
    assert sorted(ids(await log.arrived())) == ["a", "b"]


LARGE = json.dumps(crime(crime_id="x" * 6 * 1024 * 1024)).encode()


async def _in_chunks():
    for start in range(0, len(LARGE), 64 * 1024):
        yield LARGE[start : start + 64 * 1024]


BAD_INPUT = {
    "a wrong field": (422, {"json": crime(colour="red")}, "colour: unknown field"),
    "an unknown borough": (422, {"json": crime(area="Camdem")}, "nearest known: Camden"),
    "many wrong events": (422, {"json": [crime(area="Atlantis")] * 3}, "(and 2 more events)"),
    "a 6 MB body": (413, {"content": LARGE}, "the body exceeds 5,242,880 bytes"),
    "a 6 MB body of unknown length": (413, {"content": _in_chunks}, "the body exceeds 5,242,880 bytes"),
    "5,001 events": (413, {"json": [{}] * 5001}, "holds more than 5,000 events"),
    "broken NDJSON in line 3": (
        400,
        {"content": ndjson(crime(), crime()) + b'\n{"crime_id": \n' + ndjson(crime()), "headers": NDJSON},
        "line 3 is not JSON",
    ),
    "a body cut off": (400, {"content": json.dumps([crime(), crime()]).encode()[:-9]}, "the body is not JSON"),
    "no body": (400, {}, "the body holds no event"),
    "another content type": (415, {"content": b"a,b", "headers": {"Content-Type": "text/csv"}}, "send application/"),
    "no token": (401, {"json": crime(), "headers": {"Authorization": ""}}, "Authorization: Bearer TOKEN"),
    "a wrong token": (401, {"json": crime(), "headers": {"Authorization": "Bearer ovs_0_x"}}, "not known here"),
    "a 6 MB body without a token": (401, {"content": LARGE, "headers": {"Authorization": ""}}, "Bearer TOKEN"),
}


@pytest.mark.parametrize("bad", BAD_INPUT)
async def test_bad_input_is_refused_clearly_and_nothing_of_it_kept(ingest, log, bad):
    status, request, detail = BAD_INPUT[bad]
    if callable(request.get("content")):
        request = request | {"content": request["content"]()}
    answer = await ingest.client.post("/v1/crimes", **request)
    assert answer.status_code == status
    assert detail in problem_of(answer)["detail"]
    assert await log.arrived() == []
    assert (await ingest.client.get("/readyz")).json()["ready"]
    assert (await ingest.client.post("/v1/crimes", json=crime())).status_code == 202


@pytest.mark.parametrize(
    "request_of",
    [
        lambda _ingest: ("/v1/crimes", {"json": crime()}),
        lambda ingest: (
            "/v1/events",
            {
                "json": [cloudevent("call", ingest.source), cloudevent("crime", ingest.source)],
                "headers": {"Content-Type": BATCHED},
            },
        ),
    ],
    ids=["crimes", "a batch of events"],
)
async def test_a_token_without_the_scope_is_refused_by_its_name(ingest, log, request_of):
    path, request = request_of(ingest)
    headers = request.pop("headers", {}) | ingest.bearer("ingest:calls")
    answer = await ingest.client.post(path, **request, headers=headers)
    assert answer.status_code == 403
    assert "lacks the scope 'ingest:crimes'" in problem_of(answer)["detail"]
    assert await log.arrived() == []


def cloudevent(kind, source):
    data = RIGHT[next(topic for topic in RIGHT if CE_TYPES[topic] == f"oversight.{kind}.v1")]
    return {
        "specversion": "1.0",
        "id": "1",
        "source": f"/sources/{source}",
        "type": f"oversight.{kind}.v1",
        "data": data,
    }


@pytest.mark.parametrize("mode", ["binary", "structured", "batched"])
async def test_a_cloudevent_is_taken_in_each_mode(ingest, log, mode):
    event = cloudevent("call", ingest.source)
    attributes = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type")}
    request = {
        "binary": {"json": event["data"], "headers": attributes},
        "structured": {"json": event, "headers": {"Content-Type": STRUCTURED}},
        "batched": {"json": [event], "headers": {"Content-Type": BATCHED}},
    }[mode]
    assert (await ingest.client.post("/v1/events", **request)).json() == {"accepted": 1, "rejected": []}
    (record,) = await log.arrived()
    assert (record.topic, dict(record.headers)["ce_source"]) == (topics.CALLS, f"/sources/{ingest.source}".encode())


async def test_a_batch_with_one_broken_envelope_is_refused_whole(ingest, log):
    event = cloudevent("call", ingest.source)
    batch = [event, event | {"specversion": "0.3"}]
    answer = await ingest.client.post("/v1/events", json=batch, headers={"Content-Type": BATCHED})
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["field"] == "[1].specversion"
    assert await log.arrived() == []


async def test_an_empty_batch_is_taken_and_is_nothing(ingest, log):
    answer = await ingest.client.post("/v1/events", json=[], headers={"Content-Type": BATCHED})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "rejected": []})
    assert await log.arrived() == []


async def test_fifty_posts_at_once_are_each_kept_once(ingest, log):
    events = [crime() for _ in range(50)]
    answers = await asyncio.gather(*(ingest.client.post("/v1/crimes", json=event) for event in events))
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(ids(await log.arrived())) == sorted(event["crime_id"] for event in events)


async def test_two_upstreams_may_use_the_same_id(ingest, log, parts, tmp_path):
    (tmp_path / "other").mkdir()
    async with running(parts.bootstrap, tmp_path / "other") as other:
        for each in (ingest, other):
            await each.client.post("/v1/crimes", json=crime(crime_id="1"))
    assert {record.key for record in await log.arrived()} == {f"{s.source}/live/1".encode() for s in (ingest, other)}
