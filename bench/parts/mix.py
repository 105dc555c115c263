"""The published rows taken apart: the offence classes that make up each, and the flags that lie over classes."""

from dataclasses import dataclass

TOTAL = "total-notifiable-offences"
# Round shares, chosen by hand; the classes of a row, and under TOTAL those of no other row.
CLASSES: dict[str, dict[str, float]] = {
    "violence-against-the-person": {
        "violence-with-injury": 0.32,
        "common-assault": 0.28,
        "stalking-and-harassment": 0.26,
        "violence-without-injury": 0.138,
        "homicide": 0.001,
        "death-serious-injury-illegal-driving": 0.001,
    },
    "total-robbery": {"robbery-of-personal-property": 0.93, "robbery-of-business-property": 0.07},
    "total-burglary": {"domestic-burglary": 0.64, "burglary-business-and-community": 0.36},
    "theft-person": {"theft-from-the-person": 1.0},
    "theft-taking-of-mv": {"theft-or-unauth-taking-of-a-motor-veh": 0.96, "aggravated-vehicle-taking": 0.04},
    "theft-from-mv": {"theft-from-a-vehicle": 1.0},
    "total-sexual-offences": {"rape": 0.35, "other-sexual-offences": 0.65},
    TOTAL: {
        "other-theft": 0.31,
        "criminal-damage": 0.19,
        "shoplifting": 0.14,
        "possession-of-drugs": 0.12,
        "public-fear-alarm-or-distress": 0.06,
        "bicycle-theft": 0.055,
        "race-or-religious-agg-public-fear": 0.035,
        "interfering-with-a-motor-vehicle": 0.035,
        "possession-of-weapons": 0.02,
        "misc-crimes-against-society": 0.015,
        "trafficking-of-drugs": 0.0125,
        "arson": 0.0075,
    },
}
OFFENCES = tuple(offence for classes in CLASSES.values() for offence in classes)
VIOLENCE = tuple(CLASSES["violence-against-the-person"])


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A flag, the row that counts it and the classes that it lies on; `again` of its crimes carry another already.

    `narrower` is a flag that implies it, and that `narrowly` of its crimes are sent with instead.
    """

    id: str
    measure: str
    offences: tuple[str, ...]
    again: float
    narrower: str = ""
    narrowly: float = 0.0


# In the order in which they are laid: the first finds no crime that carries one.
FLAGS = (
    Flag(
        id="domestic-abuse",
        measure="domestic-abuse",
        offences=(*VIOLENCE[:4], "criminal-damage", "rape", "other-sexual-offences"),
        again=0.0,
    ),
    Flag(
        id="knife-crime",
        measure="knife-crime",
        offences=("robbery-of-personal-property", "violence-with-injury", "violence-without-injury", "homicide"),
        again=0.25,
        narrower="knife-injury",
        narrowly=0.3,
    ),
    Flag(
        id="gun-crime",
        measure="gun-crime",
        offences=("robbery-of-personal-property", "violence-with-injury", "possession-of-weapons"),
        again=0.4,
        narrower="firearm-discharged",
        narrowly=0.15,
    ),
    Flag(
        id="racist-and-religious-hate",
        measure="racist-and-religious-hate-crime",
        offences=(
            *VIOLENCE[:3],
            "race-or-religious-agg-public-fear",
            "public-fear-alarm-or-distress",
            "criminal-damage",
        ),
        again=0.15,
        narrower="islamophobic-hate",
        narrowly=0.07,
    ),
    Flag(
        id="sexual-orientation-hate",
        measure="sexual-orientation-hate-crime",
        offences=(*VIOLENCE[:3], "public-fear-alarm-or-distress"),
        again=0.15,
    ),
    Flag(
        id="transgender-hate",
        measure="transgender-hate-crime",
        offences=(*VIOLENCE[:3], "public-fear-alarm-or-distress"),
        again=0.3,
    ),
    Flag(
        id="disability-hate",
        measure="disability-hate-crime",
        offences=("common-assault", "stalking-and-harassment", "other-theft"),
        again=0.2,
    ),
)
