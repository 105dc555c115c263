"""Families: one declaration for every term of a vocabulary, with `{id}` and `{name}` filled in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.reference.tables import InconsistentReference
from shared.reference.vocabularies import Vocabularies
from shared.reference.vocabulary import Term

# For whom a family is declared, and the vocabulary's terms.
TERMS: Mapping[str, Callable[[Vocabularies], Iterable[Term]]] = {
    "offence": lambda known: known.offences,
    "offence-group": lambda known: known.offence_groups,
    "flag": lambda known: known.flags,
    "outcome": lambda known: known.outcomes,
    "call-category:crime": lambda known: [each for each in known.call_categories if each.kind == "crime"],
    "call-category:asb": lambda known: [each for each in known.call_categories if each.kind == "asb"],
    "stop-power": lambda known: known.stop_powers,
    "stop-object": lambda known: known.stop_objects,
    "stop-outcome": lambda known: known.stop_outcomes,
    "ethnicity": lambda known: known.ethnicities,
    "age-band": lambda known: known.age_bands,
    "sex": lambda known: known.sexes,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A declaration as it stands in a file."""

    file: str
    fields: dict[str, Any]

    def fault(self, message: str) -> InconsistentReference:
        """The error to raise about this entry."""
        return InconsistentReference(f"{self.file} measure {self.fields.get('id', '(without id)')!r}: {message}")


def expand(entry: Entry, known: Vocabularies) -> Iterator[Entry]:
    """A measure's entry for each term of the vocabulary `for`, but for those of `except`.

    Raises InconsistentReference for an unknown vocabulary or term, and where two terms would share an id.
    """
    fields = dict(entry.fields)
    vocabulary, left_out = fields.pop("for", None), fields.pop("except", [])
    if vocabulary not in TERMS:
        raise entry.fault(f"for: {vocabulary!r} is not one of {', '.join(TERMS)}")
    if "{id}" not in str(fields.get("id")):
        raise entry.fault("id: a family's holds {id}, so that no two measures share one")
    terms = {term.id: term for term in TERMS[vocabulary](known)}
    if unknown := sorted(set(left_out) - set(terms)):
        raise entry.fault(f"except: no {vocabulary} is {unknown[0]!r}; there are {', '.join(terms)}")
    for term_id, term in terms.items():
        if term_id not in left_out:
            yield Entry(entry.file, _filled(fields, term))


def _filled(value: Any, term: Term) -> Any:
    match value:
        case str():
            return value.replace("{id}", term.id).replace("{name}", term.name)
        case list():
            return [_filled(each, term) for each in value]
        case dict():
            return {name: _filled(each, term) for name, each in value.items()}
        case _:
            return value
