"""The decision to have a halted consumer go on: what stands in its topic now may be put aside, however much it is."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from local.errors import LocalError
from shared.kafka.limit import ALLOWED


async def resume(kafka: str, topic: str) -> dict[int, int]:
    """Decide so, and answer by partition the offset before which it holds; LocalError if Kafka does not answer."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=ALLOWED, client_id=ALLOWED, enable_auto_commit=False, fetch_max_wait_ms=50
    )
    try:
        await consumer.start()
        # Its public partitions_for_topic() knows no topic that nobody has asked for.
        numbers = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        ends = await consumer.end_offsets(partitions)
        # Assigned, not subscribed: the embedded broker lets a group have one member, and a join takes seconds.
        consumer.assign(partitions)
        await consumer.commit(ends)
    except KafkaError as error:
        raise LocalError(f"Kafka at {kafka}: {error!r}") from error
    finally:
        await consumer.stop()
    return {each.partition: end for each, end in ends.items()}
