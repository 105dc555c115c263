"""What a published file is read into, one element after the other: items to post, and what cannot become one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from local.posting.items import Item
from shared.errors import FieldError
from shared.reference import UnknownValue


class Refusal(NamedTuple):
    """`records` records that stand at `place` and cannot be posted, for all of `errors`."""

    errors: tuple[FieldError, ...]
    place: str
    records: int = 1


class Kept(NamedTuple):
    """A row that is not posted itself: what it says goes into the records of others."""

    kind: str


Element = Item | Refusal | Kept


class RowRefused(Exception):
    """A row that cannot become a record: which field is wrong, and what would be right."""

    def __init__(self, field: str, message: str, value: str | None = None, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(f"{field}: {message}")
        self.error = FieldError(field, message) if value is None else FieldError(field, message, value, nearest)


def refusal_of(refused: RowRefused | UnknownValue, place: str, records: int = 1) -> Refusal:
    """What is told of a row that was refused."""
    if isinstance(refused, RowRefused):
        return Refusal((refused.error,), place, records)
    error = FieldError(refused.kind, str(refused), refused.value, refused.nearest)
    return Refusal((error,), place, records)


@dataclass(frozen=True, slots=True)
class Part:
    """What of an import is read in one go, always in the same order: usually a file.

    `stamp` changes when its content may have; `size` says how many elements will come, as far as is known.
    """

    name: str
    stamp: str
    size: Callable[[], int]
    read: Callable[[], Iterator[Element]]
