"""Who is told in the demonstration. `oversight.example` cannot exist, so that no one real is ever written to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """An owner of actions or alerts, and where notifications go."""

    owner: str
    name: str
    email: str


CONTACTS = (
    Contact("MPS", "Metropolitan Police Service, Strategy and Transformation", "mps@oversight.example"),
    Contact("MOPAC", "MOPAC, Oversight and Performance", "mopac@oversight.example"),
    Contact("performance", "MOPAC, performance analysts", "performance@oversight.example"),
)
