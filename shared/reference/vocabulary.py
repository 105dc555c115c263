"""Closed vocabularies: the values that a field may take, found by id, name or another known spelling."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from shared.reference.spellings import Spellings

_SEPARATORS = re.compile(r"[\s_/\u2010-\u2015-]+")
# Spellings come from outside: without a bound, endless variants of one name would fill the memory.
_REMEMBERED_SPELLINGS = 4096
_SUGGESTIONS = 3
_LONGEST_SPELLING = 200


class Term(Protocol):
    """What every value of a vocabulary has."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


TermT = TypeVar("TermT", bound=Term)


class UnknownValue(ValueError):
    """A text that no value of a vocabulary answers to, with at most three known values that look like it."""

    def __init__(self, kind: str, value: str, nearest: tuple[str, ...]) -> None:
        self.kind = kind
        self.value = value
        self.nearest = nearest
        known = f"; nearest known: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"unknown {kind} {shown(value)}{known}")


class DuplicateSpelling(ValueError):
    """Two values of one vocabulary answer to the same spelling."""

    def __init__(self, spelling: str, first: Term, second: Term) -> None:
        self.second = second
        super().__init__(f"{spelling!r} stands for both {first.id!r} and {second.id!r}")


def short(value: str) -> str:
    """The value, cut when it is too long to be a name."""
    return value if len(value) <= _LONGEST_SPELLING else value[:_LONGEST_SPELLING] + "..."


def shown(value: str) -> str:
    """The value quoted for a message, cut when it is too long to be a name."""
    return repr(short(value))


def normalised(text: str) -> str:
    """The form in which spellings are compared: no case, one space for a run of spaces, _, / or dashes."""
    return _SEPARATORS.sub(" ", text.casefold().replace("&", " and ")).strip()


class Vocabulary(Generic[TermT]):
    """The values of one kind, in the order of their file.

    `kind` names them in messages ("area"). Raises DuplicateSpelling if two values share an id, name or alias.
    """

    def __init__(self, kind: str, terms: Iterable[TermT]) -> None:
        self.kind = kind
        self._by_id: dict[str, TermT] = {}
        self._by_form: dict[str, TermT] = {}
        for term in terms:
            self._add(term)
        # Every spelling already met, as it was written: resolving one again is a single lookup.
        self._by_spelling: dict[str, TermT] = {**self._by_form, **self._by_id}
        # A batch repeats its misspellings; each is compared once.
        self._alike = lru_cache(maxsize=_REMEMBERED_SPELLINGS)(Spellings(self._by_form).like)

    def _add(self, term: TermT) -> None:
        if term.id in self._by_id:
            raise DuplicateSpelling(term.id, self._by_id[term.id], term)
        self._by_id[term.id] = term
        for spelling in (term.id, term.name, *term.aliases):
            other = self._by_form.setdefault(normalised(spelling), term)
            if other is not term:
                raise DuplicateSpelling(spelling, other, term)

    def resolve(self, text: str, *, suggest: bool = True) -> TermT:
        """The value that `text` names, by id, name or alias in any case; UnknownValue if there is none.

        Finding suggestions takes about a millisecond: refuse them to a caller who asks for thousands.
        """
        term = self._by_spelling.get(text)
        return term if term is not None else self._resolve_new(text, suggest=suggest)

    def _resolve_new(self, text: str, *, suggest: bool) -> TermT:
        if len(text) > _LONGEST_SPELLING:
            raise UnknownValue(self.kind, text, ())
        term = self._by_form.get(normalised(text))
        if term is None:
            raise UnknownValue(self.kind, text.strip(), self.nearest(text) if suggest else ())
        if len(self._by_spelling) < _REMEMBERED_SPELLINGS:
            self._by_spelling[text] = term
        return term

    def get(self, term_id: str) -> TermT | None:
        """The value with exactly this id, or None."""
        return self._by_id.get(term_id)

    def nearest(self, text: str) -> tuple[str, ...]:
        """Names of the values spelt most like `text`, most alike first, at most three.

        Where no whole spelling is like it, those that share its words, or words like them.
        """
        names = dict.fromkeys(self._by_form[form].name for form in self._alike(normalised(text)))
        return tuple(names)[:_SUGGESTIONS]

    def __contains__(self, term_id: object) -> bool:
        return term_id in self._by_id

    def __iter__(self) -> Iterator[TermT]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)
