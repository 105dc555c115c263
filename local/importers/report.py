"""What an import tells when it ends: lines for a person, and one JSON object for a machine."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from local.errors import LocalError
from local.importers.running import Result
from local.importers.withdrawals import Withdrawals
from local.posting.rejections import Rejections

_SHOWN = 50


class File(msgspec.Struct, frozen=True):
    """A file of an import. `months`: first and last; `missing_months`: those between them that it has nothing of."""

    name: str
    shape: str
    rows: int
    months: tuple[str, ...] = ()
    missing_months: tuple[str, ...] = ()
    notes: Mapping[str, Any] = {}


class About(msgspec.Struct, frozen=True):
    """Which import it was."""

    command: str
    dataset: str
    files: tuple[File, ...]
    dry_run: bool = False


def file_of(name: str, shape: str, rows: int, months: Iterable[str], **notes: Any) -> File:
    known = sorted(months)
    ends = (known[0], known[-1]) if known else ()
    return File(name, shape, rows, ends, missing_months(known), {key: value for key, value in notes.items() if value})


def missing_months(months: Iterable[str]) -> tuple[str, ...]:
    """Of months (YYYY-MM), those that lie between the first and the last and are not among them."""
    numbers = {int(month[:4]) * 12 + int(month[5:]) - 1 for month in months}
    gaps = set(range(min(numbers), max(numbers))) - numbers if numbers else set()
    return tuple(f"{each // 12:04d}-{each % 12 + 1:02d}" for each in sorted(gaps))


def document(about: About, result: Result, withdrawn: Withdrawals, **more: Any) -> dict[str, Any]:
    """The report. Its fields stand in docs/importing.md."""
    rejections = result.totals.rejections
    return {
        "command": about.command,
        "dataset": about.dataset,
        "dry_run": about.dry_run,
        "files": about.files,
        "accepted": dict(sorted(result.totals.accepted.items())),
        "kept": dict(result.kept),
        "rejected": rejections.records,
        "reasons": [
            {"reason": text, "count": why.count, "first": why.example} for text, why in rejections.most_frequent()
        ],
        "unknown": [
            {"field": each.field, "value": each.value, "count": each.count, "nearest": each.nearest}
            for each in rejections.unknown_values()
        ],
        "rejected_records": rejections.listed,
        "no_longer_published": {"records": withdrawn.count, "kept": withdrawn.kept, "listed": withdrawn.listed},
        "resumed_after": result.resumed_after,
        "posting_seconds": round(result.posting_seconds, 3),
        **more,
    }


def write(path: Path, report: Mapping[str, Any]) -> None:
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    except OSError as error:
        raise LocalError(f"the report {path} cannot be written: {error.strerror}") from error


def lines(about: About, result: Result, withdrawn: Withdrawals) -> list[str]:
    """Files, totals, what was withdrawn, unknown values and the other reasons, for a person."""
    shown = [_file_line(each) for each in about.files[:_SHOWN]]
    if len(about.files) > _SHOWN:
        rows = sum(each.rows for each in about.files[_SHOWN:])
        shown.append(f"and {len(about.files) - _SHOWN:,} more files, {rows:,} rows")
    shown.append(f"dataset {about.dataset}" + (" (dry run: nothing was posted)" if about.dry_run else ""))
    if result.resumed_after:
        shown.append(f"went on after {result.resumed_after:,} that an interrupted import had done")
    shown += [f"{kind}: {count:,}" for kind, count in result.kept.items()]
    return [*shown, *_withdrawn(withdrawn, dry_run=about.dry_run), summary_of(result)]


def _withdrawn(what: Withdrawals, *, dry_run: bool) -> list[str]:
    if not what.count:
        return []
    done = "kept all the same" if what.kept else "would be withdrawn" if dry_run else "withdrawn"
    return [f"no longer published, and {done}: {what.count:,}", *_some(what.listed, "in the report", what.count)]


def _file_line(each: File) -> str:
    span = f", {each.months[0]} to {each.months[-1]}" if each.months else ""
    gaps = f", without {', '.join(each.missing_months)}" if each.missing_months else ""
    notes = "".join(f"; {name.replace('_', ' ')}: {told(note)}" for name, note in each.notes.items())
    return f"{each.name}: {each.shape}, {each.rows:,} rows{span}{gaps}{notes}"


def told(what: Any) -> str:
    """Counts by name, names, or one of either, in a line."""
    if isinstance(what, Mapping):
        return "; ".join(f"{key} {told(value)}" for key, value in what.items())
    if isinstance(what, int):
        return f"{what:,}"
    return what if isinstance(what, str) else ", ".join(map(str, what))


def summary_of(result: Result) -> str:
    return summary(result.totals.accepted, result.totals.rejections)


def summary(accepted: Mapping[str, int], rejections: Rejections) -> str:
    """Accepted by kind, rejected, each unknown value once, and each reason with its count and first example."""
    totals = [f"accepted: {count:,} {kind}" for kind, count in sorted(accepted.items())] or ["accepted: none"]
    totals.append(f"rejected: {rejections.records:,}")
    reasons = [f"{why.count:,} x {text} (first: {why.example})" for text, why in rejections.most_frequent()]
    unknown = [f"{each.count:,} x {each.field} {each.value!r}" for each in rejections.unknown_values()]
    return "\n".join([*totals, *_some(reasons, "reasons"), *_listed_unknown(unknown)])


def _listed_unknown(unknown: list[str]) -> list[str]:
    return ["unknown values:", *_some(unknown, "unknown values")] if unknown else []


def _some(texts: list[str], what: str, count: int | None = None) -> list[str]:
    shown = [f"  {text}" for text in texts[:_SHOWN]]
    more = (len(texts) if count is None else count) - len(shown)
    return [*shown, f"  and {more:,} more {what}"] if more else shown
