"""Which known spellings a misspelt one is most like, so that a refusal can say what may have been meant."""

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

_SHORTLIST = 8
_SUGGESTED = 3
_ALIKE, _WORD_ALIKE = 0.6, 0.75
_SHORTEST_WORD = 4  # shorter ones (of, the, by) stand in many names and say little


class Spellings:
    """Normalised spellings: lower case, words apart by one space."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._forms = {form: _pairs(form) for form in forms}
        self._forms_of: dict[str, list[str]] = defaultdict(list)
        for form in self._forms:
            for word in dict.fromkeys(_words(form)):
                self._forms_of[word].append(form)
        self._words = {word: _pairs(word) for word in self._forms_of}

    def like(self, form: str) -> list[str]:
        """The spellings like `form`, most alike first; where none is, those that share its words or words like them."""
        return _alike(form, self._forms, _ALIKE) or self._sharing_words(form)

    def _sharing_words(self, form: str) -> list[str]:
        """By the share of their words that `form` has; a word that few have counts for more."""
        scores: dict[str, float] = {}
        for word in _words(form):
            for match in _alike(word, self._words, _WORD_ALIKE)[:1]:
                sharing = self._forms_of[match]
                for known in sharing:
                    scores[known] = scores.get(known, 0) + 1 / len(sharing) / len(known.split())
        return sorted(scores, key=lambda known: -scores[known])


def nearest_of(text: str, choices: Collection[str]) -> tuple[str, ...]:
    """The most alike of a few choices, at most three; where none is alike, all of them."""
    lower = {each.lower(): each for each in choices}
    alike = difflib.get_close_matches(text.strip().lower(), lower, n=_SUGGESTED)
    return tuple(lower[each] for each in alike) or tuple(choices)


def _words(form: str) -> list[str]:
    return [word for word in form.split() if len(word) >= _SHORTEST_WORD]


def _alike(form: str, known: Mapping[str, frozenset[str]], cutoff: float) -> list[str]:
    """The known forms spelt like this one, most alike first.

    difflib is slow, so it only ranks the few that share most pairs of letters.
    """
    wanted = _pairs(form)
    ranked = sorted(known, key=lambda each: -_overlap(wanted, known[each]))
    return difflib.get_close_matches(form, ranked[:_SHORTLIST], n=_SHORTLIST, cutoff=cutoff)


def _pairs(form: str) -> frozenset[str]:
    return frozenset(form[i : i + 2] for i in range(max(1, len(form) - 1)))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (len(a) + len(b))
