"""The events as typed models, their topics and keys, and the one codec."""

from shared.events.codec import (
    Entry,
    Message,
    Undecodable,
    decode,
    notice_message,
    record_entries,
    record_message,
    source_uri,
)
from shared.events.notices import ActionEvent, Alert, Notice, NotificationEvent, Window
from shared.events.records import (
    RECORD_TYPES,
    Call,
    Crime,
    CrimeCount,
    Indicator,
    Outcome,
    Record,
    Stop,
    Victim,
)

__all__ = [
    "RECORD_TYPES",
    "ActionEvent",
    "Alert",
    "Call",
    "Crime",
    "CrimeCount",
    "Entry",
    "Indicator",
    "Message",
    "Notice",
    "NotificationEvent",
    "Outcome",
    "Record",
    "Stop",
    "Undecodable",
    "Victim",
    "Window",
    "decode",
    "notice_message",
    "record_entries",
    "record_message",
    "source_uri",
]
