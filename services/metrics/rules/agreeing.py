"""Which alert rules the processes that watch the same counts do not have alike, as in the middle of a deployment. Pure.

Nothing is raised, cleared or withdrawn by a rule that another process has otherwise, or not at all: it would do the
contrary when its turn comes. It waits until the processes with the one or the other file are gone.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec

from services.metrics.rules.rule import Rule

Fingerprints = Mapping[str, str]
"""What each rule says, in a few letters, by its id."""


def fingerprints(rules: Iterable[Rule]) -> dict[str, str]:
    return {each.id: sha256(msgspec.json.encode(each)).hexdigest()[:12] for each in rules}


def contested(own: Fingerprints, others: Iterable[Fingerprints]) -> frozenset[str]:
    """The ids of rules that another process has otherwise, or not at all."""
    return frozenset(name for other in others for name in own.keys() | other.keys() if own.get(name) != other.get(name))
