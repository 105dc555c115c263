"""Whole days before today, so that a stream that has just begun is not all that there is. Pure."""

from collections.abc import Iterator
from datetime import date, datetime

from local.simulate.history import make_history
from local.simulate.records import Records
from local.simulate.rhythm import RHYTHMS
from shared.clock import LONDON
from shared.reference import Reference


def filled_days(
    seed: int, reference: Reference, dataset: str, days: list[date]
) -> Iterator[tuple[date, list[tuple[str, bytes]]]]:
    """Each day's events, (kind, JSON), as many records as London has on such a day.

    A day's records depend on the seed and the day alone: posting the day again, from another run, changes nothing.
    """
    for day in days:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)
        number = round(sum(rhythm.per_day * rhythm.day_weight(noon) for rhythm in RHYTHMS.values()))
        records = Records(reference, f"{seed}-past-{day:%Y%m%d}", dataset)
        yield day, make_history(f"{seed}-{day}", records, number, [day]).items
