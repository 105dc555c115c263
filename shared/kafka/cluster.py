"""Which Kafka cluster it is that answers."""

from aiokafka.admin import AIOKafkaAdminClient


async def cluster_id(kafka: str) -> str:
    """The id of the Kafka cluster, without which an offset means nothing."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()
