"""`oversight dead-letters list|show|replay`."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.dead_letters.letters import DeadLetter, open_box
from local.dead_letters.replay import replay
from local.errors import LocalError
from local.home import Home
from local.settings import load_settings
from shared.events.topics import ALL_TOPICS

_PIPED_WIDTH = 1000
Topic = Annotated[
    str | None,
    typer.Option(help=f"Only what was published to this topic: {', '.join(ALL_TOPICS)}. Default: every one."),
]


def list_dead_letters(
    topic: Topic = None,
    everything: Annotated[bool, typer.Option("--all", help="Those already replayed too.")] = False,
) -> None:
    """List what was put aside because no service could read or count it: where it lies, why, since when."""
    letters = asyncio.run(_letters(_kafka(), _chosen(topic), everything))
    if not letters:
        typer.echo("No dead letters.")
        return
    table = Table("topic", "partition", "offset", "since", "consumer", "key", "reason", box=None)
    for letter in letters:
        place = (letter.topic, str(letter.partition), str(letter.offset))
        about = (letter.about("at"), letter.about("consumer"), _text(letter.key), letter.about("reason"))
        table.add_row(*map(escape, (*place, *about)))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def show_dead_letter(
    topic: Annotated[str, typer.Argument(help="As `dead-letters list` names it.")],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
) -> None:
    """Show one dead letter: its headers, its key and its value, byte for byte where they are text."""
    letter = asyncio.run(_letter(_kafka(), _chosen(topic)[0], partition, offset))
    for name, text in letter.headers:
        typer.echo(f"{name}: {_text(text)}")
    typer.echo(f"key: {_text(letter.key)}\n\n{_text(letter.value)}")


def replay_dead_letters(topic: Topic = None) -> None:
    """Publish the dead letters again, to the topics they came from; each once. What is still wrong comes back."""
    count = asyncio.run(replay(_kafka(), _chosen(topic)))
    typer.echo(f"Replayed {count:,} dead letters.")


async def _letters(kafka: str, topics: Sequence[str], everything: bool) -> list[DeadLetter]:
    async with open_box(kafka, topics) as box:
        return [letter async for letter in box.letters(everything=everything)]


async def _letter(kafka: str, topic: str, partition: int, offset: int) -> DeadLetter:
    async with open_box(kafka, [topic]) as box:
        return await box.letter(topic, partition, offset)


def _kafka() -> str:
    return Home(load_settings().home).addresses().kafka


def _chosen(topic: str | None) -> Sequence[str]:
    if topic is None:
        return ALL_TOPICS
    if topic not in ALL_TOPICS:
        raise LocalError(f"{topic!r} is not a topic; known: {', '.join(ALL_TOPICS)}")
    return [topic]


def _text(content: bytes) -> str:
    return content.decode(errors="backslashreplace")
