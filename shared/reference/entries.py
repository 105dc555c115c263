"""A measure or a family of them as it stands in a file."""

from dataclasses import dataclass
from typing import Any

from shared.reference.tables import InconsistentReference


@dataclass(frozen=True, slots=True)
class Entry:
    """A [[measure]], or a [[family]]: a declaration with the file's defaults filled in."""

    file: str
    fields: dict[str, Any]
    is_family: bool = False

    def fault(self, message: str) -> InconsistentReference:
        """The error to raise about this entry."""
        return InconsistentReference(f"{self.file} measure {self.fields.get('id', '(without id)')!r}: {message}")
