"""Every service is restarted, and killed, in the middle of an import: the counts are as if nothing had happened."""

import csv
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.home import Addresses
from local.services import SERVICES as PROGRAMS
from local.services import program
from local.settings import LocalSettings
from local.supervision.children import Children
from local.supervision.processes import Child
from shared.reference import reference
from tests.e2e.conftest import OVERSIGHT, SERVICES, System, eventually, free_ports
from tests.parts.stack import Stack

CLASSES = ("DOMESTIC BURGLARY", "BURGLARY BUSINESS AND COMMUNITY", "THEFT FROM THE PERSON", "SHOPLIFTING", "ARSON")
MONTHS = [f"{year}{month:02d}" for year in range(2012, 2018) for month in range(1, 13)]
END = "2017-12-31"


class Services:
    """The four services as processes of their own, each of which can be stopped or killed, and started again."""

    def __init__(self, system: System, addresses: Addresses, settings: LocalSettings) -> None:
        self.system, self._addresses, self._settings = system, addresses, settings
        self._programs = {each.name: each for each in PROGRAMS}
        self._running: dict[str, Child] = {}

    def start(self, name: str) -> None:
        started = program(self._programs[name], self._settings, self.system.home, self._addresses)
        self._running[name] = child = Children(self.system.home.logs).start(started)
        eventually(child.is_ready, f"{name} is ready")

    def end(self, name: str, how: signal.Signals) -> None:
        child = self._running.pop(name)
        os.kill(child.pid, how)
        child.stop()

    def stop(self) -> None:
        for child in self._running.values():
            child.stop()


@pytest.fixture
def services(parts: Stack, system: System) -> Iterator[Services]:
    home = system.home
    home.create()
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    settings = LocalSettings(**{f"{name}_port": port for name, port in ports.items()})
    parts.redis.flush()
    addresses = Addresses(
        **{name: f"http://127.0.0.1:{port}" for name, port in ports.items()},
        kafka=parts.bootstrap,
        redis=parts.redis_url,
        smtp="127.0.0.1:9",
        database={name: parts.database_url(name) for name in ("metrics", "actions", "notify")},
        volatile_broker=parts.volatile_broker,
    )
    with home.lock():
        home.ensure_token()
        with home.publish(addresses):
            running = Services(system, addresses, settings)
            try:
                for name in ("notify", "actions", "metrics", "ingest"):
                    running.start(name)
                yield running
            finally:
                running.stop()


def write_file(path: Path, seed: int) -> Counter[str]:
    """A file in the Datastore's form; answers its totals by class for the 12 months to END."""
    rng, totals = random.Random(seed), Counter[str]()
    boroughs = [area.name for area in reference().areas if area.kind == "borough"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["MajorText", "MinorText", "LookUp_BoroughName", *MONTHS])
        for name in CLASSES:
            for borough in boroughs:
                counts = [rng.randrange(200) for _ in MONTHS]
                totals[name] += sum(counts[-12:])
                writer.writerow(["ANY", name, borough, *counts])
    return totals


def counted(system: System, totals: Counter[str]) -> bool:
    burglary = totals["DOMESTIC BURGLARY"] + totals["BURGLARY BUSINESS AND COMMUNITY"]
    expected = (totals.total(), burglary, totals["THEFT FROM THE PERSON"])
    measures = ("total-notifiable-offences", "total-burglary", "theft-person")
    return tuple(system.value(measure, END, dataset="restarts") for measure in measures) == expected


def test_an_import_survives_the_restart_and_the_death_of_every_service(services: Services, tmp_path: Path) -> None:
    system, path = services.system, tmp_path / "datastore.csv"
    totals = write_file(path, seed=1)
    command = [OVERSIGHT, "import", "datastore", str(path), "--dataset", "restarts"]
    importing = subprocess.Popen(command, env=system.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    eventually(lambda: system.value("total-notifiable-offences", END, dataset="restarts"), "the import is under way")
    for how in (signal.SIGTERM, signal.SIGKILL):
        for name in ("metrics", "ingest"):
            services.end(name, how)
            services.start(name)
    said, _ = importing.communicate(timeout=240)
    assert importing.returncode == 0, said
    for name in ("actions", "notify"):
        services.end(name, signal.SIGKILL)
        services.start(name)
    eventually(lambda: counted(system, totals), "every crime is counted once")

    again = system.run("import", "datastore", str(path), "--dataset", "restarts")
    assert again.returncode == 0, again.stdout + again.stderr
    assert counted(system, totals), "the same file again changes nothing"

    later = write_file(path, seed=2)
    revised = system.run("import", "datastore", str(path), "--dataset", "restarts", "--published", "2018-03-01")
    assert revised.returncode == 0, revised.stdout + revised.stderr
    eventually(lambda: counted(system, later), "a later publication revises")
