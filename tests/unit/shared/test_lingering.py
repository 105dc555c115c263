import asyncio

import pytest

from shared.lingering import Lingering

START = {"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"no"}
PART = {"type": "http.request", "body": b"x", "more_body": True}
LAST = {"type": "http.request", "body": b"x", "more_body": False}
GONE = {"type": "http.disconnect"}


class Exchange:
    """One request to an app that answers without reading, or after reading all; what was received and sent."""

    def __init__(self, *messages, reads=False, headers=((b"content-length", b"9"),)):
        self._waiting, self._reads, self._headers = list(messages), reads, list(headers)
        self.received, self.sent = 0, []

    async def run(self):
        await Lingering(self._app, linger_seconds=0.05)(
            {"type": "http", "headers": self._headers}, self._next, self._send
        )
        return self

    async def _app(self, _scope, receive, send):
        while self._reads and (await receive()).get("more_body"):
            pass
        await send(START)
        await send(BODY)

    async def _next(self):
        self.received += 1
        if not self._waiting:
            await asyncio.Event().wait()  # the client sends no more, and does not go away
        return self._waiting.pop(0)

    async def _send(self, message):
        self.sent.append(message)

    @property
    def closes(self):
        return (b"connection", b"close") in self.sent[0]["headers"]


async def test_after_a_body_read_whole_the_answer_passes_untouched():
    exchange = await Exchange(PART, LAST, reads=True).run()
    assert exchange.sent == [START, BODY]
    assert exchange.received == 2


async def test_an_early_answer_waits_until_what_has_come_is_read_and_the_connection_stays():
    exchange = await Exchange(PART, PART, LAST).run()
    assert exchange.sent == [START, BODY]
    assert exchange.received == 3


@pytest.mark.parametrize("messages", [[PART, GONE], [GONE]])
async def test_a_client_that_goes_away_is_not_waited_for(messages):
    assert (await Exchange(*messages).run()).sent == [START, BODY]


async def test_a_body_without_end_is_answered_whole_and_then_closed(monkeypatch):
    monkeypatch.setattr("shared.lingering._AT_ONCE_SECONDS", 0.05)
    exchange = await Exchange(PART).run()
    assert exchange.closes
    assert [message.get("more_body", False) for message in exchange.sent] == [False, True, False]
    assert b"".join(message.get("body", b"") for message in exchange.sent) == b"no"


async def test_what_was_never_invited_is_not_waited_for():
    exchange = await Exchange(headers=[(b"content-length", b"9"), (b"expect", b"100-continue")]).run()
    assert exchange.closes
    assert exchange.received == 0


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"0")]])
async def test_a_request_without_a_body_is_left_alone(headers):
    exchange = await Exchange(headers=headers).run()
    assert exchange.sent == [START, BODY]
    assert exchange.received == 0
