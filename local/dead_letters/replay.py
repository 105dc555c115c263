"""Dead letters published again, to the topics that they came from."""

from collections.abc import Sequence

from local.dead_letters.letters import GROUP, DeadLetter, DeadLetterBox, open_box
from shared.events.topics import ALL_TOPICS
from shared.kafka import Publisher

_BATCH = 500


async def replay(kafka: str, topics: Sequence[str] = ALL_TOPICS) -> int:
    """Publish every letter not yet dealt with to its own topic again, bytes and headers as they were; how many.

    Raises Unavailable when Kafka takes no more; those published until then are remembered. A letter that is still
    wrong comes back as a new one.
    """
    publisher, replayed = Publisher(kafka, GROUP), 0
    async with open_box(kafka, topics) as box:
        await publisher.start()
        try:
            waiting: list[DeadLetter] = []
            async for letter in box.letters():
                waiting.append(letter)
                if len(waiting) == _BATCH:
                    replayed += await _replay(publisher, box, waiting)
                    waiting = []
            return replayed + await _replay(publisher, box, waiting)
        finally:
            await publisher.stop()


async def _replay(publisher: Publisher, box: DeadLetterBox, letters: Sequence[DeadLetter]) -> int:
    await publisher.publish([letter.original() for letter in letters])
    # A crash before this line publishes them a second time, which their revisions make harmless.
    await box.settle(letters)
    return len(letters)
