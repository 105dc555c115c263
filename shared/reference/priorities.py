"""The boroughs' local priorities, read from priorities.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shared.reference.tables import InconsistentReference
from shared.reference.terms import Area, Priority
from shared.reference.vocabulary import Vocabulary

_CHOSEN_BY_A_BOROUGH = 2


def read_priorities(path: Path, areas: Vocabulary[Area]) -> Mapping[str, tuple[Priority, ...]]:
    """Each borough's priorities by its area id, in the order of the file.

    Raises InconsistentReference, naming the file and the entry, for an area that is not a borough or stands
    there twice, and for a borough without exactly two priorities besides the additional ones.
    """
    found: dict[str, tuple[Priority, ...]] = {}
    for number, entry in enumerate(_entries(path), 1):
        place = f"{path.name} borough {number}"
        area_id = str(entry.get("area"))
        area = areas.get(area_id)
        if area is None or area.kind != "borough":
            raise InconsistentReference(f"{place}: area {area_id!r} is not a borough")
        if area_id in found:
            raise InconsistentReference(f"{place}: {area.name} stands there twice")
        found[area_id] = _priorities(entry, f"{place} ({area.name})")
    return MappingProxyType(found)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        return list(tomllib.loads(path.read_text(encoding="utf-8"))["borough"])
    except OSError as error:
        raise InconsistentReference(f"{path.name}: cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise InconsistentReference(f"{path.name}: {error}") from error
    except KeyError as error:
        raise InconsistentReference(f"{path.name}: no [[borough]] stands in it") from error


def _priorities(entry: dict[str, Any], place: str) -> tuple[Priority, ...]:
    priorities = tuple(_priority(item, place) for item in entry.get("priorities", ()))
    chosen = sum(not priority.additional for priority in priorities)
    if chosen != _CHOSEN_BY_A_BOROUGH:
        raise InconsistentReference(f"{place}: chosen priorities: {chosen}, not {_CHOSEN_BY_A_BOROUGH}")
    if len({priority.measure for priority in priorities}) != len(priorities):
        raise InconsistentReference(f"{place}: has two priorities on the same measure")
    return priorities


def _priority(item: dict[str, Any], place: str) -> Priority:
    try:
        return Priority(str(item["title"]), str(item["measure"]), bool(item.get("additional", False)))
    except KeyError as missing:
        raise InconsistentReference(f"{place}: a priority has no {missing.args[0]}") from missing
