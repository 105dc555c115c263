"""What counts in which measure, written out a second time. Nothing here is read from the measures' declarations."""

from local.simulate.records import Record
from shared.events import Call, Crime, Stop

_ROBBERY = {"robbery-of-personal-property", "robbery-of-business-property"}
_BURGLARY = {
    "domestic-burglary",
    "burglary-business-and-community",
    "residential-burglary-of-a-home",
    "residential-burglary-of-unconnected-building",
}
_SEXUAL = {"rape", "other-sexual-offences"}
_KNIFE, _GUN = {"knife-crime", "knife-injury"}, {"gun-crime", "firearm-discharged"}
_RACIST = {"racist-and-religious-hate", "faith-hate", "islamophobic-hate", "antisemitic-hate"}
_HATE = _RACIST | {"sexual-orientation-hate", "transgender-hate", "disability-hate"}
_DETECTIONS = {"charged", "cautioned", "penalty-notice", "drugs-possession-warning", "summonsed"}
_ENVIRONMENTAL = {"environmental-damage-littering", "littering-drugs-paraphernalia", "vehicle-abandoned-not-stolen"}
_PERSONAL = {"malicious-nuisance-communications", "hate-incident"}
_SEEN = ("White", "Black", "Asian", "Other")

COUNTED = (
    "total-notifiable-offences",
    "domestic-abuse",
    "knife-crime",
    "gun-crime",
    "total-robbery",
    "total-burglary",
    "racist-and-religious-hate-crime",
    "hate-crime",
    "high-harm-crime",
    "knife-injury-victims-under-25",
    "gang-violence-proxy",
    "sanction-detections",
    "crimes-with-victim",
    "crimes-with-victim-ethnicity",
    "calls-999",
    "calls-101",
    "asb-calls",
    "asb-calls-nuisance",
    "asb-calls-environmental",
    "asb-calls-personal",
    "calls-999-answered",
    "calls-999-answered-within-10-seconds",
    "calls-grade-i-attended",
    "calls-grade-i-attended-within-15-minutes",
    "calls-grade-s-attended",
    "calls-grade-s-attended-within-60-minutes",
    "stops-and-searches",
    "stops-ethnicity-white",
    "stops-ethnicity-black",
    "stops-ethnicity-asian",
    "stops-ethnicity-other",
    "stops-section-60",
    "stops-handcuffed",
    "stops-known-handcuffed-or-not",
)
RATES = {
    "sanction-detection-rate": ("sanction-detections", "total-notifiable-offences"),
    "high-harm-crime-share": ("high-harm-crime", "total-notifiable-offences"),
    "completeness-victim-ethnicity": ("crimes-with-victim-ethnicity", "crimes-with-victim"),
    "calls-999-answered-within-target-rate": ("calls-999-answered-within-10-seconds", "calls-999-answered"),
    "calls-grade-i-attended-within-target-rate": (
        "calls-grade-i-attended-within-15-minutes",
        "calls-grade-i-attended",
    ),
    "calls-grade-s-attended-within-target-rate": (
        "calls-grade-s-attended-within-60-minutes",
        "calls-grade-s-attended",
    ),
    "asb-calls-nuisance-share": ("asb-calls-nuisance", "asb-calls"),
    "stops-handcuffed-rate": ("stops-handcuffed", "stops-known-handcuffed-or-not"),
}
"""Percentages: what of which."""


def counts_of(record: Record) -> dict[str, int]:
    """{measure: how many} that a record's final version counts, those it does not count in left out."""
    match record:
        case Crime():
            found = _of_crime(record)
        case Call():
            found = _of_call(record)
        case Stop():
            found = _of_stop(record)
    return {measure: int(count) for measure, count in found.items() if count}


def _of_crime(crime: Crime) -> dict[str, int]:
    if crime.status == "cancelled":
        return {}
    flags, offence = set(crime.flags), crime.offence
    young = sum(isinstance(victim.age, int) and victim.age < 25 for victim in crime.victims)
    abuse, hate, sexual = "domestic-abuse" in flags, bool(flags & _HATE), offence in _SEXUAL
    notifiable = offence != "nfib-fraud"
    told = bool(crime.victims) and all(victim.ethnicity for victim in crime.victims)
    return {
        "total-notifiable-offences": notifiable,
        "domestic-abuse": abuse,
        "knife-crime": bool(flags & _KNIFE),
        "gun-crime": bool(flags & _GUN),
        "total-robbery": offence in _ROBBERY,
        "total-burglary": offence in _BURGLARY,
        "racist-and-religious-hate-crime": bool(flags & _RACIST),
        "hate-crime": hate,
        "high-harm-crime": abuse or hate or sexual or bool(flags & (_KNIFE | _GUN)),
        "knife-injury-victims-under-25": young if "knife-injury" in flags else 0,
        "gang-violence-proxy": young > 0 and bool(flags & {"firearm-discharged", "knife-injury"}) and not abuse,
        "sanction-detections": notifiable and crime.outcome is not None and crime.outcome.type in _DETECTIONS,
        "crimes-with-victim": bool(crime.victims),
        "crimes-with-victim-ethnicity": told,
    }


def _of_call(call: Call) -> dict[str, int]:
    asb, emergency = call.kind == "asb", call.line == 999
    answered, came = call.answer_seconds, call.response_seconds
    return {
        f"calls-{call.line}": 1,
        "asb-calls": asb,
        "asb-calls-nuisance": asb and call.category not in _ENVIRONMENTAL | _PERSONAL,
        "asb-calls-environmental": call.category in _ENVIRONMENTAL,
        "asb-calls-personal": call.category in _PERSONAL,
        "calls-999-answered": emergency and answered is not None,
        "calls-999-answered-within-10-seconds": emergency and answered is not None and answered <= 10,
        "calls-grade-i-attended": call.grade == "I" and came is not None,
        "calls-grade-i-attended-within-15-minutes": call.grade == "I" and came is not None and came <= 15 * 60,
        "calls-grade-s-attended": call.grade == "S" and came is not None,
        "calls-grade-s-attended-within-60-minutes": call.grade == "S" and came is not None and came <= 60 * 60,
    }


def _of_stop(stop: Stop) -> dict[str, int]:
    return {
        "stops-and-searches": 1,
        **{f"stops-ethnicity-{group.lower()}": stop.ethnicity_officer == group for group in _SEEN},
        "stops-section-60": stop.section_60,
        "stops-handcuffed": stop.handcuffed is True,
        "stops-known-handcuffed-or-not": stop.handcuffed is not None,
    }
