"""What a person sees of an import: a bar with rate and time left while it runs, and a summary when it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from local.posting.rejections import Rejections

_SHOWN_REASONS = 50


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="cyan")


@contextmanager
def progress(what: str, total: int, console: Console | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error, where that is a terminal; yields how to advance it by a number of records."""
    console = console or Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda records: bar.advance(task, records)


def summary(accepted: dict[str, int], rejections: Rejections) -> str:
    """Accepted by kind, rejected, and each reason with its count and first example."""
    lines = [f"accepted: {count:,} {kind}" for kind, count in sorted(accepted.items())] or ["accepted: none"]
    lines.append(f"rejected: {rejections.records:,}")
    reasons = rejections.most_frequent()
    lines += [f"  {why.count:,} x {text} (first: {why.example})" for text, why in reasons[:_SHOWN_REASONS]]
    if len(reasons) > _SHOWN_REASONS:
        lines.append(f"  and {len(reasons) - _SHOWN_REASONS} more reasons")
    return "\n".join(lines)
