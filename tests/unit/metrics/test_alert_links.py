"""Whoever follows an alert's link is answered, whatever breaks off the series meanwhile."""

from datetime import date
from importlib.resources import files
from urllib.parse import parse_qsl

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


async def test_a_signals_link_shows_what_was_judged_though_the_baseline_lies_long_before_the_points(tmp_path):
    (tmp_path / "own.toml").write_text(
        '[[rebase]]\nid = "level"\nmeasure = "knife-crime"\nfrom = 2015-07-01\nuntil = 2016-02-29\nreason = "Level."\n'
    )
    demonstration = Demonstration(read_register(KNOWN, tmp_path / "own.toml"))
    text = '[[rule]]\nkind = "signal"\nid = "k"\ntitle = "t"\nowner = "o"\nmeasure = "knife-crime"\npoints = 12\n'
    (rule,) = read_rules(text, KNOWN)
    (judged,) = await Judges(demonstration.queries, KNOWN).judge([Watched(rule, "demo")], TODAY)
    said = judged.judgement
    path, _, query = said.path.partition("?")
    asked = dict(parse_qsl(query))
    assert asked["from"] == "2016-07-01"
    answer = await demonstration.get("/v1/signals", measure=path.rpartition("/")[2], **asked)
    (section,) = answer["sections"]
    assert (section["from"], section["points"]) == ("2015-07-01", 8)
    assert {name: section[name] for name in ("mean", "lower", "upper")} == {
        name: said.figures[name] for name in ("mean", "lower", "upper")
    }
    assert answer["points"][-1]["value"] == said.value
