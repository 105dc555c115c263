"""Dead letters that are to be forgotten: marked as dropped, with the reason, and neither listed nor replayed again."""

from collections.abc import Sequence

from local.dead_letters import marks
from local.dead_letters.letters import DeadLetter, DeadLetterBox, open_box
from local.dead_letters.publishing import publishing
from local.errors import LocalError
from shared.clock import Clock
from shared.kafka import Publisher


async def drop(
    kafka: str, topic: str, partition: int, offsets: Sequence[int], because: str, clock: Clock | None = None
) -> int:
    """Drop the letters at these offsets, all or, with LocalError where one is not waiting, none; how many."""
    async with open_box(kafka, [topic]) as box, publishing(kafka) as publisher:
        letters = [await _waiting(box, topic, partition, offset) for offset in dict.fromkeys(offsets)]
        return await _mark(publisher, letters, because, clock or Clock())


async def drop_all(kafka: str, topic: str, because: str, clock: Clock | None = None) -> int:
    """Drop every letter of the topic that nothing was done about; how many."""
    dropped = 0
    async with open_box(kafka, [topic]) as box, publishing(kafka) as publisher:
        async for letters in box.waiting():
            dropped += await _mark(publisher, letters, because, clock or Clock())
    return dropped


async def _waiting(box: DeadLetterBox, topic: str, partition: int, offset: int) -> DeadLetter:
    letter = await box.letter(topic, partition, offset)
    if letter.mark:
        raise LocalError(f"the dead letter of {topic} in partition {partition} at offset {offset} was {letter.mark}")
    return letter


async def _mark(publisher: Publisher, letters: Sequence[DeadLetter], because: str, clock: Clock) -> int:
    places = [(letter.lies_in, letter.offset) for letter in letters]
    await marks.write(publisher, places, marks.Done("dropped", clock.now(), because))
    return len(letters)
