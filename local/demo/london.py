"""London month by month: the blocks that make up total notifiable offences, each with its lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local.demo.apportion import apportion
from local.demo.boroughs import Quarters, quarters, weights
from local.demo.flagged import Line, Lines, flagged_lines, split
from local.demo.method import Block, FlaggedBlock, Places, method
from local.demo.months import CURRENT_YEAR, PREVIOUS_YEAR, QUARTER, QUARTER_BEFORE
from local.demo.printed import year_totals
from local.demo.series import Total, known_totals, shape, spread

_TOTAL = "total-notifiable-offences"


@dataclass(frozen=True, slots=True)
class BlockLines:
    """A block in London: its lines, where it lies, and each area's two quarters."""

    name: str
    places: Places
    part_of: str
    lines: Lines
    quarters: Quarters

    def total(self, period: Iterable[int]) -> int:
        """The block's offences in the months at these positions."""
        return sum(months[n] for n in period for months in self.lines.values())


def blocks() -> list[BlockLines]:
    """All blocks, in an order in which each one's remainder is known when its turn comes."""
    flagged = flagged_lines()
    done: dict[str, BlockLines] = {}
    for part in method().flagged:
        own = {line: flagged.pop(line) for line in list(flagged) if line[0] == part.offence and part.flag in line[1]}
        done[part.name] = _flagged_block(part, own)
    for block in method().blocks:
        own = {line: flagged.pop(line) for line in list(flagged) if line[0] in block.shares}
        done[block.name] = _block(block, own, done)
    if flagged:
        raise ValueError(f"no block takes {', '.join(offence for offence, _ in flagged)}")
    return list(done.values())


def _flagged_block(part: FlaggedBlock, lines: Lines) -> BlockLines:
    before, after = (sum(months[n] for months in lines.values() for n in q) for q in (QUARTER_BEFORE, QUARTER))
    return BlockLines(part.name, part.places, part.part_of, lines, _by_weight(part.places, before, after))


def _block(block: Block, flagged: Lines, done: Mapping[str, BlockLines]) -> BlockLines:
    months, lie = _months(block, done)
    part_of = block.of or block.remainder_of or _TOTAL
    return BlockLines(block.name, block.places, part_of, _with_unflagged(block, months, flagged), lie)


def _months(block: Block, done: Mapping[str, BlockLines]) -> tuple[list[int], Quarters]:
    """The block's months, and how its two quarters lie: what the boroughs' changes add up to, if it has any."""
    previous, current = _years(block, done)
    weight = shape(block.name, previous, current)
    totals: list[Total] = [(PREVIOUS_YEAR, previous), (CURRENT_YEAR, current), *known_totals(block.name)]
    before = sum(spread(totals, weight)[n] for n in QUARTER_BEFORE)
    if block.growth is not None:
        lie = quarters(block.name, block.places, before, block.growth, {b.name: b.quarters for b in done.values()})
        return spread([*totals, (QUARTER_BEFORE, before), (QUARTER, sum(lie.after))], weight), lie
    if block.remainder_of == _TOTAL:
        totals += [(QUARTER_BEFORE, before), (QUARTER, before + _rise_left(done.values()))]
    months = spread(totals, weight)
    return months, _by_weight(block.places, before, sum(months[n] for n in QUARTER))


def _by_weight(places: Places, before: int, after: int) -> Quarters:
    return Quarters(apportion(before, weights(places)), apportion(after, weights(places)))


def _years(block: Block, done: Mapping[str, BlockLines]) -> tuple[int, int]:
    """The block's two years: as printed, a share of a printed one, or what the blocks done leave of it."""
    previous, current = year_totals(block.of or block.remainder_of or block.name)
    if block.remainder_of is None:
        return round(previous * block.share), round(current * block.share)
    taken = [other for other in done.values() if block.remainder_of in (_TOTAL, other.part_of)]
    return (
        previous - sum(other.total(PREVIOUS_YEAR) for other in taken),
        current - sum(other.total(CURRENT_YEAR) for other in taken),
    )


def _rise_left(done: Iterable[BlockLines]) -> int:
    """What the quarter's rise of the total leaves for the last block."""
    return method().quarter_rise_of_total - sum(b.total(QUARTER) - b.total(QUARTER_BEFORE) for b in done)


def _with_unflagged(block: Block, months: list[int], flagged: Lines) -> Lines:
    """The block's lines: its classes' months less those that carry flags, and those."""
    lines: Lines = {}
    for offence, counts in split(months, block.shares).items():
        carrying = [line for (name, _), line in flagged.items() if name == offence]
        lines[(offence, ())] = [count - sum(with_flags) for count, *with_flags in zip(counts, *carrying, strict=True)]
    lines |= flagged
    _check(block.name, lines)
    return lines


def _check(block: str, lines: Mapping[Line, list[int]]) -> None:
    for (offence, _), months in lines.items():
        if min(months) < 0:
            raise ValueError(f"{block}: a month has more flagged crimes of {offence} than crimes")
