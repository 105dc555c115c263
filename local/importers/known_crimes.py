"""What the ledger knows of crimes, and of what became of them."""

from typing import NamedTuple


class KnownOutcome(NamedTuple):
    """The latest outcome of a crime id: its type, its month (YYYY-MM), and the revision of its publication."""

    type: str
    month: str
    published: int


class KnownCrime(NamedTuple):
    """A row of a street file as it was posted last. `published` is the revision of its file, without its outcome.

    `crime` is empty where the row has no crime id. A `withdrawn` one stands in no file of the latest publication.
    """

    crime: str
    record: str
    month: str
    force: str
    area: str
    offence: str
    type: str | None
    decided: str | None
    revision: int
    published: int
    withdrawn: bool = False


class Withdrawal(NamedTuple):
    """Of a crime: the revision with which it was withdrawn, and the publication that lacked it."""

    revision: int
    lacked_by: int
