"""`oversight dead-letters list|show|replay|drop|resume`."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.dead_letters.drop import drop, drop_all
from local.dead_letters.letters import DeadLetter, open_box
from local.dead_letters.replay import replay
from local.dead_letters.resume import resume
from local.errors import LocalError
from local.home import Home
from local.settings import load_settings
from shared.events.topics import ALL_TOPICS

_PIPED_WIDTH = 1000
_COLUMNS = ("topic", "partition", "offset", "since", "consumer", "source", "key", "reason")
Topic = Annotated[
    str | None,
    typer.Option(help=f"Only what was published to this topic: {', '.join(ALL_TOPICS)}. Default: every one."),
]
NamedTopic = Annotated[str, typer.Argument(help="As `dead-letters list` names it.")]


def list_dead_letters(
    topic: Topic = None,
    everything: Annotated[bool, typer.Option("--all", help="Those replayed or dropped, too.")] = False,
) -> None:
    """List what was put aside because no service could read or count it: where it lies, why, since when."""
    letters = asyncio.run(_letters(_kafka(), _chosen(topic), everything))
    if not letters:
        typer.echo("No dead letters.")
        return
    table = Table(*_COLUMNS, *(["done"] if everything else []), box=None)
    for letter in letters:
        table.add_row(*map(escape, _row(letter)), *([escape(str(letter.mark or ""))] if everything else []))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def show_dead_letter(
    topic: NamedTopic,
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
) -> None:
    """Show one dead letter: its headers, its key and its value, byte for byte where they are text."""
    letter = asyncio.run(_letter(_kafka(), _chosen(topic)[0], partition, offset))
    if letter.mark:
        typer.echo(f"done: {letter.mark}")
    for name, text in letter.headers:
        typer.echo(f"{name}: {_text(text)}")
    typer.echo(f"key: {_text(letter.key)}\n\n{_text(letter.value)}")


def replay_dead_letters(topic: Topic = None) -> None:
    """Publish the dead letters again, to the topics they came from; each once. What is still wrong comes back."""
    count = asyncio.run(replay(_kafka(), _chosen(topic)))
    typer.echo(f"Replayed {_letters_of(count)}.")


def drop_dead_letters(
    topic: NamedTopic,
    because: Annotated[str, typer.Option(help="Why they may be forgotten; kept with them.")],
    partition: Annotated[int | None, typer.Argument(min=0)] = None,
    offsets: Annotated[list[int] | None, typer.Argument(min=0, metavar="OFFSET...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are listed for the topic.")] = False,
) -> None:
    """Have dead letters forgotten: they are listed and replayed no more. `list --all` still shows them."""
    chosen = _chosen(topic)[0]
    if everything == bool(offsets) or (everything and partition is not None):
        raise LocalError("name a partition and the offsets of the dead letters, or write --all")
    if not because.strip():
        raise LocalError("--because is empty: say why they may be forgotten")
    if everything or partition is None:
        count = asyncio.run(drop_all(_kafka(), chosen, because))
    else:
        count = asyncio.run(drop(_kafka(), chosen, partition, offsets or [], because))
    typer.echo(f"Dropped {_letters_of(count)}.")


def resume_consumers(topic: NamedTopic) -> None:
    """Have consumers that halted on a topic put aside whatever they cannot read of what stands in it now."""
    chosen = _chosen(topic)[0]
    ends = asyncio.run(resume(_kafka(), chosen))
    places = ", ".join(f"{partition}: {end:,}" for partition, end in ends.items())
    typer.echo(f"Consumers of {chosen} go on within some seconds. No limit holds up to offset (by partition) {places}.")


def _row(letter: DeadLetter) -> Sequence[str]:
    about = (letter.about("at"), letter.about("consumer"), letter.source, _text(letter.key), letter.about("reason"))
    return letter.topic, str(letter.partition), str(letter.offset), *about


async def _letters(kafka: str, topics: Sequence[str], everything: bool) -> list[DeadLetter]:
    async with open_box(kafka, topics) as box:
        return [letter async for letter in box.letters(everything=everything)]


async def _letter(kafka: str, topic: str, partition: int, offset: int) -> DeadLetter:
    async with open_box(kafka, [topic]) as box:
        return await box.letter(topic, partition, offset)


def _kafka() -> str:
    """The broker that the environment names, as it does in a container; else that of the stack that runs here."""
    settings = load_settings()
    return settings.kafka or Home(settings.home).addresses().kafka


def _chosen(topic: str | None) -> Sequence[str]:
    if topic is None:
        return ALL_TOPICS
    if topic not in ALL_TOPICS:
        raise LocalError(f"{topic!r} is not a topic; known: {', '.join(ALL_TOPICS)}")
    return [topic]


def _letters_of(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count:,} dead letters"


def _text(content: bytes | None) -> str:
    return "(none)" if content is None else content.decode(errors="backslashreplace")
