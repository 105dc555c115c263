"""What an edition no longer has of what earlier ones had: withdrawn, or kept by choice; and told, either way."""

from dataclasses import dataclass, field
from enum import StrEnum

from local.errors import LocalError

MOST_LISTED = 10_000


class Vanished(StrEnum):
    """What becomes of what has vanished. `auto` withdraws it, but asks where it is more than half of what is known."""

    AUTO = "auto"
    WITHDRAW = "withdraw"
    KEEP = "keep"


@dataclass(slots=True)
class Withdrawals:
    """How many records have vanished, the first 10,000 of them by what they are; `kept`: nothing was done to them."""

    kept: bool = False
    count: int = 0
    listed: list[str] = field(default_factory=list)

    def add(self, what: str) -> None:
        self.count += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(what)


def check_share(vanished: int, known: int, choice: Vanished) -> None:
    """LocalError if more than half would go, and nobody has said that they shall: the files may be a part of theirs."""
    if choice is Vanished.AUTO and 2 * vanished > known:
        raise LocalError(
            f"{vanished:,} of the {known:,} records that are known of these months and places are not in these files, "
            "and would be withdrawn. If the files are whole, say --vanished withdraw; if they are a part of what was "
            "published, --vanished keep"
        )
