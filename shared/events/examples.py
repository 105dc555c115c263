"""One example of every event, as published; the schemas, AsyncAPI and the tests show these."""

from datetime import UTC, date, datetime

from shared.events import topics
from shared.events.notices import ActionEvent, Alert, Notice, NotificationEvent, Window
from shared.events.records import Call, Crime, CrimeCount, Indicator, Outcome, Record, Stop, Victim

_AT = datetime(2017, 7, 3, 8, 30, tzinfo=UTC)
RECORDS: dict[str, Record] = {
    topics.CRIMES: Crime(
        crime_id="2017/000123",
        revision=2,
        status="recorded",
        recorded_on="2017-06-01",
        area="E09000007",
        offence="violence-with-injury",
        flags=("knife-crime", "knife-injury"),
        victims=(Victim(age=19, sex="male", ethnicity="mixed"), Victim(age="25-34")),
        outcome=Outcome(type="charged", on="2017-06-20"),
    ),
    topics.CALLS: Call(
        call_id="CAD-4711",
        received_at=datetime(2017, 6, 1, 12, tzinfo=UTC),
        line=999,
        kind="crime",
        category="robbery",
        area="E09000007",
        grade="I",
        answer_seconds=4.2,
        response_seconds=540,
        repeat_caller=False,
    ),
    topics.STOPS: Stop(
        stop_id="S-9981",
        stopped_at=datetime(2017, 6, 1, 23, 15, tzinfo=UTC),
        area="E09000007",
        power="pace-section-1",
        object="drugs",
        outcome="arrested",
        linked=True,
        age="18-24",
        sex="male",
        ethnicity_officer="white",
        handcuffed=True,
    ),
    topics.INDICATORS: Indicator(
        indicator="good-job",
        area="E12000007",
        period="2016-07/2017-06",
        breakdown={"sex": "female"},
        value=67.5,
        unit="percent",
        numerator=4320,
        denominator=6400,
        status="final",
    ),
    topics.CRIME_COUNTS: CrimeCount(
        area="E09000007", offence="police-uk-robbery", flags=("gun-crime",), month="2017-06", count=3
    ),
}
NOTICES: dict[str, Notice] = {
    topics.ALERTS: Alert(
        alert_id="knife-crime-up/E12000007/2017-06-30/raised",
        incident_id="knife-crime-up/E12000007/2017-06-30",
        rule="knife-crime-up",
        state="raised",
        title="Knife crime is up by more than a fifth",
        text="Knife crime in London, 12 months to June 2017: 12,074, up 26.0%.",
        owner="MPS",
        measure="knife-crime",
        area="E12000007",
        dataset="live",
        window=Window(first=date(2016, 7, 1), last=date(2017, 6, 30)),
        value=12074,
        baseline=9583,
        percent_change=26.0,
        link="http://127.0.0.1:8002/v1/compare?measure=knife-crime&area=E12000007&end=2017-06-30",
        at=_AT,
        kind="comparison",
        unit="offences",
        figures={"value": 12074, "baseline": 9583, "change": 2491},
    ),
    topics.ACTIONS: ActionEvent(
        event_id="a1b2/overdue/2017-07-03",
        action_id="a1b2",
        kind="overdue",
        board="Oversight Board",
        number=14,
        text="Bring a paper on repeat callers to the next meeting",
        owners=("MPS",),
        status="open",
        due_on=date(2017, 6, 30),
        days_overdue=3,
        as_of=date(2017, 7, 3),
        link="http://127.0.0.1:8003/v1/actions/a1b2",
        at=_AT,
    ),
    topics.NOTIFICATIONS: NotificationEvent(
        notification_id="n7",
        owner="MPS",
        subject="Overdue: action 14",
        status="sent",
        channel="e-mail",
        cause="a1b2/overdue/2017-07-03",
        at=_AT,
    ),
}
EXAMPLES: dict[str, Record | Notice] = {**RECORDS, **NOTICES}
