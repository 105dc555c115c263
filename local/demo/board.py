"""Two meetings of the Performance and Risk Oversight Board and their actions, as the published minutes record them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

BOARD = "Performance and Risk Oversight Board (demonstration)"
MPS, MOPAC = "MPS", "MOPAC"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardAction:
    """An action: its number within the meeting, the minute that it follows from and whose it is.

    `due_text` holds the words that say when, `due_on` the day where they name one.
    """

    number: int
    paragraph: str
    title: str
    text: str
    owners: tuple[str, ...]
    due_kind: Literal["date", "event", "asap", "none"] = "none"
    due_on: date | None = None
    due_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardMeeting:
    """A meeting of the board, with its actions in the order of their numbers."""

    board: str
    held_on: date
    actions: tuple[BoardAction, ...]


APRIL_2023 = BoardMeeting(
    board=BOARD,
    held_on=date(2023, 4, 28),
    actions=(
        BoardAction(
            number=1,
            paragraph="1.2",
            title="Outcome of the dip sample on missed child safeguarding issues",
            text="The MPS would update MOPAC on the outcome of this work once it was completed.",
            owners=(MPS,),
            due_kind="event",
            due_text="once it was completed",
        ),
        BoardAction(
            number=2,
            paragraph="2.3",
            title="Detailed work behind the neighbourhood policing allocation",
            text=(
                "The Deputy Mayor requested that before detailed conversations are held with boroughs, the MPS "
                "provided MOPAC with the detailed work behind the neighbourhood policing allocation and the impact "
                "that it would have on wards, particularly where the impact would result in wards no longer being "
                "regarded as a priority area."
            ),
            owners=(MPS,),
            due_kind="event",
            due_text="before detailed conversations are held with boroughs",
        ),
        BoardAction(
            number=3,
            paragraph="2.4",
            title="Whether the recruitment of PCSOs can be accelerated",
            text=(
                "The MPS would consider the feasibility of the Mayor's request for the recruitment of PCSOs to be "
                "accelerated and respond as quickly as possible, including with reasons if it is not possible."
            ),
            owners=(MPS,),
            due_kind="asap",
            due_text="as quickly as possible",
        ),
        BoardAction(
            number=4,
            paragraph="2.6",
            title="Plans for resetting the relationship with Londoners",
            text="The MPS would share with MOPAC its plans for this.",
            owners=(MPS,),
        ),
        BoardAction(
            number=5,
            paragraph="2.10",
            title="How best to consider performance in responding to 999 calls",
            text=(
                "It was agreed that the MPS and MOPAC would discuss how best to consider performance in responding "
                "to 999 calls, noting the wider links with other areas."
            ),
            owners=(MPS, MOPAC),
        ),
        BoardAction(
            number=6,
            paragraph="2.11",
            title="Update on officers who are not fully deployable",
            text=(
                "The MPS would provide an update on this work to the Finance, Change and People Oversight Board "
                "meeting on 30 June 2023."
            ),
            owners=(MPS,),
            due_kind="date",
            due_on=date(2023, 6, 30),
            due_text="30 June 2023",
        ),
        BoardAction(
            number=7,
            paragraph="3.2",
            title="Low trust and confidence of LGBTQ+ communities in the MPS",
            text=(
                "MPS and MOPAC to discuss how they align on what is needed for addressing the low trust and "
                "confidence that LGBTQ+ communities have in the MPS, and the next steps."
            ),
            owners=(MPS, MOPAC),
        ),
    ),
)

AUGUST_2023 = BoardMeeting(
    board=BOARD,
    held_on=date(2023, 8, 31),
    actions=(
        BoardAction(
            number=1,
            paragraph="4.3",
            title="Data on the use of handcuffs during a stop and search",
            text=(
                "MPS to share with MOPAC as soon as possible the data on the use of handcuffs during a stop and "
                "search, including age and ethnicity."
            ),
            owners=(MPS,),
            due_kind="asap",
            due_text="as soon as possible",
        ),
        BoardAction(
            number=2,
            paragraph="4.5",
            title="Review of every incident of the use of taser on a child",
            text="MPS to advise MOPAC whether it reviewed every incident of the use of taser on a child.",
            owners=(MPS,),
        ),
        BoardAction(
            number=3,
            paragraph="4.6",
            title="Recommendations on searches exposing intimate parts",
            text=(
                "MPS to provide an update to the London Policing Ethics Panel on the implementation of the "
                "recommendations contained in the Panel's report \"Conduct of Searches Exposing Intimate Parts by "
                'the MPS".'
            ),
            owners=(MPS,),
        ),
    ),
)

MEETINGS = (APRIL_2023, AUGUST_2023)
