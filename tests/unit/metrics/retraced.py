"""Works a tree of /v1/explain out anew, from its leaves alone, and says what each node comes to."""

from fractions import Fraction

from shared.reference.seconds import EDGES, quantile


class Disagreement(AssertionError):
    """A node's value is not what its parts come to."""


def retrace(node):
    """The exact value of a node, None where it has none; Disagreement where what it shows is another."""
    found = _HOW[node["how"]](node)
    shown = node.get("value")
    if node.get("status") == "suppressed" or node.get("barred_by"):
        found = None
    if (found is None) != (shown is None) or (found is not None and _rounded(found, node) != _exact(shown)):
        raise Disagreement(f"{node['how']} shows {shown} and comes to {found}: {str(node)[:2000]}")
    return found


def _exact(value):
    return Fraction(str(value))


def _rounded(value, node):
    """Half away from zero."""
    scale = 10 ** node["decimals"] if "decimals" in node else None
    if scale is None:
        return value
    units = int(abs(value) * scale + Fraction(1, 2))
    return Fraction(units if value >= 0 else -units, scale)


def _sum(node):
    if node.get("value") is None:  # nothing is known of it: its parts, if any, know no more
        known = [part["value"] for part in node["parts"] if part["value"] is not None]
        if any(known) and node.get("status") != "suppressed":
            raise Disagreement(f"no value, though there are parts: {node}")
        return None
    return sum(_exact(part["value"]) for part in node["parts"] if part["value"] is not None)


def _mean(node):
    weights = sum(part["weight"] for part in node["parts"])
    return sum(_exact(part["value"]) * part["weight"] for part in node["parts"]) / weights


def _quantile(node):
    row = [0] * (len(EDGES) + 1)
    for part in node["parts"]:
        row[EDGES.index(part["up_to_seconds"]) if part["up_to_seconds"] is not None else -1] = part["records"]
    found = quantile(row, node["quantile"])
    return None if found is None else _exact(found)


def _ratio(node):
    above, below = (retrace(node["inputs"][name]) for name in ("numerator", "denominator"))
    return above * node["per"] / below if above is not None and below else None


def _difference(node):
    minuend, subtrahend = (retrace(node["inputs"][name]) for name in ("minuend", "subtrahend"))
    return minuend - subtrahend if minuend is not None and subtrahend is not None else None


def _percent(node):
    now, before = (retrace(node["inputs"][name]) for name in ("now", "before"))
    if now is None or not before or node["inputs"]["now"].get("unit") == "percent":
        return None
    return (now - before) / before * 100


def _target(node):
    start = retrace(node["inputs"]["start"]) if node["inputs"] else None
    target, share = node["target"], Fraction(node["share_of_way"])
    final = _exact(target["value"]) if target["value"] is not None else None
    if final is None and start is not None:
        final = start * (1 + _exact(target["percent"]) / 100)
    if final is None or share == 1:
        return final
    return None if start is None else start + (final - start) * share


_HOW = {
    "sum": _sum,
    "mean": _mean,
    "quantile": _quantile,
    "ratio": _ratio,
    "difference": _difference,
    "percent-change": _percent,
    "target": _target,
}
