"""Numbers as they are printed: `16,777,584`, `£21.0m`, `(1,213)`, `12.0%`, `-`. Pure."""

import re
from decimal import Decimal
from typing import NamedTuple

from services.metrics.figures import exactly, half_up
from services.metrics.tables.exact import Number, plain

_NOTHING = frozenset({"", "-", "--", ".", "..", "na", "n/a", "no data", "nil return", "suppressed", "*"})
_DASHES = str.maketrans(dict.fromkeys("\u2212\u2013\u2014", "-"))
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?P<decimals>\.\d{1,6})?(?:%|m|points)?"
)


class Printed(NamedTuple):
    """A number, and how many decimals it was printed with."""

    value: Number
    decimals: int


def printed(text: str) -> Printed | None:
    """The number that is printed, None where nothing is; raises ValueError for anything else."""
    plain_text = text.translate(_DASHES).strip().casefold()
    if plain_text in _NOTHING:
        return None
    bracketed = plain_text.startswith("(") and plain_text.endswith(")")
    found = _NUMBER.fullmatch(re.sub(r"[\s£]", "", plain_text.strip("()") if bracketed else plain_text))
    if found is None:
        raise ValueError(f"{text.strip()[:80]!r} is not a number; write digits, as in 16,777,584 or -1.5, or nothing")
    decimals = found["decimals"] or ""
    value = Decimal(f"{found['sign']}{found['digits'].replace(',', '')}{decimals}")
    return Printed(plain(-value if bracketed else value), max(0, len(decimals) - 1))


def is_number(text: str) -> bool:
    try:
        return printed(text) is not None
    except ValueError:
        return False


def rounds_to(computed: Number, other: Printed) -> bool:
    """Whether what is printed is the computed figure with fewer decimals."""
    return half_up(exactly(computed), other.decimals) == other.value
