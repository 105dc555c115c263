"""Alert rules as data: what each kind asks of the counts, what it judges, and what is to be told. Pure."""

from services.metrics.rules.agreeing import contested, fingerprints
from services.metrics.rules.alerts import alert, withdrawn
from services.metrics.rules.declaring import AnyRule, InvalidRules, read_rules
from services.metrics.rules.incidents import Incident, following, is_turned
from services.metrics.rules.rule import Asked, Found, Judgement, Rule, Situation

__all__ = [
    "AnyRule",
    "Asked",
    "Found",
    "Incident",
    "InvalidRules",
    "Judgement",
    "Rule",
    "Situation",
    "alert",
    "contested",
    "fingerprints",
    "following",
    "is_turned",
    "read_rules",
    "withdrawn",
]
