"""Ingest's Prometheus metrics."""

from prometheus_client import Counter, Gauge

EVENTS = Counter("oversight_ingest_events", "Events by type and what became of them.", ["type", "result"])
SHED = Counter("oversight_ingest_shed_requests", "Requests refused to spare a consumer that lags.")
LIMITED = Counter("oversight_ingest_limited_requests", "Requests refused by a used-up quota.", ["source", "quota"])
UNAPPLIED = Gauge("oversight_ingest_unapplied_bytes", "Published, not yet applied; volatile broker only.")
REPLAYED = Counter("oversight_ingest_replayed_answers", "Repeats answered by their Idempotency-Key.")
HELD = Gauge(
    "oversight_ingest_held_bytes", "Of bodies of requests under way; of groups not yet acknowledged.", ["what"]
)
