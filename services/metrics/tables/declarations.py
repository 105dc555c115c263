"""The tables as they are declared: a TOML file each, checked as they are read."""

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec

from services.metrics.tables.layouts import AnySection, Undeclared
from shared.reference import InconsistentReference, Reference, Vocabulary
from shared.reference.vocabulary import DuplicateSpelling

Kind = Literal["crime", "call", "stop", "indicator"]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table. `shows` says what, in a sentence; `of` is the kind of record whose data say where it ends by itself.

    `ends_on` is the last day with data, or that of the last whole quarter. `areas`: any one, London alone, or London
    for all boroughs and a borough for its own rows.
    """

    id: str
    order: int
    title: str
    shows: str
    of: Kind
    ends_on: Literal["day", "quarter"] = "quarter"
    areas: Literal["any", "london", "boroughs"] = "any"
    caveats: tuple[str, ...] = ()
    sections: tuple[AnySection, ...]

    @property
    def name(self) -> str:
        return self.title

    @property
    def aliases(self) -> tuple[str, ...]:
        return ()


def declared(known: Reference) -> Vocabulary[Table]:
    """The tables of `declared/`."""
    folder = files("services.metrics.tables") / "declared"
    return read_tables((each for each in folder.iterdir() if each.name.endswith(".toml")), known)


def read_tables(paths: Iterable[Traversable], known: Reference) -> Vocabulary[Table]:
    """The tables of these files, in their order. InconsistentReference names the file and field of what is wrong."""
    tables = [_read(path.name, path.read_text(encoding="utf-8"), known) for path in paths]
    try:
        return Vocabulary("table", sorted(tables, key=lambda each: (each.order, each.id)))
    except DuplicateSpelling as clash:
        raise InconsistentReference(f"{clash.second.id}.toml: {clash}") from clash


def _read(file: str, text: str, known: Reference) -> Table:
    try:
        table = msgspec.convert(tomllib.loads(text), Table)
        _check(table, file, known)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, Undeclared) as error:
        raise InconsistentReference(f"{file}: {error}") from error
    return table


def _check(table: Table, file: str, known: Reference) -> None:
    if file != f"{table.id}.toml":
        raise Undeclared(f"id: {table.id!r} stands in a file of another name; call it {table.id}.toml")
    ids = [section.id for section in table.sections]
    if not ids or len(set(ids)) < len(ids) or (len(ids) > 1 and "" in ids):
        raise Undeclared("sections: at least one, and of several each with an id of its own")
    for number, section in enumerate(table.sections):
        try:
            section.check(known)
        except Undeclared as error:
            raise Undeclared(f"sections[{number}] {section.id}: {error}".replace(" : ", ": ")) from error
