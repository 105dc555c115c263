"""A bar with rate and time left, for whoever waits at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="cyan")


class Bar(NamedTuple):
    """`plan` says how much there is to do in all, `advance` how much more has been done."""

    plan: Callable[[int], None]
    advance: Callable[[int], None]


@contextmanager
def progress(what: str, console: Console | None = None) -> Iterator[Bar]:
    """Show a bar on standard error, where that is a terminal."""
    console = console or Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield Bar(lambda total: bar.update(task, total=total), lambda done: bar.advance(task, done))
