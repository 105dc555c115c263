"""The demonstration's recorded crime: monthly counts by area, offence class and flags, July 2015 to June 2017.

Made from the figures that the quarterly report prints (`printed/`) and from round assumptions (`assumed/`), always
the same, in under two seconds. Every printed figure comes out to the digit; nothing else in it is real.

1. London, month by month (`series`): each measure's years, quarters and months as printed, the rest by season.
2. Blocks that share no crime (`london`), so that classes add up to the total; flags are laid over classes first
   (`flagged`), so that a crime may count in several rows.
3. Areas (`boroughs`): a quarter by population and intensity, the quarter a year later by the printed changes.
4. Each block's lines over areas and months (here), by largest remainders within both totals.
"""

from collections.abc import Iterator

from local.demo.apportion import Carry, apportion, place
from local.demo.boroughs import areas, weights
from local.demo.flagged import Line
from local.demo.london import BlockLines, blocks
from local.demo.months import MONTHS, PARTS
from shared.events import CrimeCount

DATASET = "demo"
# Counts of one line by month and area.
_Cells = dict[tuple[Line, int], list[int]]


def crime_counts() -> list[CrimeCount]:
    """Every count above zero, by block, line, month and area; dataset `demo`, revision 1."""
    return [count for block in blocks() for count in _block_counts(block)]


def _block_counts(block: BlockLines) -> Iterator[CrimeCount]:
    for (line, month), counts in _cells(block).items():
        offence, flags = line
        for area, count in zip(areas(), counts, strict=True):
            if count:
                yield CrimeCount(
                    area=area, offence=offence, flags=flags, month=MONTHS[month], count=count, dataset=DATASET
                )


def _area_totals(block: BlockLines) -> list[list[int]]:
    """The block's total in each area and part of the two years.

    Before the quarter that is compared, an area's part lies half way between its parts of the two quarters, so that
    a borough's steep rise does not start from nothing.
    """
    before, after = block.quarters.before, block.quarters.after
    half_way = [b / sum(before) + a / sum(after) for b, a in zip(before, after, strict=True)]
    earlier, between = block.total(PARTS[0]), block.total(PARTS[2])
    return [apportion(earlier, weights(block.places)), before, apportion(between, half_way), after]


def _cells(block: BlockLines) -> _Cells:
    """Each line's counts by month and area. Rare lines come first; the largest one takes what is left."""
    *rare, largest = sorted(block.lines, key=lambda line: sum(block.lines[line]))
    carries = {line: Carry(len(areas())) for line in rare}
    cells: _Cells = {}
    for part, totals in zip(PARTS, _area_totals(block), strict=True):
        room = list(totals)
        for line in rare:
            for month in part:
                counts = carries[line].apportion(block.lines[line][month], totals, room)
                cells[line, month] = counts
                room = [r - c for r, c in zip(room, counts, strict=True)]
        _take_the_rest(largest, block.lines[largest], part, room, cells)
    return cells


def _take_the_rest(line: Line, london: list[int], part: range, room: list[int], cells: _Cells) -> None:
    """The largest line's months in proportion to what is left in each area, which the last month uses up."""
    for month in part:
        wanted = [london[month] * r / max(1, sum(room)) for r in room]
        cells[line, month] = place(london[month], wanted, room)
        room = [r - c for r, c in zip(room, cells[line, month], strict=True)]
