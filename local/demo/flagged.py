"""London's crimes that carry flags, month by month."""

from local.demo.apportion import Carry
from local.demo.method import method
from local.demo.months import MONTHS
from local.demo.series import printed_series

# An offence class and the flags that its crimes carry, sorted.
Line = tuple[str, tuple[str, ...]]
Lines = dict[Line, list[int]]


def flagged_lines() -> Lines:
    """Every line with flags, such that each flag's months add up to its printed totals.

    Pairs come first, so that a crime with two flags counts in both and once in its class.
    """
    lines: Lines = {(pair.offence, pair.flags): [pair.monthly] * len(MONTHS) for pair in method().pairs}
    for flag in method().flags:
        in_pairs = [months for (_, flags), months in lines.items() if flag.id in flags]
        left = [total - sum(paired) for total, *paired in zip(printed_series(flag.measure), *in_pairs, strict=True)]
        lines |= {(offence, (flag.id,)): months for offence, months in split(left, flag.shares).items()}
    return lines


def split(months: list[int], shares: dict[str, float]) -> dict[str, list[int]]:
    """Each month's total over names in proportion to their shares."""
    carry = Carry(len(shares))
    by_month = [carry.apportion(total, list(shares.values())) for total in months]
    return {name: list(counts) for name, counts in zip(shares, zip(*by_month, strict=True), strict=True)}
