"""From an action that falls due, or an alert, to an e-mail and the owner's inbox."""

import asyncio
import email
import email.policy
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiosmtpd.controller import Controller

from services.actions.app import create_app as create_actions
from services.actions.settings import Settings as ActionsSettings
from services.notify.app import create_app as create_notify
from services.notify.settings import Settings as NotifySettings
from shared.clock import FixedClock
from shared.events import Alert, Message, Window, notice_message
from shared.events.topics import ALERTS, dead_letter_topic
from shared.kafka import Publisher
from shared.security import ALL_SCOPES, issue_token
from tests.parts.ports import free_port

TODAY = datetime(2023, 6, 30, 9, tzinfo=UTC)


class MailSink:
    """Keeps each e-mail; refuses the first `refusals`."""

    def __init__(self):
        self.messages, self.refusals = [], 0

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 kept"


@pytest.fixture
def mail():
    sink = MailSink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    sink.address = f"127.0.0.1:{controller.port}"
    yield sink
    controller.stop()


@pytest.fixture
def home(parts, tmp_path, mail):
    """The settings of both services; a group of its own, since the topics outlive a test."""
    tokens = tmp_path / "tokens.json"
    common = {"kafka": parts.bootstrap, "tokens_file": tokens, "relay_seconds": 0.2}
    notify = NotifySettings(
        **common,
        database_url=parts.database_url("notify"),
        volatile_broker=parts.volatile_broker,
        group=f"test.{tmp_path.name}",
        smtp=mail.address,
        mail_from="oversight@mopac.example",
        first_pause_seconds=0.1,
        deliver_seconds=0.1,
    )
    actions = ActionsSettings(**common, database_url=parts.database_url("actions"), evaluate_seconds=3600)
    return SimpleNamespace(
        actions=actions, notify=notify, token=issue_token(tokens, "secretary", ALL_SCOPES), kafka=parts.bootstrap
    )


@asynccontextmanager
async def serving(app, token):
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client,
    ):
        yield client


@pytest.fixture
async def start(home):
    """Starts a service by name; `await stop()` of what it answers stops it before the test's end."""
    async with AsyncExitStack() as everything:

        async def start(name, **given):
            create = {"actions": create_actions, "notify": create_notify}[name]
            stack = await everything.enter_async_context(AsyncExitStack())
            app = create(getattr(home, name), given.pop("clock", None), **given)
            client = await stack.enter_async_context(serving(app, home.token))
            client.stop = stack.aclose
            return client

        yield start


async def until(check, seconds=25):
    """Wait until `check` answers something true, and answer it."""
    async with asyncio.timeout(seconds):
        while not (found := await check()):  # noqa: ASYNC110 - it asks a service, which tells nobody
            await asyncio.sleep(0.05)
    return found


async def notifications(client, **query):
    answer = await client.get("/v1/notifications", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def settled(client, owner, count=1):
    async def check():
        found = await notifications(client, owner=owner)
        done = len(found) >= count and all(each["status"] != "pending" for each in found)
        return found if done else None

    return check


@pytest.fixture
def owner():
    """An owner of this test's own: the topics outlive a test, and every test reads them from the start."""
    return f"MPS {secrets.token_hex(4)}"


def alert(owner, number=1, state="raised"):
    rule = f"knife-crime-{owner.rpartition(' ')[2]}"
    return Alert(
        alert_id=f"{rule}/live/{number}/{state}",
        incident_id=f"{rule}/live/{number}",
        rule=rule,
        state=state,
        title="Knife crime is rising",
        text="London: Knife crime: 12,782 offences, against 10,130 (+26.2%).",
        owner=owner,
        measure="knife-crime",
        area="london",
        dataset="live",
        window=Window(first=date(2016, 7, 1), last=date(2017, 6, 30)),
        value=12782,
        baseline=10130,
        percent_change=26.2,
        link="http://127.0.0.1:8002/v1/compare?measure=knife-crime&window=12m",
        at=TODAY,
    )


@pytest.fixture
async def publish(home):
    publisher = Publisher(home.kafka, "test")
    await publisher.start()

    async def publish(*notices):
        await publisher.publish(
            [each if isinstance(each, Message) else notice_message(each, "test") for each in notices]
        )

    yield publish
    await publisher.stop()


async def put_contact(client, owner):
    contact = {"name": "Metropolitan Police", "channels": [{"kind": "email", "address": "mps@met.example"}]}
    answer = await client.put(f"/v1/contacts/{owner}", json=contact)
    assert answer.status_code == 200, answer.text


async def test_an_action_that_falls_due_ends_as_one_email_and_in_the_inbox_of_each_owner(start, owner, mail):
    notify = await start("notify")
    await put_contact(notify, owner)
    actions = await start("actions", clock=FixedClock(TODAY))
    text = "MPS to provide an update on <deployable> officers."
    for path, body in (
        ("/v1/boards", {"id": "performance", "name": "Performance Board"}),
        ("/v1/meetings", {"board": "performance", "held_on": "2023-04-28"}),
        (
            "/v1/actions",
            {
                "meeting": "performance-2023-04-28",
                "number": 6,
                "text": text,
                "owners": [owner, f"{owner} too"],
                "due": {"kind": "date", "on": "2023-06-30"},
            },
        ),
    ):
        assert (await actions.post(path, json=body)).status_code == 201
    given = (await actions.post("/v1/reminders", params={"on": "2023-06-30"})).json()
    assert len(given["due"]) == 1
    again = (await actions.post("/v1/reminders", params={"on": "2023-06-30"})).json()
    assert again == {"on": "2023-06-30", "due": [], "overdue": []}

    for told, channel in ((owner, "email"), (f"{owner} too", "inbox")):
        (found,) = await until(settled(notify, told))
        assert (found["status"], found["channel"]) == ("sent", channel)
    (message,) = mail.messages
    assert message["To"] == "mps@met.example"
    assert "oversight@mopac.example" in message["From"]
    assert message["Subject"] == "Due today: action 6, Performance Board"
    body = message.get_content()
    assert text in body
    assert "http://127.0.0.1:8003/v1/actions/performance-2023-04-28-6" in body
    anonymous = {"Authorization": ""}
    page = await notify.get(f"/inbox/{owner} too", headers=anonymous)
    assert page.status_code == 200
    assert "MPS to provide an update on &lt;deployable&gt; officers." in page.text
    assert "met.example" not in page.text + (await notify.get(f"/inbox/{owner}", headers=anonymous)).text
    assert f'<a href="/inbox/{quote(owner)}">{owner}</a>' in (await notify.get("/", headers=anonymous)).text


async def test_an_alert_that_is_delivered_again_notifies_nobody_twice(start, owner, publish, mail):
    notify = await start("notify")
    await put_contact(notify, owner)
    await publish(alert(owner), alert(owner))
    await until(settled(notify, owner))
    await publish(alert(owner), alert(owner, state="cleared"))
    found = await until(settled(notify, owner, count=2))
    assert [each["cause"].rpartition("/")[2] for each in found] == ["cleared", "raised"]
    assert len(mail.messages) == 2


async def test_a_restart_reads_everything_again_and_sends_nothing_again(start, owner, publish, home, mail):
    notify = await start("notify")
    await put_contact(notify, owner)
    await publish(alert(owner, 1))
    await until(settled(notify, owner))
    await notify.stop()
    home.notify.group += ".forgotten"  # as when the broker has lost its offsets
    await publish(alert(owner, 2))
    notify = await start("notify")
    await until(settled(notify, owner, count=2))
    assert len(mail.messages) == 2


async def test_a_mail_server_that_refuses_is_tried_again(start, owner, publish, mail):
    mail.refusals = 2
    notify = await start("notify")
    await put_contact(notify, owner)
    await publish(alert(owner))
    (found,) = await until(settled(notify, owner))
    assert (found["status"], found["attempts"]) == ("sent", 3)
    assert len(mail.messages) == 1


async def test_a_channel_that_never_takes_it_fails_after_the_last_attempt_and_says_so(
    start, owner, publish, home, mail
):
    mail.refusals = 100
    home.notify.max_attempts = 2
    notify = await start("notify")
    await put_contact(notify, owner)
    await publish(alert(owner))
    (found,) = await until(settled(notify, owner))
    assert (found["status"], found["attempts"]) == ("failed", 2)
    assert "email" in found["error"]
    assert found["error"] in (await notify.get(f"/inbox/{owner}")).text


async def test_an_undecodable_event_becomes_a_dead_letter_and_the_next_is_told(start, owner, publish, home):
    notify = await start("notify")
    rubbish = Message(ALERTS, b"knife-crime-rising", b'{"alert_id": 1}', [("ce_id", b"x")])
    await publish(rubbish, alert("nobody@home.example"), alert(owner))
    await until(settled(notify, owner))
    letters = await read_all(home.kafka, dead_letter_topic(ALERTS), at_least=2)
    reasons = [
        dict(letter.headers)["dlq_reason"].decode()
        for letter in letters
        if dict(letter.headers)["dlq_consumer"] == home.notify.group.encode()
    ]
    assert len(reasons) == 2
    assert any("nobody@home.example" in reason for reason in reasons)


async def test_what_is_silenced_is_kept_and_not_sent(start, owner, publish, mail):
    notify = await start("notify")
    await put_contact(notify, owner)
    silence = {"prefix": alert(owner).rule[:-1], "until": "2100-01-01T00:00:00Z", "reason": "known"}
    created = await notify.post("/v1/silences", json=silence)
    assert created.status_code == 201, created.text
    await publish(alert(owner, 1))
    (found,) = await until(settled(notify, owner))
    assert found["status"] == "silenced"
    assert (await notify.delete(f"/v1/silences/{created.json()['id']}")).status_code == 204
    await publish(alert(owner, 2))
    found = await until(settled(notify, owner, count=2))
    assert [each["status"] for each in found] == ["sent", "silenced"]
    assert len(mail.messages) == 1


async def test_every_change_of_status_is_published(start, owner, publish, home):
    notify = await start("notify")
    await publish(alert(owner))
    (found,) = await until(settled(notify, owner))
    acknowledged = await notify.post(f"/v1/notifications/{found['id']}/ack")
    assert (acknowledged.json()["status"], acknowledged.json()["acknowledged_by"]) == ("acknowledged", "secretary")
    assert (await notify.post(f"/v1/notifications/{found['id']}/ack")).json() == acknowledged.json()

    async def statuses():
        seen = await read_all(home.kafka, "oversight.notifications", key=found["id"].encode())
        story = [dict(each.headers)["ce_id"].decode().rpartition("/")[2] for each in seen]
        return story if "acknowledged" in story else None

    assert await until(statuses) == ["pending", "sent", "acknowledged"]


async def read_all(kafka, topic, *, key=None, at_least=0):
    """Every message of `topic` so far, with `key` if given."""
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        partitions = [TopicPartition(topic, number) for number in await consumer._client._wait_on_metadata(topic)]
        consumer.assign(partitions)
        found = []
        async with asyncio.timeout(15):
            ends = await consumer.end_offsets(partitions)
            while len(found) < at_least or any([await consumer.position(each) < ends[each] for each in partitions]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
        return [each for each in found if key in (None, each.key)]
