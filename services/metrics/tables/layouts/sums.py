"""A printed figure against what its parts come to."""

from services.metrics.tables.exact import Number, difference
from services.metrics.tables.parts import Difference


def against_parts(place: str, printed: Number | None, computed: Number | None, tolerance: Number) -> Difference | None:
    """What the parts come to less what is printed; None where either is not known. `tolerance` is rounding's."""
    apart = difference(computed, printed)
    if printed is None or computed is None or apart is None:
        return None
    return Difference(place, printed, computed, apart, 0 < abs(apart) <= tolerance)
