"""What metrics reads of an event: fewer fields than the event has, and none of its rules, which ingest has checked.

A field that is new to an event is passed over. What the types do not hold is checked where it is read.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

Revision = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class Victim(Struct, gc=False):
    age: int | str | None = None
    sex: str | None = None
    ethnicity: str | None = None


NOBODY = Raw(b"[]")
"""Victims are left as JSON: crimes repeat the same few thousand, and each is read once."""


class Outcome(Struct, gc=False):
    type: str
    on: str


class Crime(Struct, gc=False):
    """As shared.events.Crime."""

    recorded_on: str
    area: str
    offence: str
    status: Literal["recorded", "cancelled"]
    revision: Revision = 1
    flags: tuple[str, ...] = ()
    victims: Raw = NOBODY
    outcome: Outcome | None = None
    dataset: str = "live"


class CrimeCount(Struct, gc=False):
    """As shared.events.CrimeCount."""

    area: str
    offence: str
    month: str
    count: Annotated[int, Meta(ge=0, lt=2**31)]
    revision: Revision = 1
    flags: tuple[str, ...] = ()
    dataset: str = "live"


class Call(Struct, gc=False):
    """As shared.events.Call."""

    received_at: Annotated[datetime, Meta(tz=True)]
    line: Literal[999, 101, "999", "101"]
    category: str
    area: str
    revision: Revision = 1
    grade: Literal["I", "S", "E", "R"] | None = None
    abandoned: bool = False
    answer_seconds: float | None = None
    response_seconds: float | None = None
    repeat_caller: bool | None = None
    dataset: str = "live"


class Stop(Struct, gc=False):
    """As shared.events.Stop."""

    stopped_at: Annotated[datetime, Meta(tz=True)]
    area: str
    power: str
    object: str
    outcome: str
    revision: Revision = 1
    linked: bool | None = None
    age: int | str | None = None
    sex: str | None = None
    ethnicity_officer: str | None = None
    ethnicity_self: str | None = None
    section_60: bool = False
    handcuffed: bool | None = None
    dataset: str = "live"
