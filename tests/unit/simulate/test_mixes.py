from collections import Counter
from random import Random

import pytest

from local.simulate import mixes
from local.simulate.mixes import Mix
from shared.reference import reference


def test_values_are_drawn_in_proportion_to_their_weights():
    mix, random = Mix({"a": 1, "b": 0, "c": 3}), Random(1)
    drawn = Counter(mix.draw(random) for _ in range(20_000))
    assert drawn["c"] / drawn["a"] == pytest.approx(3, rel=0.1)
    assert drawn["b"] == 0


def test_a_draw_at_the_very_end_is_the_last_value():
    class End(Random):
        def random(self):
            return 1.0

    assert Mix({"a": 0.1, "b": 0.2}).draw(End()) == "b"


def test_a_borough_is_drawn_by_its_population():
    weights = mixes.areas(reference())
    assert weights["E09000008"] / weights["E09000001"] == pytest.approx(380_700 / 8_200)
    assert {"unknown", "heathrow-and-city-airports"} <= set(weights)
    assert "E12000007" not in weights
