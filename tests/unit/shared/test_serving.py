"""What is written joins up, in order, and is never kept back."""

import asyncio

import pytest

from shared.serving import Joined


class FakeTransport:
    def __init__(self):
        self.done = []

    def write(self, data):
        self.done.append(data)

    def close(self):
        self.done.append("closed")

    def set_protocol(self, protocol):
        self.done.append(protocol)

    def is_closing(self):
        return "closed" in self.done


@pytest.fixture
async def transport():
    return FakeTransport()


async def test_two_pieces_that_come_at_once_are_written_at_once(transport):
    joined = Joined(transport)
    joined.write(b"head")
    assert transport.done == []
    joined.write(b"body")
    assert transport.done == [b"headbody"]


async def test_one_piece_is_written_in_the_loops_next_turn(transport):
    joined = Joined(transport)
    joined.write(b"head")
    joined.write(b"")
    joined.write(b"")
    await asyncio.sleep(0)
    assert transport.done == [b"head"]


@pytest.mark.parametrize("pieces", range(6))
async def test_nothing_is_lost_or_moved_when_it_closes(transport, pieces):
    joined = Joined(transport)
    for number in range(pieces):
        joined.write(b"%d" % number)
    joined.close()
    await asyncio.sleep(0)
    assert joined.is_closing()
    assert transport.done[-1] == "closed"
    assert b"".join(transport.done[:-1]) == b"012345"[:pieces]


async def test_what_was_written_precedes_another_protocol(transport):
    joined = Joined(transport)
    joined.write(b"head")
    joined.set_protocol("other")
    assert transport.done == [b"head", "other"]
