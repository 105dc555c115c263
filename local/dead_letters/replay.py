"""Dead letters published again, to the topics that they came from."""

from collections.abc import Sequence

from local.dead_letters import marks
from local.dead_letters.letters import open_box
from local.dead_letters.publishing import publishing
from shared.clock import Clock
from shared.events.topics import ALL_TOPICS


async def replay(kafka: str, topics: Sequence[str] = ALL_TOPICS, clock: Clock | None = None) -> int:
    """Publish every letter that nothing was done about to its own topic, bytes and headers as they were; how many.

    Raises Unavailable when Kafka takes no more; those published until then are remembered. A letter that is still
    wrong comes back as a new one.
    """
    clock, replayed = clock or Clock(), 0
    async with open_box(kafka, topics) as box, publishing(kafka) as publisher:
        async for letters in box.waiting():
            await publisher.publish([letter.original() for letter in letters])
            # A crash before this line publishes them a second time, which their revisions make harmless.
            places = [(each.lies_in, each.offset) for each in letters]
            await marks.write(publisher, places, marks.Done("replayed", clock.now()))
            replayed += len(letters)
    return replayed
