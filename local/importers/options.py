"""The options that every import has."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from local.errors import LocalError
from local.importers import withdrawals
from shared.events import fields

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE|FOLDER|ZIP|URL...", help="CSV files, folders or zip archives of them, or their URLs."),
]


def _dataset(name: str) -> str:
    try:
        return msgspec.convert(name, fields.Dataset)
    except msgspec.ValidationError:
        expected = "lower-case letters, digits and hyphens are expected, at most 40, not a hyphen first"
        raise LocalError(f"--dataset {name!r}: {expected}") from None


Dataset = Annotated[str, typer.Option(help="The dataset that the records are filed under.", callback=_dataset)]
Published = Annotated[
    str | None,
    typer.Option(
        help="When this was published, YYYY-MM-DD or YYYY-MM-DDTHH:MM: of two publications the later one counts. "
        "Default: the end of the latest month that it holds. Give it for a correction that adds no month."
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Judge every record as ingest would; post nothing. Needs nothing running."),
]
Report = Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write what became of it as JSON.")]
Restart = Annotated[
    bool, typer.Option("--restart", help="Begin at the start, though an interrupted import could be gone on with.")
]
Vanished = Annotated[
    withdrawals.Vanished,
    typer.Option(
        help="What becomes of what an earlier edition had and these files, of the same months and places, no longer "
        "have. auto: it is withdrawn, but not where that is more than half of what is known, or a fifth of one place."
    ),
]
