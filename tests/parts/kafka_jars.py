"""Apache Kafka's jars, fetched once with Maven into a directory that git ignores."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.parts.process import PartError

ROOT = Path(__file__).parents[2]
POM = ROOT / "deploy/kafka/pom.xml"
CACHE = ROOT / ".cache/kafka"


def jars(cache: Path = CACHE) -> Path:
    """The directory of jars, `OVERSIGHT_KAFKA_JARS` or one per version of the pom under `cache`.

    The first call for a pom may take a minute; a later one looks at one file.
    """
    if given := os.environ.get("OVERSIGHT_KAFKA_JARS"):
        return Path(given)
    libs = cache / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    stamp = libs / ".complete"
    if not stamp.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs may start at once
            if not stamp.exists():
                _fetch(libs)
                stamp.touch()
    return libs


def _fetch(libs: Path) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise PartError("Apache Kafka's jars need Maven: install the package `maven`, or set OVERSIGHT_KAFKA_JARS")
    shutil.rmtree(libs, ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={libs}"]
    done = subprocess.run(
        [maven, "-B", "-q", "-f", POM, *goal],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PartError(f"Maven could not fetch Apache Kafka's jars:\n{done.stdout}{done.stderr}")
