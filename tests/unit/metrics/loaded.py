"""A reader of events that were loaded into memory, counted as the service counts them."""

from collections import defaultdict
from datetime import date

import msgspec
import numpy as np

from services.metrics.cubes import Cube
from services.metrics.facts import Facts
from services.metrics.layout import Layout
from services.metrics.rows import facts_of, month_of
from services.metrics.steps import LATENESS_DAYS
from services.metrics.store.provenance import Applied, Source
from shared.events import topics
from shared.reference import reference

AT = "2017-08-01T00:00:00Z"
_KINDS = ("crime", "call", "stop")
_TOPICS = {"crime": topics.CRIMES, "crime-count": topics.CRIME_COUNTS, "call": topics.CALLS, "stop": topics.STOPS}


class Loaded:
    """Counts events of `_TOPICS`' names, and holds posted indicators; whatever their datasets say."""

    def __init__(self, **events):
        self._layouts = {kind: Layout(reference(), kind) for kind in _KINDS}
        self._rows, self._cubes, self.posted, self._loads = defaultdict(list), {}, defaultdict(list), 0
        for each in events.pop("indicators", ()):
            self.posted[each.dataset].append(each)
        for name, of_kind in events.items():
            self._load(name.replace("_", "-"), list(of_kind))

    def _load(self, name, events):
        kind = "crime" if name == "crime-count" else name
        self._loads += 1
        states, datasets, _ = Facts(reference(), _TOPICS[name]).of([msgspec.json.encode(each) for each in events])
        numbers = {dataset: number for number, dataset in enumerate(sorted(set(datasets)))}
        facts = facts_of(states, np.array([numbers[each] for each in datasets]), 1)
        for dataset, stream in numbers.items():
            cube = self._cubes.setdefault((kind, dataset), Cube(self._layouts[kind]))
            of_dataset = facts.streams == stream
            for month in np.unique(facts.months[of_dataset]).tolist():
                rows = facts.rows[of_dataset & (facts.months == month)]
                self._rows[kind, dataset, month_of(month)].append(rows)
                cube.add(month_of(month), rows)

    async def version(self):
        return self._loads

    def layout(self, kind):
        return self._layouts[kind]

    async def extent(self, kind, dataset):
        cube = self._cubes.get((kind, dataset))
        return cube.extent(0, AT) if cube else None

    async def sums(self, kind, dataset, windows):
        cube = self._cubes.get((kind, dataset)) or Cube(self._layouts[kind])
        for window in windows:
            for month in cube.months_without_days(window):
                cube.keep_days(month, np.concatenate(self._rows[kind, dataset, month]))
        return [cube.sum(window) for window in windows]

    async def indicators(self, dataset):
        return self.posted.get(dataset, [])

    async def applied_at(self, kind):
        return AT

    async def positions(self, kinds):
        return [Applied(f"tests.{kind}", 0, "here", len(kind)) for kind in kinds]

    async def sources(self, kind):
        if kind == "indicator":
            return [Source("tests", name, len(held), date(2017, 6, 30), AT, []) for name, held in self.posted.items()]
        return [
            Source("tests", dataset, 1, date(2017, 6, 30), AT, [1] + [0] * len(LATENESS_DAYS))
            for of, dataset in self._cubes
            if of == kind
        ]
