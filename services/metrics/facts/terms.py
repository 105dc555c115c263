"""Terms as the numbers that profiles hold."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

YES_NO: Mapping[bool | None, int] = {None: 0, False: 1, True: 2}
NOT_GIVEN = 0
_MOST = 100_000


class Unfit(ValueError):
    """A decoded event that cannot be counted; it belongs with the dead letters."""


class Indexed(Protocol):
    """A term with a number of its own, which stored facts hold."""

    @property
    def id(self) -> str: ...
    @property
    def index(self) -> int: ...


def indexes(vocabulary: Iterable[Indexed]) -> Mapping[str, int]:
    """Each term's number by its id."""
    return {each.id: each.index for each in vocabulary}


class Memo(dict[Any, Any]):
    """Computes what it does not hold yet. For keys of which there are few; it forgets all before it holds too many."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: Any) -> Any:
        if len(self) >= _MOST:  # texts from outside have no end of spellings
            self.clear()
        found = self[key] = self._compute(key)
        return found
