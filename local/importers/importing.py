"""What every import command does once it knows its parts: run them, tell what became of them, and end accordingly."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from local.errors import LocalError
from local.home import Home
from local.importers import report
from local.importers.checkpoints import Checkpoints
from local.importers.elements import Part
from local.importers.rehearsal import Rehearsal
from local.importers.report import About
from local.importers.running import Result, Run
from local.importers.withdrawals import Withdrawals
from local.posting.ingest_client import IngestClient
from local.settings import load_settings
from shared import bars
from shared.clock import Clock
from shared.reference import reference

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class How:
    """The options of an import that say how it is done, not what it brings."""

    dry_run: bool = False
    report: Path | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """What an import brings. `job` names it.

    `begin` is called before anything is posted, `ended` once ingest has answered for all of it. `more` is added to
    the report at the end, and `withdrawn` says what these files no longer have of what was known.
    """

    job: str
    about: About
    parts: Sequence[Part]
    begin: Callable[[], None] = lambda: None
    commit: Callable[[], None] = lambda: None
    more: Callable[[], Mapping[str, Any]] = dict
    withdrawn: Callable[[], Withdrawals] = Withdrawals
    ended: Callable[[], None] = lambda: None


def home() -> Home:
    return Home(load_settings().home)


def carry_out(wanted: Import, how: How) -> None:
    """Run it, print and write the report, and end with 1 if anything was rejected, with 130 if it was interrupted."""
    checkpoints = None if how.dry_run else Checkpoints(home().data / "imports" / f"{wanted.job}.json")
    if checkpoints and how.restart:
        checkpoints.forget()
    try:
        result = asyncio.run(_run(wanted, how, checkpoints))
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {_how_to_go_on(checkpoints)}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except LocalError as error:
        if checkpoints is None or not checkpoints.path.exists():
            raise
        raise LocalError(f"{error}; {_how_to_go_on(checkpoints)}") from error
    wanted.ended()
    _tell(wanted, how, result)
    if result.totals.rejections.records:
        raise typer.Exit(1)


async def _run(wanted: Import, how: How, checkpoints: Checkpoints | None) -> Result:
    async with AsyncExitStack() as stack:
        target: IngestClient | Rehearsal
        if how.dry_run:
            target = Rehearsal(reference(), Clock().today())
        else:
            here = home()
            target = await stack.enter_async_context(IngestClient(here.addresses().ingest, here.token()))
        wanted.begin()
        bar = stack.enter_context(bars.progress("Judging" if how.dry_run else "Importing"))
        return await Run(wanted.parts, target, bar, checkpoints, wanted.commit).finish()


def _how_to_go_on(checkpoints: Checkpoints | None) -> str:
    if checkpoints is None or not checkpoints.path.exists():
        return "the same command begins at the start"
    at = checkpoints.load()
    posted = sum(at.accepted.values()) + at.rejections.records
    return f"the same command goes on after the first {posted:,} records"


def _tell(wanted: Import, how: How, result: Result) -> None:
    more, withdrawn = wanted.more(), wanted.withdrawn()
    if how.report:
        report.write(how.report, report.document(wanted.about, result, withdrawn, **more))
    for line in report.lines(wanted.about, result, withdrawn):
        typer.echo(line)
    for name, what in more.items():
        if what:
            typer.echo(f"{name.replace('_', ' ')}: {report.told(what)}")
