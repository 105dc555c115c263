"""A reader of counts that a test makes up, of the shape that the store's has."""

from datetime import date

import numpy as np

from services.metrics.extents import Extent
from services.metrics.layout import Layout

KINDS = ("crime", "call", "stop")


class FakeReader:
    """Counts of the measures `counted`, by (dataset, measure id, area index, window); any other window counts none.

    `reach`: the first and last day of each dataset's records of each kind, by (dataset, kind).
    """

    def __init__(self, known, reach=None, counted=None, posted=None):
        self._layouts = {kind: Layout(known, kind) for kind in KINDS}
        self.reach, self.counted, self.posted = reach or {}, counted or {}, posted or {}
        self.asked = []

    def layout(self, kind):
        return self._layouts[kind]

    async def extent(self, kind, dataset):
        self.asked.append(("extent", kind, dataset))
        if (dataset, kind) not in self.reach:
            return None
        first, last = map(date.fromisoformat, self.reach[dataset, kind].split("|"))
        places = self._layouts[kind].places.keys() | self._layouts[kind].histograms.keys()
        return Extent(first, last, measured_from=dict.fromkeys(places, first), as_of="2017-07-01T00:00:00Z")

    async def sums(self, kind, dataset, windows):
        self.asked.append(("sums", kind, dataset))
        layout = self._layouts[kind]
        found = [np.zeros((layout.rows, layout.width), np.int64) for _ in windows]
        for (of, measure, area, window), count in self.counted.items():
            if of == dataset and window in windows and measure in layout.places:
                found[windows.index(window)][area, layout.places[measure]] = count
        return found

    async def indicators(self, dataset):
        self.asked.append(("indicators", dataset))
        return self.posted.get(dataset, [])

    async def applied_at(self, kind):
        return "2017-07-02T00:00:00Z"
