"""Prometheus metrics of actions, each declared once."""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge

OVERDUE = Gauge("oversight_actions_overdue", "Open actions past their due date, as of today in London.", ["board"])
REMINDERS = Counter("oversight_actions_reminders", "Reminders given.", ["kind"])


def show_overdue(by_board: Mapping[str, int]) -> None:
    for board, count in by_board.items():
        OVERDUE.labels(board).set(count)
