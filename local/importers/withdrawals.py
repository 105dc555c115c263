"""What an edition no longer has of what earlier ones had: withdrawn, or kept by choice; and told, either way."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from local.errors import LocalError

MOST_LISTED = 10_000
FEWEST_OF_A_PLACE = 20
"""Of fewer records many come and go with any edition: the airports have some classes in some months."""
LATER = "places_of_which_a_later_edition_was_imported"
"""Told, for a new edition that adds no month seems to be the older one: it needs --published."""
MOST_OF_ALL, MOST_OF_A_PLACE = 0.5, 0.2


class Vanished(StrEnum):
    """What becomes of what has vanished.

    `auto` withdraws it, but asks where it is much of what is known.
    """

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


def check_share(vanished: Counter[str], known: Counter[str], choice: Vanished) -> None:
    """LocalError if much would go, and nobody has said that it shall: the files may be a part of what was published.

    Both are counted by place; `known` is what was known before this import, for what is new says nothing of what has
    vanished. Much is more than half of all, or more than a fifth of one place: of a file that lacks the end of one
    borough, the rest looks whole.
    """
    if choice is not Vanished.AUTO:
        return
    large = (each for each in vanished if known[each] >= FEWEST_OF_A_PLACE)
    shares = [(vanished.total(), known.total(), MOST_OF_ALL, "these months and places")]
    shares += [(vanished[each], known[each], MOST_OF_A_PLACE, each) for each in large]
    for gone, before, most, where in shares:
        if gone > most * before:
            raise LocalError(
                f"{_share(gone, before, where)} are not in the latest edition, and would be withdrawn. If that is "
                "whole, say --vanished withdraw; if it is a part of what was published, --vanished keep"
            )


def _share(gone: int, before: int, where: str) -> str:
    if gone > before:  # they are in an older file of this import
        return f"{gone:,} records of {where}, of which {before:,} were known before,"
    return f"{gone:,} of the {before:,} records that are known of {where}"
