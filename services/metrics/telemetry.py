"""Metrics' Prometheus metrics."""

from prometheus_client import Counter, Gauge, Histogram

PROJECTED = Counter("oversight_metrics_projected", "Events applied, stale and repeated ones included.", ["topic"])
UNCHANGING = Counter("oversight_metrics_unchanging", "Events that were stale or repeated.", ["topic"])
STEP_SECONDS = Histogram("oversight_metrics_step_seconds", "Time of one atomic step, a batch of one partition.")
FENCED = Counter("oversight_metrics_fenced_steps", "Steps refused: another process had moved the partition on.")
GAPS = Counter("oversight_metrics_log_gaps", "Times that records were gone from the log before they were read.")
ALERTS = Gauge("oversight_metrics_alerts", "Alerts raised now, by rule.", ["rule"])
CONTESTED = Gauge("oversight_metrics_rules_contested", "Alert rules that wait: processes have them otherwise.")
EVALUATIONS = Counter("oversight_metrics_rule_evaluations", "Alert rules evaluated.")
REMEMBERED = Counter("oversight_metrics_remembered_answers", "Requests answered as before: nothing had changed.")
_OF_MEASURE = ["measure", "area", "dataset", "window"]
MEASURE = Gauge("oversight_measure", "A measure's last twelve whole months. No data: no sample.", _OF_MEASURE)
MEASURE_COMPLETE = Gauge(
    "oversight_measure_complete",
    "1 where the sample of oversight_measure rests on complete data, 0 if not.",
    _OF_MEASURE,
)
