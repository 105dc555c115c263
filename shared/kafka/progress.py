"""How far a consumer group has come, for whoever must not run ahead of it."""

from collections.abc import Collection

from aiokafka import TopicPartition
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
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka)
            await admin.start()
            self._admin = admin
        asked = [TopicPartition(*place) for place in places]
        offsets = await self._admin.list_consumer_group_offsets(self._group, partitions=asked)
        return {(each.topic, each.partition): meta.offset for each, meta in offsets.items() if meta.offset >= 0}
