"""The London Datastore's historical file, read without the importer, and what metrics must answer of it."""

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import msgspec

from parts.ratios import Wrong
from parts.stack import BENCH, Server
from shared.events import CrimeCount
from shared.events.periods import month_end
from shared.reference import Reference

_NAME = "datastore/MPS_Borough_Level_Crime_Historical.csv"
_SHARED = BENCH.parents[1] / "shared" / "data"
Series = Mapping[str, int]
"""A count by month, YYYY-MM."""


@dataclass(frozen=True)
class BoroughFile:
    """`cells` by area and offence, `london` by offence; `lines` are the cells as events of JSON."""

    path: Path
    cells: Mapping[tuple[str, str], Series]
    london: Mapping[str, Series]
    lines: list[bytes]


def where() -> Path:
    """The file's place: below OVERSIGHT_SHARED_DATA, or beside the checkout."""
    return Path(os.environ.get("OVERSIGHT_SHARED_DATA", _SHARED)) / _NAME


def read(path: Path, reference: Reference) -> BoroughFile:
    cells: dict[tuple[str, str], Series] = {}
    london: dict[str, Counter[str]] = defaultdict(Counter)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            offence = reference.offences.resolve(row["MinorText"]).id
            area = reference.areas.resolve(row["LookUp_BoroughName"]).id
            months = {f"{name[:4]}-{name[4:]}": int(value) for name, value in row.items() if name.isdigit()}
            if (area, offence) in cells:
                raise Wrong(f"{path.name} has two rows of {offence} in {area}: this benchmark reads one")
            cells[area, offence] = months
            london[offence].update(months)
    return BoroughFile(path, cells, london, _lines(cells))


def _lines(cells: Mapping[tuple[str, str], Series]) -> list[bytes]:
    encode = msgspec.json.Encoder().encode
    return [
        encode(CrimeCount(area=area, offence=offence, month=month, count=count, revision=1, dataset="bench"))
        for (area, offence), months in cells.items()
        for month, count in months.items()
    ]


class Answers:
    """What metrics answers of a dataset, compared with the file; Wrong where they differ."""

    def __init__(self, metrics: Server, dataset: str) -> None:
        self._http = httpx.Client(base_url=metrics.url, timeout=60, trust_env=False)
        self._dataset = dataset

    def check_every_cell(self, file: BoroughFile) -> int:
        """How many counts were compared: of each area, class and month."""
        return sum(self._check(offence, months, area) for (area, offence), months in file.cells.items())

    def check_london(self, file: BoroughFile) -> int:
        """How many were compared: of all areas together, of each class and month."""
        return sum(self._check(offence, months, None) for offence, months in file.london.items())

    def _check(self, offence: str, months: Series, area: str | None) -> int:
        asked = {"measure": f"offence-{offence}", "interval": "month", "dataset": self._dataset}
        asked |= {"area": area} if area else {}
        asked |= {"from": f"{min(months)}-01", "to": f"{month_end(date.fromisoformat(f'{max(months)}-01'))}"}
        answer = self._http.get("/v1/series", params=asked)
        if answer.status_code != 200:
            raise Wrong(f"{asked} is answered {answer.status_code}: {answer.text[:500]}")
        found = {point["from"][:7]: point["value"] for point in answer.json()["points"]}
        if found != dict(months):
            differing = {
                month: (found.get(month), months[month]) for month in months if found.get(month) != months[month]
            }
            raise Wrong(f"{asked}: metrics has, and the file has: {differing}")
        return len(months)
