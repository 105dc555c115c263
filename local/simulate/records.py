"""First versions of records, drawn at random. Pure: the same random numbers give the same records."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from local.simulate import mixes
from local.simulate.calls import Calls
from local.simulate.crimes import Crimes
from local.simulate.mixes import Mix
from local.simulate.stops import Stops
from shared.events import Call, Crime, Stop
from shared.reference import Reference

Record = Crime | Call | Stop


class Records:
    """Makes records of `dataset`, whose ids begin with `run` so that no two runs share one."""

    def __init__(self, reference: Reference, run: str, dataset: str) -> None:
        self._run, self._dataset = run, dataset
        areas = Mix(mixes.areas(reference))
        self._makers: dict[str, Callable[[Random, str, datetime, str], Record]] = {
            "crimes": Crimes(areas).make,
            "calls": Calls(reference, areas).make,
            "stops": Stops(areas).make,
        }

    def make(self, kind: str, random: Random, number: int, at: datetime) -> Record:
        """The first version of the `number`th record of `kind` (crimes, calls, stops), at the aware time `at`."""
        record_id = f"{self._run}-{kind.removesuffix('s')}-{number}"
        return self._makers[kind](random, record_id, at, self._dataset)
