#!/usr/bin/env bash
# Creates Oversight's topics and their dead letters, those that are missing. The number of partitions of a topic
# that exists never changes: a record's events would move to another partition and lose their order.
set -euo pipefail

bootstrap="${OVERSIGHT_KAFKA:?OVERSIGHT_KAFKA must name the bootstrap servers}"
replicas="${OVERSIGHT_KAFKA_REPLICAS:-1}"
topics() { "${KAFKA_HOME:-/opt/kafka}/bin/kafka-topics.sh" --bootstrap-server "$bootstrap" "$@"; }

# Counts are rebuilt from the log, and a dead letter is kept until somebody has looked: nothing expires.
# Not compacted: compaction keeps the last arrival of a key, which may be a stale revision.
forever=(--config retention.ms=-1 --config retention.bytes=-1 --config cleanup.policy=delete)

# A dead letter is its message with a reason and a stack added: the largest message must still be one.
larger=(--config max.message.bytes=2097152)

existing="$(topics --list)"
create() { # topic partitions [more options]
  if grep -Fxq -- "$1" <<<"$existing"; then return; fi
  topics --create --topic "$1" --partitions "$2" --replication-factor "$replicas" "${forever[@]}" "${@:3}"
}

for name in crimes calls stops indicators crime-counts; do
  create "oversight.$name" "${OVERSIGHT_RECORD_PARTITIONS:-12}"
  create "oversight.$name.dlq" 1 "${larger[@]}"
done
for name in alerts actions notifications; do
  create "oversight.$name" "${OVERSIGHT_NOTICE_PARTITIONS:-3}"
  create "oversight.$name.dlq" 1 "${larger[@]}"
done
