"""The run of an import: its parts' elements posted in stretches, and after each it is written down how far it came."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol

from local.importers.checkpoints import Checkpoint, Checkpoints
from local.importers.elements import Element, Kept, Part, Refusal
from local.posting.ingest_client import Totals
from local.posting.items import Item, Postable
from shared.bars import Bar

STRETCH = 20_000


class Target(Protocol):
    """What takes the items: a client of ingest, or a rehearsal of it."""

    totals: Totals

    async def send(self, items: Iterable[Postable], done: Callable[[int], None] = ...) -> Totals: ...


class _Placed(NamedTuple):
    """An element, and the checkpoint's place after it."""

    part: int
    element: int
    what: Element


@dataclass(slots=True)
class Result:
    """What became of an import. `resumed_after`: elements that an earlier run had done already."""

    totals: Totals
    kept: Counter[str]
    resumed_after: int = 0
    posting_seconds: float = 0.0


@dataclass(slots=True)
class Run:
    """An import of `parts` into `target`.

    `commit` is called before each stretch is posted, for what must not be behind it on disk. `checkpoints` is None
    where nothing is to be remembered.
    """

    parts: Sequence[Part]
    target: Target
    bar: Bar
    checkpoints: Checkpoints | None = None
    commit: Callable[[], None] = lambda: None
    stretch: int = STRETCH
    result: Result = field(init=False)

    async def finish(self) -> Result:
        """Go on from the checkpoint to the end, and forget it. An interruption, whatever it is, leaves it."""
        start = self.checkpoints.load() if self.checkpoints else Checkpoint()
        self._begin(start)
        placed = self._elements(start)
        while chunk := list(islice(placed, self.stretch)):
            self._plan()  # a part whose size follows from those before it may have it only now
            await self._take(chunk)
            self._remember(chunk[-1])
        self.commit()
        if self.checkpoints:
            self.checkpoints.forget()
        return self.result

    def _begin(self, start: Checkpoint) -> None:
        self.target.totals = Totals(Counter(start.accepted), start.rejections)
        self.result = Result(self.target.totals, Counter(start.kept))
        self.result.resumed_after = sum(part.size() for part in self.parts[: start.part]) + start.element
        self._plan()
        self.bar.advance(self.result.resumed_after)

    def _plan(self) -> None:
        self.bar.plan(sum(part.size() for part in self.parts))

    def _elements(self, start: Checkpoint) -> Iterator[_Placed]:
        for number, part in enumerate(self.parts[start.part :], start.part):
            # What is done already is read again, for identities depend on the rows before, but not posted.
            done = start.element if number == start.part else 0
            for place, element in enumerate(islice(part.read(), done, None), done + 1):
                yield _Placed(number, place, element)

    async def _take(self, chunk: Sequence[_Placed]) -> None:
        items = [each.what for each in chunk if isinstance(each.what, Item)]
        # Before it is posted: what is posted and then forgotten by a crash could not be changed later on.
        self.commit()
        began = time.perf_counter()
        totals = await self.target.send(items, self.bar.advance)
        self.result.posting_seconds += time.perf_counter() - began
        for _part, _place, element in chunk:
            if isinstance(element, Refusal):
                totals.rejections.add(element.errors, element.place, element.records)
            elif isinstance(element, Kept):
                self.result.kept[element.kind] += 1
        self.bar.advance(len(chunk) - len(items))

    def _remember(self, last: _Placed) -> None:
        if self.checkpoints:
            totals = self.result.totals
            kept = dict(self.result.kept)
            checkpoint = Checkpoint(last.part, last.element, dict(totals.accepted), kept, totals.rejections)
            self.checkpoints.save(checkpoint)
