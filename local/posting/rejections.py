"""What was not accepted, and why: each distinct reason once, with its count and its first example."""

from dataclasses import dataclass

MOST_REASONS = 200
OTHER = "(other reasons)"


@dataclass(slots=True)
class Reason:
    count: int
    example: str


class Rejections:
    """Counts rejected records and the reasons given. A record with two faults counts under both reasons.

    Beyond 200 distinct reasons the rest are counted together, so that a file of nonsense does not fill the memory.
    """

    def __init__(self) -> None:
        self.records = 0
        self.reasons: dict[str, Reason] = {}

    def add(self, reasons: list[str], example: str, records: int = 1) -> None:
        """`records` records were rejected for each of `reasons`; `example` shows one, or says where it stands."""
        self.records += records
        for text in dict.fromkeys(reasons):
            key = text if text in self.reasons or len(self.reasons) < MOST_REASONS else OTHER
            self.reasons.setdefault(key, Reason(0, example)).count += records

    def merge(self, other: "Rejections") -> None:
        """Add everything that `other` holds."""
        self.records += other.records
        for text, theirs in other.reasons.items():
            self.reasons.setdefault(text, Reason(0, theirs.example)).count += theirs.count

    def most_frequent(self) -> list[tuple[str, Reason]]:
        """The reasons, the most frequent first."""
        return sorted(self.reasons.items(), key=lambda item: (-item[1].count, item[0]))
