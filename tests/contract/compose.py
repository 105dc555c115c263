"""docker-compose.yml as Docker Compose itself reads it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"


def required_variables() -> list[str]:
    """The variables that .env.example leaves for the reader to fill in."""
    return re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def docker_compose(variables: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run Docker Compose on our file with these variables alone, whatever a developer's .env says."""
    binary = Path(sys.executable).with_name("docker-compose")
    return subprocess.run(
        [binary, "--env-file", os.devnull, "--profile", "*", "-f", COMPOSE, "config", *words],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def project() -> dict:
    """The whole project, its references resolved; every required variable is set to its own name."""
    done = docker_compose({name: name for name in required_variables()}, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
