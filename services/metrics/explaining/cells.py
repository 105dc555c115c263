"""A table's cell as a tree: the figures that it was made of, and how. Pure."""

from fractions import Fraction

from services.metrics.comparisons import PERCENT, compare
from services.metrics.explaining.trees import Asked, Node, Trees
from services.metrics.figures import DECIMALS, Figure, half_up
from services.metrics.tables.exact import difference
from services.metrics.tables.origins import (
    Change,
    Counted,
    Less,
    Of,
    Origin,
    PercentChange,
    PostedFigure,
    Promised,
)
from services.metrics.tables.posted import status_of, value_of
from services.metrics.targets import DECIMALS as OF_A_TARGET
from services.metrics.targets import describe, final_value, share_of_way, target_figure, trajectory_value
from shared.reference import Reference


class Cells:
    """Nodes of cells. `trees` must answer for every figure that they are made of."""

    def __init__(self, trees: Trees, known: Reference) -> None:
        self._trees, self._known = trees, known

    def node(self, origin: Origin) -> Node:
        match origin:
            case Of():
                return self._trees.node(self._asked(origin))
            case Change():
                return self._change(origin)
            case PercentChange():
                return self._percent(origin)
            case Promised():
                return self._promised(origin)
            case _:
                return _plain(origin, self._known)

    def _asked(self, of: Of) -> Asked:
        return Asked(self._known.measures.resolve(of.measure), of.area, of.window)

    def _figure(self, of: Of | Promised) -> Figure:
        if isinstance(of, Of):
            return self._trees.figure(self._asked(of))
        return target_figure(of.target, self._start(of), of.window)

    def _start(self, promised: Promised) -> Figure | None:
        return self._figure(promised.start) if promised.start else None

    def _change(self, change: Change) -> Node:
        unit = self._unit(change.now)
        decimals = OF_A_TARGET if isinstance(change.before, Promised) else 1 if unit == PERCENT else DECIMALS
        compared = compare(self._figure(change.now), [self._figure(change.before)], unit, decimals)
        made = _inputs(self.node(change.now), self.node(change.before))
        return {"how": "difference", "value": compared.change, "decimals": decimals, **made}

    def _percent(self, change: PercentChange) -> Node:
        now, before = self._figure(change.now), self._figure(change.before)
        value = None
        if now.value is not None and before.value is not None and before.value and self._unit(change.now) != PERCENT:
            value = half_up((now.precise - before.precise) / Fraction(before.precise) * 100, change.decimals)
        made = {"now": self.node(change.now), "before": self.node(change.before)}
        return {"how": "percent-change", "value": value, "decimals": change.decimals, "inputs": made}

    def _unit(self, of: Of | Promised) -> str:
        measure = of.measure if isinstance(of, Of) else of.target.measure
        return self._known.measures.resolve(measure).unit

    def _promised(self, promised: Promised) -> Node:
        target, start, is_final = promised.target, self._start(promised), promised.is_final
        exact = start.precise if start and start.value is not None else None
        value = final_value(target, exact) if is_final else trajectory_value(target, exact, promised.window.last)
        decimals = DECIMALS if is_final else OF_A_TARGET
        return {
            "how": "target",
            "value": None if value is None else half_up(value, decimals),
            "decimals": decimals,
            "target": describe(target),
            "share_of_way": "1" if is_final else str(share_of_way(target, promised.window.last)),
            "inputs": {"start": self.node(promised.start)} if promised.start else {},
        }


def _inputs(minuend: Node, subtrahend: Node) -> Node:
    return {"inputs": {"minuend": minuend, "subtrahend": subtrahend}}


def _posted(origin: PostedFigure, known: Reference) -> Node:
    figure, measure = origin.posted, known.measures.resolve(origin.measure)
    about = {name: getattr(measure, name) for name in ("title", "definition", "unit")}
    node = {"measure": measure.id, **about, "value": value_of(figure), "status": status_of([figure]), "how": "sum"}
    if figure is None:
        return node | {"parts": []}
    about = {"area": figure.area, "period": figure.period, "breakdown": dict(figure.breakdown)}
    made = {"numerator": figure.numerator, "denominator": figure.denominator}
    stated = {name: each for name, each in made.items() if each is not None}
    return node | {"parts": [{**about, "value": value_of(figure), "posted_as": figure.status, **stated}]}


def _plain(origin: PostedFigure | Less | Counted, known: Reference) -> Node:
    if isinstance(origin, PostedFigure):
        return _posted(origin, known)
    if isinstance(origin, Less):
        value = difference(value_of(origin.minuend.posted), value_of(origin.subtrahend.posted))
        inputs = _inputs(_posted(origin.minuend, known), _posted(origin.subtrahend, known))
        return {"how": "difference", "value": value, **inputs}
    parts = [{"what": name, "value": number} for name, number in origin.parts]
    return {"how": "sum", "value": sum(number for _, number in origin.parts) if parts else None, "parts": parts}
