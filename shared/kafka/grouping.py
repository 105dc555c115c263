"""Publishing in groups: what many callers publish at once goes to Kafka together, a record batch a partition."""

import asyncio
import copy
import logging
from collections.abc import Iterable, Mapping
from typing import Protocol

from shared.errors import Unavailable
from shared.kafka.publisher import Declined
from shared.kafka.records import Place, Routed

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.1


class Writes(Protocol):
    """A Publisher, as far as it is needed here."""

    async def publish_routed(self, routed: Routed) -> Mapping[Place, int]: ...


class _Share:
    """What one caller publishes, and since when.

    A refusal is the answer's value, not its exception: that would hold the frames that it was raised through, these the
    answer, and all of them the events, until the garbage collector came by. In an outage that is most of the memory.
    """

    __slots__ = ("answer", "routed", "since", "size")

    def __init__(self, routed: Routed, size: int, since: float, loop: asyncio.AbstractEventLoop) -> None:
        self.routed, self.size, self.since = routed, size, since
        self.answer: asyncio.Future[Mapping[Place, int] | Exception] = loop.create_future()

    def refuse(self, error: Exception) -> None:
        if not self.answer.done():  # whoever was refused for the time, or has gone, hears no more
            self.answer.set_result(copy.copy(error))


class Grouping:
    """One group is on its way to Kafka at a time; whatever comes meanwhile is the next.

    Each caller is answered within `patience_seconds`. What is held, for callers that wait and for those that do no
    longer, is at most `most_bytes`, or one caller's share. A group that Kafka declines is sent again share by share:
    what is wrong with one harms no other.
    """

    def __init__(self, publisher: Writes, *, most_bytes: int, patience_seconds: float) -> None:
        self._publisher, self._most = publisher, most_bytes
        self._patience = max(patience_seconds - _LOOK_SECONDS, 0)
        self._waiting: list[_Share] = []
        self._under_way: list[_Share] = []
        self._sending: asyncio.Task[None] | None = None
        self._looks = False
        self.held_bytes = 0

    async def publish(self, routed: Routed, size: int, since: float | None = None) -> Mapping[Place, int]:
        """Publish about `size` bytes; answers offsets in Kafka up to which all of it stands there.

        The caller's patience runs since now, or since that time of the event loop's.
        Raises Unavailable when Kafka has not acknowledged in time, and may have written it all the same; or at once,
        when too much is held already.
        """
        if self.held_bytes and self.held_bytes + size > self._most:
            raise Unavailable("Kafka takes less than is sent here; nothing was accepted", retry_after=1)
        loop = asyncio.get_running_loop()
        share = _Share(routed, size, loop.time() if since is None else since, loop)
        self.held_bytes += size
        self._waiting.append(share)
        if self._sending is None:
            self._sending = loop.create_task(self._send(), name="groups on their way to Kafka")
            if not self._looks:
                self._looks = True
                loop.call_later(_LOOK_SECONDS, self._look)
        outcome = await share.answer
        if isinstance(outcome, Exception):
            raise copy.copy(outcome)
        return outcome

    async def stop(self) -> None:
        """Give up what is still under way: nobody waits for it."""
        if self._sending:
            self._sending.cancel()
            await asyncio.wait([self._sending])

    async def _send(self) -> None:
        try:
            while self._waiting:
                self._under_way, self._waiting = self._waiting, []
                await self._send_group(self._under_way)
                self.held_bytes -= sum(share.size for share in self._under_way)
                self._under_way = []
        finally:
            self._sending = None

    async def _send_group(self, group: list[_Share]) -> None:
        try:
            offsets = await self._publisher.publish_routed(_joined(group))
        except Declined as error:
            await self._send_apart(group, error)
        except Exception as error:
            if not isinstance(error, Unavailable):
                log.exception("a group could not be published")
            for share in group:
                share.refuse(error)
        else:
            for share in group:
                if not share.answer.done():
                    share.answer.set_result(offsets)

    async def _send_apart(self, group: list[_Share], error: Declined) -> None:
        if len(group) == 1:
            group[0].refuse(error)
            return
        log.warning("Kafka declined a group of %d; each is sent by itself: %s", len(group), error)
        for share in group:
            if not share.answer.done():
                await self._send_group([share])

    def _look(self) -> None:
        """Refuse whoever has waited too long; of them, what has not been sent is not sent."""
        loop = asyncio.get_running_loop()
        late = [each for each in (*self._under_way, *self._waiting) if each.since < loop.time() - self._patience]
        for share in late:
            share.refuse(Unavailable("Kafka did not acknowledge in time", retry_after=2))
        self.held_bytes -= sum(share.size for share in self._waiting if share.answer.done())
        self._waiting = [share for share in self._waiting if not share.answer.done()]
        self._looks = self._sending is not None
        if self._looks:
            loop.call_later(_LOOK_SECONDS, self._look)


def _joined(group: Iterable[_Share]) -> Routed:
    joined: Routed = {}
    for share in group:
        for place, messages in share.routed.items():
            joined.setdefault(place, []).extend(messages)
    return joined
