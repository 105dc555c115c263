"""Prometheus metrics of notify, each declared once."""

from prometheus_client import Counter

ENTERED = Counter("oversight_notify_entered", "Notifications entered in the ledger, silenced ones included.")
DELIVERIES = Counter(
    "oversight_notify_deliveries",
    "Attempts to deliver through one channel: `sent` when it took the message, else `failed`.",
    ["result", "channel"],
)
