"""The embedded broker: librdkafka's mock cluster, one node, in a process of its own (`python -m local.parts.broker`).

It speaks enough of Kafka's protocol for one member a consumer group, keeps at most 5 MiB a partition, and forgets
everything when it stops. docs/decisions/0008-the-embedded-broker.md says how the services live with that.
"""

import argparse
import signal
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path

from confluent_kafka import Producer

from local.home import Home
from local.parts.announce import announce, announced
from local.supervision.processes import Program
from shared.events.topics import ALL_TOPICS, dead_letter_topic


def program(home: Home) -> Program:
    """The broker as a child; its bootstrap address is `address(home)` once it is ready."""
    place = _address_file(home)
    place.unlink(missing_ok=True)
    argv = [
        sys.executable,
        "-m",
        "local.parts.broker",
        "--address",
        str(place),
        "--clusters",
        str(home.data / "clusters"),
    ]
    return Program("broker", argv, lambda: announced(place), grace_seconds=5)


def address(home: Home) -> str:
    """The bootstrap server, `host:port`, of the broker that is ready in this home."""
    return _address_file(home).read_text()


def start_cluster(earlier: AbstractSet[str]) -> tuple[list[Producer], str, str]:
    """Start a cluster whose id is not in `earlier`: what keeps it alive, its id, and its bootstrap server.

    A mock cluster's id is its place in memory, which is the same at each start where the system does not randomise
    addresses. Readers tell an emptied log by its cluster's id, so a repeated one will not do; a further
    cluster in the same process has another place.
    """
    alive: list[Producer] = []
    while True:
        alive.append(Producer({"test.mock.num.brokers": 1, "log_level": 3}))
        metadata = alive[-1].list_topics(timeout=10)
        node = next(iter(metadata.brokers.values()))
        if metadata.cluster_id not in earlier:
            return alive, metadata.cluster_id, f"{node.host}:{node.port}"


def create_topics(client: Producer) -> None:
    """Make every topic by asking for it, which is the only way there is: four partitions each."""
    for topic in ALL_TOPICS:
        client.list_topics(topic, timeout=10)
        client.list_topics(dead_letter_topic(topic), timeout=10)


def _address_file(home: Home) -> Path:
    return home.run / "broker.address"


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", type=Path, required=True, help="file that receives the bootstrap server")
    parser.add_argument("--clusters", type=Path, required=True, help="file of the cluster ids used so far")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    earlier = set(arguments.clusters.read_text().split()) if arguments.clusters.exists() else set()
    alive, cluster, bootstrap = start_cluster(earlier)
    create_topics(alive[-1])
    with arguments.clusters.open("a") as file:
        file.write(f"{cluster}\n")
    announce(arguments.address, bootstrap)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
