"""What a person sees of an import: a bar with rate and time left while it runs, and a summary when it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from local.posting.rejections import Rejections
from shared import bars

_SHOWN_REASONS = 50


@contextmanager
def progress(what: str, total: int, console: Console | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error, where that is a terminal; yields how to advance it by a number of records."""
    with bars.progress(what, console) as bar:
        bar.plan(total)
        yield bar.advance


def summary(accepted: dict[str, int], rejections: Rejections) -> str:
    """Accepted by kind, rejected, and each reason with its count and first example."""
    lines = [f"accepted: {count:,} {kind}" for kind, count in sorted(accepted.items())] or ["accepted: none"]
    lines.append(f"rejected: {rejections.records:,}")
    reasons = rejections.most_frequent()
    lines += [f"  {why.count:,} x {text} (first: {why.example})" for text, why in reasons[:_SHOWN_REASONS]]
    if len(reasons) > _SHOWN_REASONS:
        lines.append(f"  and {len(reasons) - _SHOWN_REASONS} more reasons")
    return "\n".join(lines)
