"""The options that every import has."""

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE|FOLDER|ZIP|URL...", help="CSV files, folders or zip archives of them, or their URLs."),
]
Dataset = Annotated[str, typer.Option(help="The dataset that the records are filed under.")]
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
