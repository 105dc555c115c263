"""The events as typed models, their topics and keys, and the one codec."""

from shared.events.codec import (
    CE_ID,
    AnyMessage,
    Message,
    Undecodable,
    decode,
    fixed_headers,
    notice_message,
    record_message,
    record_parts,
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
    "CE_ID",
    "RECORD_TYPES",
    "ActionEvent",
    "Alert",
    "AnyMessage",
    "Call",
    "Crime",
    "CrimeCount",
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
    "fixed_headers",
    "notice_message",
    "record_message",
    "record_parts",
    "source_uri",
]
