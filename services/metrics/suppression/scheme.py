"""How the sensitive counts hang together, by the flags that they ask about. Pure.

A *strand* counts the crimes with one flag. A *family* is a whole and the strands that it is all of, as hate crime is of
its strands; what is told of the one tells of the others. Counts *within* another have flags that imply its own.
Any other *union* of flags holds strands among other things, which are published: it is told where these are.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from services.metrics.suppression.nesting import Implied
from shared.reference.measures import Measure
from shared.reference.tags import FLAGGED, flag_tag

_FLAG = flag_tag("")


class Family(NamedTuple):
    """Ids of counts: each crime of `whole` is of some of the `strands`, all of theirs are its own; or one strand."""

    whole: str | None
    strands: tuple[str, ...]


class Scheme(NamedTuple):
    """Each sensitive count once, by its id. `within`: what lies in each next, from the widest down.

    `unions`: what each is withheld with; `untold`: told of London alone.
    """

    families: list[Family]
    within: Mapping[str, tuple[str, ...]]
    unions: Mapping[str, tuple[str, ...]]
    untold: list[str]


def scheme_of(counts: Iterable[Measure], implied: Implied) -> Scheme:
    """Of these counts, no two of which count the same."""
    held = list(counts)
    first: dict[str, _Key] = {}
    for each in held:
        first.setdefault(each.dated, _base(each))
    # Counts of the same days that ask for more or for other things would tell of the first by what they share with it.
    apart = [_Base([each for each in held if _base(each) == base], implied) for base in first.values()]
    found = [each.scheme() for each in apart]
    return Scheme(
        list(chain.from_iterable(each.families for each in found)),
        {name: inner for each in found for name, inner in each.within.items()},
        {name: concerned for each in found for name, concerned in each.unions.items()},
        [
            *(each.id for each in held if _base(each) != first[each.dated]),
            *chain.from_iterable(each.untold for each in found),
        ],
    )


_Key = tuple[str, str, frozenset[str]]


def _base(measure: Measure) -> _Key:
    """All that it asks but for flags."""
    return measure.dated, measure.weight, frozenset(each for each in measure.all if not _is_flag(each))


def _is_flag(tag: str) -> bool:
    return tag.startswith(_FLAG) or tag == FLAGGED


class _Base:
    """The counts of one base."""

    def __init__(self, counts: Sequence[Measure], implied: Implied) -> None:
        self.counts, self._implied = counts, implied
        self._flags = {each.id: flag for each in counts if (flag := self._flag(each))}
        self._singles = {flag: name for name, flag in self._flags.items()}
        self._ways = {each.id: ways for each in counts if each.id not in self._flags and (ways := self._of(each))}

    def scheme(self) -> Scheme:
        families = self._families()
        wholes = {each.whole for each in families}
        unions = {name: self._concerned(ways, families) for name, ways in self._ways.items() if name not in wholes}
        within = {flag: inner for flag in self._widest_first if (inner := self._next_within(flag))}
        told = {*self._flags, *wholes, *(name for name, concerned in unions.items() if concerned)}
        return Scheme(
            families,
            {self._singles[flag]: tuple(map(self._singles.__getitem__, inner)) for flag, inner in within.items()},
            {name: concerned for name, concerned in unions.items() if concerned},
            [each.id for each in self.counts if each.id not in told],
        )

    def _families(self) -> list[Family]:
        """The largest unions of strands alone, and each strand that is in none."""
        found: list[Family] = []
        left = list(self._roots)
        for name, ways in sorted(self._ways.items(), key=lambda item: -len(item[1])):
            if len(ways) > 1 and ways <= {*left}:
                found.append(Family(name, tuple(self._singles[flag] for flag in left if flag in ways)))
                left = [flag for flag in left if flag not in ways]
        return [*found, *(Family(None, (self._singles[flag],)) for flag in left)]

    def _concerned(self, ways: frozenset[str], families: Sequence[Family]) -> tuple[str, ...]:
        """The whole of a family that the union holds whole, and else each count of one of its flags."""
        held = [each for each in families if each.whole and self._ways[each.whole] <= ways]
        covered = {flag for each in held for flag in self._ways[str(each.whole)]}
        alone = [
            self._singles[flag] for flag in sorted(ways) if flag in self._singles and self._root(flag) not in covered
        ]
        return (*(str(each.whole) for each in held), *alone)

    @property
    def _widest_first(self) -> list[str]:
        return sorted(self._singles, key=lambda flag: len(self._implied[flag]))

    def _next_within(self, flag: str) -> list[str]:
        return [other for other in self._singles if self._next_around(other) == flag]

    def _next_around(self, flag: str) -> str | None:
        """The narrowest of the other flags that this one implies and that are counted."""
        around = (self._singles.keys() & self._implied[flag]) - {flag}
        return max(around, key=lambda each: len(self._implied[each]), default=None)

    @property
    def _roots(self) -> list[str]:
        return [flag for flag in self._singles if self._root(flag) == flag]

    def _root(self, flag: str) -> str:
        """The widest of the flags that this one implies and that are counted; itself, if none is."""
        return min(self._singles.keys() & self._implied[flag], key=lambda each: len(self._implied[each]), default=flag)

    def _flag(self, measure: Measure) -> str | None:
        """The one flag of the crimes that it counts; None if it asks for more, for less or for others."""
        asked = {each for each in measure.all if each.startswith(_FLAG)} | (
            measure.any if len(measure.any) == 1 else set()
        )
        narrow = [flag for flag in asked & self._implied.keys() if asked <= self._implied[flag]]
        return narrow[0] if narrow and not measure.none and len(measure.any) < 2 else None

    def _of(self, measure: Measure) -> frozenset[str] | None:
        """The ways to be counted in a union of flags and of other things; None if it is no such union."""
        if measure.none or any(each.startswith(_FLAG) for each in measure.all):
            return None
        if measure.any and FLAGGED in measure.all:
            return None
        ways = measure.any | self._implied.keys() if FLAGGED in measure.tags else measure.any
        return frozenset(way for way in ways if not (self._implied.get(way, frozenset()) & ways) - {way}) or None
