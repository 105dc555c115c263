"""Profiles: everything about a record that a measure may ask for, in 64 bits.

A profile is stored with the counted facts for as long as they are kept, so its bits and the indexes in them are a
format: what a bit means never changes, and terms of the reference data keep their indexes. Each kind of record has
its own fields; `pack` and `unpack` are each other's inverse.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

FORMAT = "1"
"""What the bits mean. Another format is counted from the log anew, in keys of its own."""


class Field(NamedTuple):
    """A field of a profile: `bits` wide, the lowest at `shift`."""

    shift: int
    bits: int

    @property
    def mask(self) -> int:
        """The field's bits."""
        return (1 << self.bits) - 1 << self.shift

    def of(self, profile: int) -> int:
        return profile >> self.shift & (1 << self.bits) - 1

    def put(self, value: int) -> int:
        """The value in its place; raises ValueError if it is too large for the field."""
        if value >> self.bits:
            raise ValueError(f"{value} does not fit into {self.bits} bits of a profile")
        return value << self.shift


def fields(**bits: int) -> dict[str, Field]:
    """Fields side by side, the first lowest."""
    return dict(_side_by_side(bits))


def _side_by_side(bits: Mapping[str, int]) -> Iterator[tuple[str, Field]]:
    shift = 0
    for name, width in bits.items():
        yield name, Field(shift, width)
        shift += width
    if shift > 64:
        raise ValueError(f"{shift} bits do not fit into a profile of 64")


# A count of victims is at most 200. `dated_outcome`: the fact is the outcome, on its day, not the record.
CRIME = fields(
    offence=8, flags=24, outcome=8, victims=8, under_25=8, age=1, sex=1, ethnicity=1, dated_outcome=1, cancelled=1
)
# `answered` and `attended`: seconds are given. A call is up to three facts: `aspect` 0 is the call; 1 and 2 are how
# soon it was answered and attended, in the `bucket` of its seconds, with the fields of TIMED alone. Together they would
# make nearly every call a profile of its own.
CALL = fields(category=8, line_101=1, grade=3, abandoned=1, repeat=2, answered=1, attended=1, aspect=2, bucket=8)
TIMED = sum(CALL[name].mask for name in ("line_101", "grade", "abandoned"))
TIMES = {"answer": CALL["aspect"].put(1), "response": CALL["aspect"].put(2)}
STOP = fields(power=8, object=8, outcome=8, officer=4, self=4, age=4, sex=3, section_60=1, handcuffed=2, linked=2)
DATED_OUTCOME = CRIME["dated_outcome"].put(1)
CANCELLED = CRIME["cancelled"].put(1)
"""A no-crime: it shows that its month and its kind are recorded, and counts for nothing."""
FURTHER = {"crime": DATED_OUTCOME, "call": CALL["aspect"].mask, "stop": 0}
"""Bits that are set in a record's further facts (its outcome, how soon it was served), and not in the record itself."""


def pack(layout: Mapping[str, Field], **values: int) -> int:
    """A profile with these fields, the others 0."""
    return sum(layout[name].put(int(value)) for name, value in values.items())


def unpack(layout: Mapping[str, Field], profile: int) -> dict[str, int]:
    """Every field of a profile."""
    return {name: field.of(profile) for name, field in layout.items()}
