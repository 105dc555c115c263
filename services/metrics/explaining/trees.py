"""A figure as a tree: what it was computed from, how, and the parts that add up to it. Pure.

A node is `{how, value, ...}` with `parts` that it is the sum of (or the mean, by their `weight`), or with `inputs`,
which are nodes: `ratio` is `per` times the numerator by the denominator, `difference` the minuend less the subtrahend.
Whoever computes it anew from the leaves and rounds last, half away from zero, gets `value`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from services.metrics.evaluation import Evaluation
from services.metrics.evidence import Facts, operands
from services.metrics.figures import DECIMALS, Figure, missing_json, window_json
from services.metrics.indicators import Posted, weights_of
from services.metrics.periods import Interval, Window, intervals
from shared.reference.measures import Measure
from shared.reference.seconds import EDGES
from shared.reference.terms import Area

Node = dict[str, Any]
_NAMES = {"rate": ("numerator", "denominator"), "difference": ("minuend", "subtrahend")}


class Asked(NamedTuple):
    """Whose figure, and when."""

    measure: Measure
    area: Area
    window: Window


def pieces(asked: Asked, is_sensitive: bool, period: Interval) -> list[Window]:
    """What the window of a part of London is added up from; London itself is added up from its parts."""
    if asked.area.is_region:
        return []
    return intervals(*asked.window, period if is_sensitive else "month")


class Trees:
    """Nodes of the figures that `facts` answer for, in `windows`: those asked for and their pieces."""

    def __init__(self, facts: Facts, windows: Sequence[Window], sensitive: frozenset[str], period: Interval) -> None:
        self._facts, self._windows = facts, list(windows)
        self._areas = list(facts.reference.areas)
        self._evaluation = Evaluation(facts, self._areas, self._windows)
        self._sensitive, self._period = sensitive, period

    def figure(self, asked: Asked) -> Figure:
        return self._figure(asked.measure, asked.area, asked.window)

    def node(self, asked: Asked) -> Node:
        """The figure's own node, and those of all that it is computed from."""
        measure, figure = asked.measure, self.figure(asked)
        about = {
            "measure": measure.id,
            "title": measure.title,
            "definition": measure.definition,
            "unit": measure.unit,
            "area": asked.area.id,
            "window": window_json(asked.window),
            "value": figure.value,
            "status": figure.status,
            "missing": missing_json(figure.missing),
        }
        return about | self._made_of(asked, figure)

    def _made_of(self, asked: Asked, figure: Figure) -> Node:
        match asked.measure.kind:
            case "count":
                parts = list(self._of_areas(asked) if asked.area.is_region else self._of_pieces(asked))
                return {"how": "sum"} | _with_rest(parts, figure)
            case "percentile":
                quantile = {"how": "quantile", "quantile": asked.measure.quantile, "decimals": 1}
                return quantile | {"parts": list(self._buckets(asked)) if figure.value is not None else []}
            case "rate":
                return {"how": "ratio", "per": asked.measure.per, "decimals": DECIMALS, "inputs": self._inputs(asked)}
            case "difference":
                return {"how": "difference", "decimals": DECIMALS, "inputs": self._inputs(asked)}
            case _:
                return self._posted(asked)

    def _inputs(self, asked: Asked) -> dict[str, Node]:
        known = self._facts.reference.measures
        return {
            name: self.node(asked._replace(measure=known.resolve(each)))
            for name, each in zip(_NAMES[asked.measure.kind], operands(asked.measure), strict=True)
        }

    def _of_areas(self, asked: Asked) -> Iterator[Node]:
        for area in self._areas:
            if not area.is_region:
                figure = self._figure(asked.measure, area, asked.window)
                yield {"area": area.id, "name": area.name, "value": figure.value, "status": figure.status}

    def _of_pieces(self, asked: Asked) -> Iterator[Node]:
        for window in pieces(asked, asked.measure.id in self._sensitive, self._period):
            figure = self._figure(asked.measure, asked.area, window)
            yield {**window_json(window), "value": figure.value, "status": figure.status}

    def _buckets(self, asked: Asked) -> Iterator[Node]:
        counted = self._facts.counted[str(asked.measure.of)]
        sums = counted.sums[self._windows.index(asked.window)]
        row = sums[asked.area.index, counted.layout.histograms[asked.measure.id]].tolist()
        for bucket, (above, number) in enumerate(zip((0, *EDGES), row, strict=True)):
            if number:
                until = EDGES[bucket] if bucket < len(EDGES) else None
                yield {"above_seconds": above, "up_to_seconds": until, "records": number}

    def _posted(self, asked: Asked) -> Node:
        measure, posted = asked.measure, self._facts.posted
        found = posted.answering(measure, asked.area.id, asked.window)
        if not found and measure.default == "area-population":
            return {"how": "sum", "parts": list(self._populations(asked.area))}
        if measure.over == "mean" and found:
            weighed = zip(found, weights_of(found), strict=True)
            parts = [{**_of_posted(each), "weight": weight} for each, weight in weighed]
            return {"how": "mean", "decimals": DECIMALS, "parts": parts}
        return {"how": "sum", "decimals": DECIMALS, "parts": list(map(_of_posted, found))}

    def _populations(self, area: Area) -> Iterator[Node]:
        for each in self._areas if area.is_region else [area]:
            if each.population_2015 is not None:
                yield {"area": each.id, "name": each.name, "population_2015": True, "value": each.population_2015}

    def _figure(self, measure: Measure, area: Area, window: Window) -> Figure:
        by_area = self._evaluation.figures(measure)[self._windows.index(window)]
        return by_area[self._areas.index(area)]


def _with_rest(parts: list[Node], figure: Figure) -> Node:
    """The parts, and what those that are withheld come to together: so much anybody can work out."""
    hidden = [each for each in parts if each["status"] == "suppressed"]
    if not hidden or figure.value is None:
        return {"parts": parts}
    known = sum(each["value"] or 0 for each in parts)
    return {"parts": [*parts, {"suppressed_together": len(hidden), "value": figure.value - known}]}


def _of_posted(each: Posted) -> Node:
    return {**window_json(each.window), "value": each.value, "posted_as": "final" if each.is_final else "provisional"}
