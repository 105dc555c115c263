"""Incidents: when a rule that is met, or met no longer, is to be told of. Pure."""

import msgspec


class Incident(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last incident of a rule: its number in a series, and whether it is open.

    `streak`: how many evaluations in a row have said otherwise. `untold`: the event that tells of the opening or the
    closing, until Kafka has acknowledged it. `raised`: that which told of the opening, while it is open.
    """

    number: int = 0
    open: bool = False
    series: str = ""
    streak: int = 0
    untold: str = ""
    raised: str = ""


def following(
    incident: Incident | None, met: bool | None, holds: bool | None, raise_after: int = 1, clear_after: int = 1
) -> Incident | None:
    """The incident as it is after an evaluation; None where it stays as it was.

    It opens once it was met `raise_after` times in a row, and closes once it held no longer `clear_after` times.
    """
    known = incident or Incident()
    says = holds if known.open else met
    if says is None:
        return None
    if says == known.open:
        return msgspec.structs.replace(known, streak=0) if known.streak else None
    if known.streak + 1 < (clear_after if known.open else raise_after):
        return msgspec.structs.replace(known, streak=known.streak + 1)
    number = known.number if known.open else known.number + 1
    return Incident(number, not known.open, known.series)


def is_turned(before: Incident | None, after: Incident) -> bool:
    """Whether it has opened or closed, which is told."""
    return (before.open if before else False) != after.open
