"""How far a consumer group has come, for whoever must not run ahead of it."""

from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

Place = tuple[str, int]


class GroupProgress:
    """Reads the offsets that `group` has committed. Raises aiokafka's KafkaError when Kafka does not answer."""

    def __init__(self, kafka: str, group: str) -> None:
        self._kafka, self._group = kafka, group
        self._admin: AIOKafkaAdminClient | None = None

    async def stop(self) -> None:
        if self._admin:
            await self._admin.close()

    async def committed(self, places: Collection[Place]) -> dict[Place, int]:
        """The next offset to apply in each (topic, partition) that has one."""
        admin = await self._connected()
        asked = [TopicPartition(*place) for place in places]
        offsets = await admin.list_consumer_group_offsets(self._group, partitions=asked)
        return {(each.topic, each.partition): meta.offset for each, meta in offsets.items() if meta.offset >= 0}

    async def has_applied(self, topics: Collection[str]) -> bool:
        """Whether nothing stands in `topics` that the group has not committed."""
        described = await (await self._connected()).describe_topics(list(topics))
        places = [(topic["topic"], each["partition"]) for topic in described for each in topic["partitions"]]
        ends = await self._ends(places)
        committed = await self.committed(places)
        return all(committed.get(place, 0) >= end for place, end in ends.items())

    async def _ends(self, places: Collection[Place]) -> dict[Place, int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka)
        try:
            await consumer.start()
            found = await consumer.end_offsets([TopicPartition(*place) for place in places])
        finally:
            await consumer.stop()
        return {(each.topic, each.partition): end for each, end in found.items()}

    async def _connected(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka)
            try:
                await admin.start()
            except BaseException:  # it would leave its connections behind at each attempt
                await admin.close()
                raise
            self._admin = admin
        return self._admin
