#!/usr/bin/env bash
# Starts Kafka under the cluster id that its data carry, or under a new one where there are no data yet.
# The image's own default is one fixed id: an emptied cluster would pass for the old one, and offsets that
# consumers keep for the old one would be taken for its own.
set -euo pipefail

data="${KAFKA_LOG_DIRS:?KAFKA_LOG_DIRS must name the data directory}"
kafka="${KAFKA_HOME:-/opt/kafka}"
meta="$data/meta.properties"

if [[ -f "$meta" ]]; then
  CLUSTER_ID="$(sed -n 's/^cluster\.id=//p' "$meta")"
else
  CLUSTER_ID="$("$kafka/bin/kafka-storage.sh" random-uuid)"
fi
export CLUSTER_ID
exec "${KAFKA_RUN:-/etc/kafka/docker/run}"
