"""How much happens when: London's shape over the year, the week and the day. Pure.

The monthly figures are London's recorded crime by month, 2015-16 to 2018-19 (London Datastore). Those of the hour and
the weekday are round figures of the usual shape: calls peak in the early evening, crimes are recorded in office hours
and after, stops happen from the afternoon into the night.
"""

from dataclasses import dataclass
from datetime import datetime

MONTHS = (0.99, 0.94, 1.04, 0.94, 1.02, 1.00, 1.05, 0.99, 0.97, 1.04, 1.03, 0.99)
_CALL_HOURS = (27, 20, 16, 13, 11, 11, 15, 25, 38, 47, 51, 53, 55, 55, 56, 58, 61, 64, 66, 64, 59, 53, 46, 36)
_CRIME_HOURS = (26, 19, 15, 12, 10, 10, 14, 24, 42, 55, 59, 58, 58, 58, 59, 60, 60, 60, 58, 55, 51, 48, 42, 35)
_STOP_HOURS = (52, 40, 28, 16, 9, 6, 6, 8, 12, 18, 26, 34, 42, 50, 58, 68, 74, 72, 70, 70, 68, 64, 60, 56)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`per_day` events on an average day, by 24 hours, by 7 weekdays (Monday first) and by 12 months, as weights."""

    per_day: float
    hours: tuple[float, ...]
    weekdays: tuple[float, ...]

    def per_second(self, local: datetime) -> float:
        """Events a second at `local`, a time in London."""
        share = self.hours[local.hour] / sum(self.hours)
        return self.per_day * share / 3600 * self.day_weight(local)

    def day_weight(self, local: datetime) -> float:
        """How busy the day of `local` is, about 1 on average."""
        return self.weekdays[local.weekday()] / (sum(self.weekdays) / 7) * MONTHS[local.month - 1]

    def most_per_second(self) -> float:
        """No moment exceeds this."""
        busiest_day = max(self.weekdays) / (sum(self.weekdays) / 7) * max(MONTHS)
        return self.per_day * max(self.hours) / sum(self.hours) / 3600 * busiest_day


RHYTHMS = {
    "crimes": Rhythm(2_200, _CRIME_HOURS, (1.00, 0.99, 1.00, 1.00, 1.04, 1.01, 0.96)),
    "calls": Rhythm(12_500, _CALL_HOURS, (0.98, 0.96, 0.97, 0.98, 1.05, 1.07, 0.99)),
    "stops": Rhythm(350, _STOP_HOURS, (0.92, 0.98, 1.02, 1.06, 1.10, 1.04, 0.88)),
}
