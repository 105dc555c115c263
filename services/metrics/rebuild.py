"""`python -m services.metrics.rebuild`: counting again from the log; settings -> resources -> one rebuild."""

import asyncio
import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.metrics.consumer import KINDS, layouts, readers
from services.metrics.rebuilding import Choices, Lossy, Rebuild, Report
from services.metrics.settings import CountingSettings
from services.metrics.store import connect
from shared.bars import Bar, progress
from shared.errors import OversightError
from shared.kafka import open_log
from shared.reference import reference_with

FAILED, LOSSY, DIFFERENT = 1, 3, 4
_PIPED_WIDTH = 200


def rebuild(
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on where the log no longer holds what was counted.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Swap only if all of the new counts are seen to equal the old ones.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds for which readers that are half way still find the old counts.")
    ] = 5,
) -> None:
    """Count everything anew from the record topics, compare, and put the new counts in the place of the old ones.

    Queries go on meanwhile. Interrupted, it leaves the counts as they were. It ends with 0; 1 if it failed; 3 if the
    log does not hold everything that was counted; 4 if --check found differences, or could not compare every partition:
    then nothing was swapped.
    """
    settings = CountingSettings()
    choices = Choices(accept_loss, check, grace, settings.batch_records)
    try:
        with progress("Counting again") as bar:
            report = asyncio.run(_run(settings, choices, bar))
    except Lossy as error:
        if as_json:
            typer.echo(msgspec.json.encode({"swapped": False, "missing": error.missing}).decode())
        _stop(error, LOSSY)
    except OversightError as error:
        _stop(error, FAILED)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        _tell(report)
    if not report.swapped:
        raise typer.Exit(DIFFERENT)


def _stop(error: OversightError, code: int) -> None:
    typer.echo(f"oversight: {error.detail}", err=True)
    raise typer.Exit(code)


async def _run(settings: CountingSettings, choices: Choices, bar: Bar) -> Report:
    known, redis = reference_with(settings.measures_file), connect(settings.redis_url)
    try:
        async with open_log(settings.kafka, tuple(KINDS), headers=False) as log:
            work = Rebuild(redis, log, readers(known), layouts(known), choices, bar.plan, bar.advance)
            return await work.run()
    finally:
        await redis.aclose()


def _tell(report: Report) -> None:
    for each in report.missing:
        typer.echo(f"missing: {each.topic}-{each.partition}: {each.records:,} records, {each.reason}")
    if report.differences:
        table = Table("dataset", "month", "measure", "old", "new", box=None)
        for difference in report.differences:
            texts = (difference.dataset, difference.month, difference.measure)
            table.add_row(*map(escape, texts), f"{difference.old:,}", f"{difference.new:,}")
        Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)
    typer.echo("\n".join(summary(report)))


def summary(report: Report) -> list[str]:
    """Counted, compared and what is served now, a line each."""
    equal = f"{len(report.differences):,} differences" if report.differences else "equal"
    return [
        f"counted: {report.records:,} records, {report.unfit:,} that cannot be counted",
        f"compared: {equal}, in {report.compared} of {report.partitions} partitions that stood at the same place",
        f"served: generation {report.generation}, {report.behind:,} records to be read again"
        if report.swapped
        else f"served: still generation {report.replaced}",
    ]


if __name__ == "__main__":
    typer.run(rebuild)
