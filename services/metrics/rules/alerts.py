"""The event that tells of an incident. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from services.metrics.rules.incidents import Incident
from services.metrics.rules.rule import Judgement, Rule
from shared.events import Alert, Window
from shared.reference.measures import Measure
from shared.reference.terms import Area


def alert(
    rule: Rule,
    dataset: str,
    incident: Incident,
    judged: Judgement,
    measure: Measure,
    area: Area,
    public_url: str,
    at: datetime,
) -> Alert:
    """What is told when an incident opens or closes: whose figure, in which days, which figures, which rule."""
    state: Literal["raised", "cleared"] = "raised" if incident.open else "cleared"
    incident_id = f"{rule.name(dataset, area, judged.part)}/{incident.series}-{incident.number}"
    return Alert(
        alert_id=f"{incident_id}/{state}",
        incident_id=incident_id,
        rule=rule.id,
        state=state,
        title=rule.title if incident.open else f"Cleared: {rule.title}",
        text=judged.text,
        owner=rule.owner,
        measure=measure.id,
        area=area.id,
        dataset=dataset,
        window=Window(first=judged.window.first, last=judged.window.last),
        value=judged.value,
        baseline=judged.baseline,
        percent_change=judged.percent_change,
        link=f"{public_url}{judged.path}",
        at=at,
        kind=rule.kind,
        unit=measure.unit,
        figures=dict(judged.figures),
    )


def withdrawn(raised: Alert, at: datetime) -> Alert:
    """What closes an incident that no rule watches any more; its figures are those that it was raised by."""
    return msgspec.structs.replace(
        raised,
        alert_id=f"{raised.incident_id}/cleared",
        state="cleared",
        title=f"Cleared: {raised.title}",
        text=f"No alert rule {raised.rule!r} watches this any more. When it was raised: {raised.text}",
        at=at,
    )
