"""The rules of a file, checked."""

import tomllib
from collections.abc import Mapping

import msgspec

from services.metrics.rules.comparison import ComparisonRule
from services.metrics.rules.completeness import CompletenessRule
from services.metrics.rules.gap import GapRule
from services.metrics.rules.late import LateRule
from services.metrics.rules.rule import Rule, Undeclared
from services.metrics.rules.signal import SignalRule
from services.metrics.rules.target import TargetRule
from shared.reference import Reference
from shared.reference.targets import Target, read_targets

AnyRule = ComparisonRule | SignalRule | TargetRule | LateRule | CompletenessRule | GapRule


class InvalidRules(ValueError):
    """The rules file is not usable; the text says where and why."""


def read_rules(text: str, known: Reference, targets: Mapping[str, Target] | None = None) -> tuple[Rule, ...]:
    """The declared rules; raises InvalidRules naming the rule and what would be right.

    A rule that says no `kind` is a comparison.
    """
    try:
        declared = tomllib.loads(text).get("rule", [])
        rules: list[AnyRule] = [_read(each) for each in declared]
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(f"alert rules: {error}") from error
    except msgspec.ValidationError as error:
        raise InvalidRules(f"alert rules: {error}") from error
    promised = read_targets(known.measures, known.areas) if targets is None else targets
    for rule in rules:
        try:
            rule.places(known)
            rule.check(known.measures.resolve(rule.measure), known, promised)
        except (Undeclared, ValueError) as fault:
            raise InvalidRules(f"rule {rule.id!r}: {fault}") from fault
    if len({rule.id for rule in rules}) != len(rules):
        raise InvalidRules("alert rules: two rules have the same id")
    return tuple(rules)


def _read(declared: object) -> AnyRule:
    fields = {"kind": "comparison", **declared} if isinstance(declared, dict) else declared
    try:
        rule: AnyRule = msgspec.convert(fields, AnyRule)
    except msgspec.ValidationError as error:
        name = fields.get("id") if isinstance(fields, dict) else None
        raise msgspec.ValidationError(f"rule {name!r}: {error}" if name else str(error)) from error
    return rule
