"""`python -m services.metrics.preview`: when alert rules would have fired; settings -> resources -> one replay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from services.metrics.consumer import layouts
from services.metrics.judging import Judges
from services.metrics.periods import FIRST_DAY, LAST_DAY, Window
from services.metrics.previewing import Every, Turned, periods_of, preview
from services.metrics.queries import Queries
from services.metrics.rules import InvalidRules, Rule, read_rules
from services.metrics.settings import AnsweringSettings
from services.metrics.store import Reader, connect
from services.metrics.suppression import Rule as SuppressionRule
from services.metrics.suppression import Suppression
from shared.bars import progress
from shared.clock import Clock
from shared.errors import OversightError
from shared.reference import Reference, reference_with
from shared.reference.register import read_register

_FAILED = 1
_UNKNOWN = "rule {!r}: when records came in is not kept; they count as come in on the day after theirs"
_EMPTY = "rule {!r}: the dataset {!r} holds nothing of {}; --dataset names another"


def preview_command(
    file: Annotated[Path, typer.Argument(help="Alert rules, in TOML.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day replayed.")],
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; yesterday unless given.")
    ] = None,
    every: Annotated[str, typer.Option(help="day, week or month: how often the rules are evaluated.")] = "week",
    dataset: Annotated[str | None, typer.Option(help="In the place of the datasets that the rules name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")] = False,
) -> None:
    """Replay history and show in which weeks alert rules would have been raised and cleared. Nothing is told.

    The figures are those that are known today, of the days up to each week's end. The rules are as if put in force on
    the first day: one that is met already is raised in the first week. It ends with 1 if it failed.
    """
    try:
        yesterday = Clock().today() - timedelta(days=1)
        span = _span(first.date(), last.date() if last else yesterday, yesterday)
        rules = file.read_text(encoding="utf-8")
        turned, notes = asyncio.run(_run(AnsweringSettings(), rules, span, _every(every), dataset))
    except (OversightError, InvalidRules, OSError) as error:
        typer.echo(f"oversight: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    for each in turned:
        typer.echo(msgspec.json.encode(each.json()).decode() if as_json else line(each))
    if not turned and not as_json:
        typer.echo(f"no rule would have fired between {span.first} and {span.last}")


def _span(first: date, last: date, yesterday: date) -> Window:
    if last > yesterday:
        raise InvalidRules(f"--to: {last} is not over; the last day that can be replayed is {yesterday}")
    if not FIRST_DAY <= first <= last <= LAST_DAY:
        raise InvalidRules(f"--from: {first} to {last} is no span of days between {FIRST_DAY} and {LAST_DAY}")
    return Window(first, last)


def _every(text: str) -> Every:
    for each in ("day", "week", "month"):
        if text == each:
            return each
    raise InvalidRules(f"--every: {text!r} is not one of day, week, month")


async def _run(
    settings: AnsweringSettings, text: str, span: Window, every: Every, dataset: str | None
) -> tuple[Sequence[Turned], list[str]]:
    known, redis = reference_with(settings.measures_file), connect(settings.redis_url)
    rules = read_rules(text, known)
    if dataset:
        rules = tuple(msgspec.structs.replace(each, datasets=(dataset,)) for each in rules)
    suppression = Suppression(known, SuppressionRule(settings.suppress_below, settings.suppress_period))
    register = read_register(known, settings.register_file)
    try:
        queries = Queries(Reader(redis, layouts(known)), Clock(), known, register, suppression)
        periods = periods_of(span, every)
        with progress("Replaying") as bar:
            bar.plan(len(periods))
            turned = await preview(Judges(queries, known), rules, periods, bar.advance)
            return turned, [note async for note in _notes(rules, queries, known)]
    finally:
        await redis.aclose()


async def _notes(rules: Sequence[Rule], queries: Queries, known: Reference) -> AsyncIterator[str]:
    """What has to be known of the replay: what it cannot know, and rules that had nothing to look at."""
    for rule in rules:
        if rule.kind == "late":
            yield _UNKNOWN.format(rule.id)
        measure = known.measures.resolve(rule.measure)
        for dataset in rule.datasets:
            if await queries.begins(queries.reach_of(measure), dataset) is None:
                yield _EMPTY.format(rule.id, dataset, measure.id)


def line(turned: Turned) -> str:
    """When, what and why, for a person."""
    state = "raised " if turned.is_open else "cleared"
    rule, at = turned.judged.rule, turned.judged.at
    period = f"{turned.period.first} to {turned.period.last}"
    return f"{period}  {state}  {rule.id}  {at.on.dataset}  {turned.judged.judgement.text}"


if __name__ == "__main__":
    app = typer.Typer(add_completion=False)
    app.command()(preview_command)
    app(prog_name="oversight rules preview")
