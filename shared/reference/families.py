"""Families: one declaration for every term of a vocabulary, with `{id}` and `{name}` filled in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from shared.reference.entries import Entry
from shared.reference.vocabularies import Vocabularies
from shared.reference.vocabulary import Term

MEASURES = "measure"
"""For whom a family is declared that makes of each of some measures another: its share, its rate."""
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
"""For whom families are declared, and the terms of each."""


def expand(entry: Entry, known: Vocabularies, measures: Iterable[Term]) -> Iterator[Entry]:
    """A measure's entry for each term of the vocabulary `for`: those of `only` where given, and not those of `except`.

    `measures` are those declared so far, the terms of `for = "measure"`. Raises InconsistentReference for an unknown
    vocabulary or term, and for an id that its measures would share.
    """
    fields = dict(entry.fields)
    vocabulary, only, left_out = (fields.pop(name, None) for name in ("for", "only", "except"))
    if vocabulary not in {*TERMS, MEASURES}:
        raise entry.fault(f"for: {vocabulary!r} is not one of {', '.join([*TERMS, MEASURES])}")
    if vocabulary == MEASURES and not only:
        raise entry.fault("only: is missing; name the measures that there is to be one for")
    if "{id}" not in str(fields.get("id")):
        raise entry.fault("id: a family's holds {id}, so that no two of its measures share one")
    terms = {term.id: term for term in (measures if vocabulary == MEASURES else TERMS[vocabulary](known))}
    for name, chosen in (("only", only or ()), ("except", left_out or ())):
        if unknown := [each for each in chosen if each not in terms]:
            raise entry.fault(f"{name}: no {vocabulary} {unknown[0]!r} is known; there are {', '.join(terms)}")
    for term_id in only or terms:
        if term_id not in (left_out or ()):
            yield Entry(entry.file, _filled(fields, terms[term_id]))


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
