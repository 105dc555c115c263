"""Writes docs/asyncapi.json and docs/schemas/: `python -m shared.events.document`."""

import json
from pathlib import Path
from typing import Any

from shared.events.asyncapi import asyncapi
from shared.events.schemas import event_schemas

DOCS = Path(__file__).parents[2] / "docs"


def documents() -> dict[str, str]:
    """Every generated file's text, by its path under docs/."""
    found = {f"schemas/{name}.json": schema for name, schema in event_schemas().items()}
    return {path: _text(document) for path, document in {"asyncapi.json": asyncapi(), **found}.items()}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    for name, text in documents().items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
