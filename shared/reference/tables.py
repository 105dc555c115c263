"""Reading the vocabularies' CSV files. Every error names its file and row (the header is row 1)."""

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from shared.reference.vocabulary import DuplicateSpelling, TermT, Vocabulary

_BOOLEANS = {"true": True, "false": False}


class InconsistentReference(ValueError):
    """Reference data that are incomplete or contradict themselves; the message names the file and the row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. Each method raises InconsistentReference if the field is not as it says."""

    file: str
    line: int
    fields: dict[str, str]

    def fault(self, message: str) -> InconsistentReference:
        """The error to raise about this row."""
        return InconsistentReference(f"{self.file} row {self.line}: {message}")

    def optional(self, column: str) -> str | None:
        """The field's text, None if it is empty."""
        try:
            return self.fields[column].strip() or None
        except KeyError:
            raise self.fault(f"column {column} is missing") from None

    def text(self, column: str) -> str:
        """The field's text, which may not be empty."""
        value = self.optional(column)
        if value is None:
            raise self.fault(f"{column} is empty")
        return value

    def optional_integer(self, column: str) -> int | None:
        """A whole number of zero or more, or None."""
        value = self.optional(column)
        if value is not None and not (value.isascii() and value.isdigit()):
            raise self.fault(f"{column} is {value!r}, not a whole number")
        return None if value is None else int(value)

    def integer(self, column: str) -> int:
        """A whole number of zero or more."""
        self.text(column)
        return self.optional_integer(column) or 0

    def boolean(self, column: str) -> bool:
        """`true` or `false`."""
        return _BOOLEANS[self.choice(column, _BOOLEANS)]

    def choice(self, column: str, allowed: Collection[str]) -> str:
        """A text that is one of `allowed`."""
        value = self.text(column)
        if value not in allowed:
            raise self.fault(f"{column} is {value!r}, not one of {', '.join(allowed)}")
        return value

    def aliases(self) -> tuple[str, ...]:
        """The spellings in the column `aliases`, which are separated by |."""
        return tuple(alias.strip() for alias in (self.optional("aliases") or "").split("|") if alias.strip())


@dataclass(frozen=True, slots=True)
class Table(Generic[TermT]):
    """A vocabulary with the row that each of its values stands in, for the messages of later checks."""

    vocabulary: Vocabulary[TermT]
    rows: dict[str, Row]

    def fault(self, term: TermT, message: str) -> InconsistentReference:
        """The error to raise about the row of `term`."""
        return self.rows[term.id].fault(message)


def read_table(path: Path, kind: str, build: Callable[[Row], TermT]) -> Table[TermT]:
    """The vocabulary that a file holds, each row made a term by `build`."""
    rows: dict[str, Row] = {}
    terms: list[TermT] = []
    for row in _rows(path):
        term = build(row)
        if term.id in rows:
            raise row.fault(f"{term.id!r} stands in row {rows[term.id].line} already")
        rows[term.id] = row
        terms.append(term)
    if not terms:
        raise InconsistentReference(f"{path.name} row 1: the file has no rows")
    try:
        return Table(Vocabulary(kind, terms), rows)
    except DuplicateSpelling as clash:
        raise rows[clash.second.id].fault(str(clash)) from clash


def _rows(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, restkey="")
            for fields in reader:
                row = Row(path.name, reader.line_num, fields)
                if "" in fields or None in fields.values():
                    raise row.fault("there are not as many fields as columns")
                yield row
    except OSError as error:
        raise InconsistentReference(f"{path.name} row 1: cannot be read: {error.strerror}") from error
