"""How a child that chooses its own port tells the supervisor: a small file, there only once it serves."""

from pathlib import Path


def announce(place: Path, address: str) -> None:
    """Write `address` (`host:port`) in one step."""
    partial = place.with_name(f"{place.name}.partial")
    partial.write_text(address)
    partial.replace(place)


def announced(place: Path) -> str | None:
    """None once an address stands in `place`, else what is missing."""
    return None if place.exists() else "it has not said where it listens"
