"""What every section declares, whatever its layout."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from services.metrics.tables.origins import Origins
from services.metrics.tables.parts import Asks, Difference, Found, Scope
from shared.reference import Reference


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="layout"):
    """A part of a table. `id` is needed where a table has several; `note` is shown with it."""

    id: str = ""
    title: str = ""
    note: str = ""

    def check(self, known: Reference) -> None:
        """Raises Undeclared, naming the field, for what is not declared or cannot be."""

    def asks(self, scope: Scope) -> Asks:
        """What the section is made of: what was posted, unless it says otherwise."""
        del scope
        return Asks(posted=True)

    def origins(self, scope: Scope, found: Found, line: Mapping[str, Any]) -> Origins:
        """How the figures of a line of the section's part came about, by their column."""
        raise NotImplementedError

    def sums(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Difference]:
        """Each figure that is printed as the sum of others, against what they come to; equal ones, too.

        The rows are all of the section's. A figure that is not known is null, and what rests on it is left out.
        """
        del rows
        return ()

    def posted(self, known: Reference) -> list[str]:
        """The indicators whose latest figure says where the table ends by itself."""
        del known
        return []
