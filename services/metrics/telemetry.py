"""Metrics' Prometheus metrics."""

from prometheus_client import Counter, Gauge, Histogram

PROJECTED = Counter("oversight_metrics_projected", "Events applied, stale and repeated ones included.", ["topic"])
UNCHANGING = Counter("oversight_metrics_unchanging", "Events that were stale or repeated.", ["topic"])
STEP_SECONDS = Histogram("oversight_metrics_step_seconds", "Time of one atomic step, a batch of one partition.")
FENCED = Counter("oversight_metrics_fenced_steps", "Steps refused: another process had moved the partition on.")
GAPS = Counter("oversight_metrics_log_gaps", "Times that records were gone from the log before they were read.")
ALERTS = Gauge("oversight_metrics_alerts", "Alerts raised now, by rule.", ["rule"])
EVALUATIONS = Counter("oversight_metrics_rule_evaluations", "Alert rules evaluated.")
