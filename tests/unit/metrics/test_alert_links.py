"""Whoever follows an alert's link is answered, whatever breaks off the series meanwhile."""

from datetime import date
from importlib.resources import files

import msgspec
import pytest

from services.metrics.judging import Judges, Watched
from services.metrics.rules import read_rules
from shared.reference.register import read_register
from tests.unit.metrics.demonstrated import KNOWN, Demonstration

RULES = (files("services.metrics.rules") / "rules.toml").read_text()
BREAK = """
[[break]]
id = "new-system"
on = {on}
title = "A new system"
reason = "Everything is recorded otherwise."
"""
TODAY = date(2017, 8, 15)


@pytest.mark.parametrize("on", ["2010-01-01", "2016-07-01", "2016-10-01", "2017-06-30"])
async def test_the_link_of_whatever_a_rule_says_is_answered(tmp_path, on):
    (tmp_path / "own.toml").write_text(BREAK.format(on=on))
    demonstration = Demonstration(read_register(KNOWN, tmp_path / "own.toml"))
    rules = [msgspec.structs.replace(each, datasets=("demo",)) for each in read_rules(RULES, KNOWN)]
    rules += [
        msgspec.structs.replace(each, id=f"{each.id}-across", across_breaks=True)
        for each in rules
        if each.kind in ("comparison", "signal", "target")
    ]
    judged = await Judges(demonstration.queries, KNOWN).judge([Watched(each, "demo") for each in rules], TODAY)
    said = {each.rule.kind for each in judged if each.judgement.met is not None}
    assert said >= {"comparison", "signal", "target", "late", "completeness", "gap"}
    for each in judged:
        if each.judgement.met is not None:
            await demonstration.answer(each.judgement.path)
