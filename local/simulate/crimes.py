"""Recorded crimes: which, against whom, and how they are dealt with. Pure; the values are ids of the reference data.

The mix of offences is London's in the twelve months to February 2024 (London Datastore), per thousand crimes; all
other mixes are round figures of the usual shape.
"""

from datetime import datetime
from random import Random

from local.simulate.mixes import Mix
from local.simulate.people import Victims
from shared.clock import LONDON
from shared.events import Crime, Outcome

OFFENCES = {
    "other-theft": 144.4,
    "violence-without-injury": 118.2,
    "violence-with-injury": 85.7,
    "theft-from-the-person": 81.6,
    "stalking-and-harassment": 65.8,
    "theft-from-a-vehicle": 64.0,
    "shoplifting": 63.8,
    "criminal-damage": 60.1,
    "public-fear-alarm-or-distress": 44.7,
    "theft-or-unauth-taking-of-a-motor-veh": 35.2,
    "robbery-of-personal-property": 31.9,
    "possession-of-drugs": 29.0,
    "residential-burglary-of-a-home": 25.3,
    "burglary-business-and-community": 19.3,
    "bicycle-theft": 17.3,
    "other-sexual-offences": 16.6,
    "interfering-with-a-motor-vehicle": 12.4,
    "race-or-religious-agg-public-fear": 12.4,
    "misc-crimes-against-society": 12.3,
    "trafficking-of-drugs": 12.2,
    "residential-burglary-of-unconnected-building": 9.6,
    "rape": 9.5,
    "other-offences-public-order": 7.7,
    "possession-of-weapons": 6.9,
    "domestic-burglary": 6.1,
    "robbery-of-business-property": 4.6,
    "arson": 2.3,
    "aggravated-vehicle-taking": 0.7,
    "homicide": 0.1,
    "nfib-fraud": 0.5,
}
CLOSE_OFFENCES = {
    "violence-without-injury": "violence-with-injury",
    "violence-with-injury": "violence-without-injury",
    "theft-from-the-person": "robbery-of-personal-property",
    "robbery-of-personal-property": "theft-from-the-person",
    "other-theft": "theft-from-the-person",
    "domestic-burglary": "criminal-damage",
    "residential-burglary-of-a-home": "other-theft",
    "criminal-damage": "arson",
}
"""What a crime is most often reclassified as."""
_DOMESTIC = {"violence-with-injury", "violence-without-injury", "stalking-and-harassment", "criminal-damage", "rape"}
_ARMED = {"violence-with-injury", "robbery-of-personal-property", "robbery-of-business-property", "homicide"}
_WEAPONS = Mix({"knife-crime": 50, "knife-injury": 30, "gun-crime": 10, "firearm-discharged": 10})
_UNUSUAL = Mix({"dog-attack": 60, "serious-youth-violence": 30, "acid": 10})
_VEHICLES = {"theft-from-the-person", "robbery-of-personal-property", "theft-or-unauth-taking-of-a-motor-veh"}
_HONOUR = Mix({"honour-based-violence": 70, "forced-marriage": 24, "fgm": 6})
_HATE = Mix(
    {
        "racist-and-religious-hate": 80,
        "antisemitic-hate": 4,
        "islamophobic-hate": 6,
        "sexual-orientation-hate": 14,
        "transgender-hate": 2,
        "disability-hate": 2,
    }
)
_DETECTED = {
    "possession-of-drugs": 0.6,
    "trafficking-of-drugs": 0.6,
    "possession-of-weapons": 0.55,
    "homicide": 0.8,
    "shoplifting": 0.2,
    "violence-with-injury": 0.15,
    "theft-from-the-person": 0.01,
    "theft-from-a-vehicle": 0.01,
    "bicycle-theft": 0.01,
    "residential-burglary-of-a-home": 0.05,
    "robbery-of-personal-property": 0.06,
    "rape": 0.06,
}
_DETECTED_OTHERWISE = 0.1
_DETECTIONS = Mix({"charged": 65, "cautioned": 12, "penalty-notice": 3, "drugs-possession-warning": 5, "summonsed": 5})
_NO_DETECTIONS = Mix(
    {
        "no-suspect-identified": 55,
        "unable-to-prosecute": 35,
        "community-resolution": 6,
        "further-investigation-not-in-public-interest": 3,
        "diversionary-activity": 1,
    }
)


class Crimes:
    """Makes the first version of a crime: who suffered it, how it is flagged; what became of it comes later."""

    def __init__(self, areas: Mix[str]) -> None:
        self._areas, self._offences, self._victims = areas, Mix(OFFENCES), Victims()

    def make(self, random: Random, crime_id: str, at: datetime, dataset: str) -> Crime:
        offence = self._offences.draw(random)
        flags = _flags(random, offence)
        return Crime(
            crime_id=crime_id,
            status="recorded",
            recorded_on=at.astimezone(LONDON).date().isoformat(),
            area=self._areas.draw(random),
            offence=offence,
            flags=flags,
            victims=self._victims.draw(random, offence, flags),
            dataset=dataset,
        )


def outcome(random: Random, crime: Crime) -> Outcome:
    """How a crime was dealt with, on the day on which it was recorded: none is dated in the future."""
    detected = random.random() < _DETECTED.get(crime.offence, _DETECTED_OTHERWISE)
    return Outcome(type=(_DETECTIONS if detected else _NO_DETECTIONS).draw(random), on=crime.recorded_on)


def _flags(random: Random, offence: str) -> tuple[str, ...]:
    found = []
    if offence in _DOMESTIC and random.random() < 0.27:
        found.append("domestic-abuse")
        if random.random() < 0.01:
            found.append(_HONOUR.draw(random))
        if random.random() < 0.25:
            found.append("repeat-victim")
    if offence in _ARMED and random.random() < 0.13:
        found.append(_WEAPONS.draw(random))
    if offence == "violence-with-injury" and random.random() < 0.02:
        found.append(_UNUSUAL.draw(random))
    if offence in _VEHICLES and random.random() < 0.12:
        found.append("moped-enabled")
    if offence == "race-or-religious-agg-public-fear" or random.random() < 0.01:
        found.append(_HATE.draw(random))
        if random.random() < 0.05:
            found.append(_HATE.draw(random))
    return tuple(dict.fromkeys(found))
