"""What upstream systems record: crimes, calls, stops, indicators and published monthly counts.

Each struct is the JSON object of the contract, field for field. A record carries its whole current state and a
`revision`: the highest wins, whatever the order of arrival; of equal ones the first. As posted, terms are names or
ids in any spelling that is known; as published, they are the reference data's ids.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from shared.events import topics
from shared.events.fields import (
    AgeInYears,
    Area,
    Breakdown,
    Dataset,
    DayOrMonth,
    Flags,
    Moment,
    Month,
    Period,
    Place,
    RecordId,
    Revision,
    Seconds,
    Term,
)

_ESCAPED = str.maketrans({each: f"%{ord(each):02X}" for each in "%,=|"})


class Victim(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """`age` in years, or an age range such as `18-24` where that is all that is known."""

    age: AgeInYears | Term | None = None
    sex: Term | None = None
    ethnicity: Term | None = None


class Outcome(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of a crime: an outcome type of the reference data, and the day (or month) it was decided."""

    type: Term
    on: DayOrMonth


class Crime(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A recorded crime. `recorded_on` is a day, or a month where only that is known; `cancelled` is a no-crime."""

    crime_id: RecordId
    revision: Revision = 1
    status: Literal["recorded", "cancelled"]
    recorded_on: DayOrMonth
    area: Place
    offence: Term
    flags: Flags = ()
    victims: Annotated[tuple[Victim, ...], Meta(max_length=200)] = ()
    outcome: Outcome | None = None
    dataset: Dataset = "live"

    @property
    def record_id(self) -> str:
        return self.crime_id


class Call(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A call to 999 or 101. `grade` is I (immediate), S (significant), E (extended) or R (referred)."""

    call_id: RecordId
    revision: Revision = 1
    received_at: Moment
    line: Literal[999, 101, "999", "101"]
    kind: Literal["crime", "asb", "other"]
    category: Term
    area: Place
    grade: Literal["I", "S", "E", "R"] | None = None
    abandoned: bool = False
    answer_seconds: Seconds | None = None
    response_seconds: Seconds | None = None
    repeat_caller: bool | None = None
    dataset: Dataset = "live"

    @property
    def record_id(self) -> str:
        return self.call_id


class Stop(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A stop and search. `linked`: whether the outcome was linked to the object searched for."""

    stop_id: RecordId
    revision: Revision = 1
    stopped_at: Moment
    area: Place
    power: Term
    object: Term
    outcome: Term
    linked: bool | None = None
    age: AgeInYears | Term | None = None
    sex: Term | None = None
    ethnicity_officer: Term | None = None
    ethnicity_self: Term | None = None
    section_60: bool = False
    handcuffed: bool | None = None
    dataset: Dataset = "live"

    @property
    def record_id(self) -> str:
        return self.stop_id


class Indicator(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A figure that is posted, not counted: one indicator, area, period and breakdown."""

    indicator: Term
    area: Area
    period: Period
    breakdown: Breakdown = {}
    value: float
    unit: Term
    numerator: float | None = None
    denominator: float | None = None
    status: Literal["provisional", "final"]
    revision: Revision = 1
    dataset: Dataset = "live"

    @property
    def record_id(self) -> str:
        parts = ((name.translate(_ESCAPED), value.translate(_ESCAPED)) for name, value in self.breakdown.items())
        breakdown = ",".join(f"{name}={value}" for name, value in sorted(parts))
        return f"{self.indicator}|{self.area}|{breakdown}|{self.period}"


class CrimeCount(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A monthly total as published: the crimes of one area and offence that carry exactly these flags."""

    area: Place
    offence: Term
    flags: Flags = ()
    month: Month
    count: Annotated[int, Meta(ge=0, lt=2**31)]
    revision: Revision = 1
    dataset: Dataset = "live"

    @property
    def record_id(self) -> str:
        return f"{self.area}|{self.offence}|{'+'.join(self.flags)}|{self.month}"


Record = Crime | Call | Stop | Indicator | CrimeCount

RECORD_TYPES: dict[str, type[Record]] = {
    topics.CRIMES: Crime,
    topics.CALLS: Call,
    topics.STOPS: Stop,
    topics.INDICATORS: Indicator,
    topics.CRIME_COUNTS: CrimeCount,
}
