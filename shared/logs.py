"""Logs as JSON lines on standard error, one object an event, for any collector."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """Formats a record with its `extra` fields as members beside time, level, service, logger and message."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(service: str, level: str = "INFO") -> None:
    """Send every logger of this process, uvicorn's included, through one handler."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for name, is_kept in (("uvicorn", True), ("uvicorn.error", True), ("uvicorn.access", False)):
        # Requests are counted and timed in /metrics; a line each would drown everything else. Without anybody who
        # keeps them, uvicorn does not word them, either.
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], is_kept
    # apprise logs its recipients' addresses at info.
    for name in ("aiokafka", "alembic", "apprise", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
