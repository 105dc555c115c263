"""What a person sees while records are posted: a bar with rate and time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from shared import bars


@contextmanager
def progress(what: str, total: int, console: Console | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error, where that is a terminal; yields how to advance it by a number of records."""
    with bars.progress(what, console) as bar:
        bar.plan(total)
        yield bar.advance
