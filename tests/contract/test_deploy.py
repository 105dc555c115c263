"""What deploy/ holds agrees with the code and with the tools that read it."""

import json
import os
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from local.home import Home
from tests.contract.compose import ROOT, project

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus/rules/oversight.yml"
DASHBOARD = DEPLOY / "grafana/dashboards/oversight.json"
SERVICES = ["ingest", "metrics", "actions", "notify"]


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, env=os.environ | environment, capture_output=True, text=True, check=False)


def tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not on PATH: install the package `{package}`")
    return found


def image_environment() -> dict[str, str]:
    """What the Dockerfile's ENV sets."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    settings = re.search(r"^ENV (.*)$", text, re.MULTILINE)
    return dict(word.split("=", 1) for word in settings[1].split())


def test_prometheus_accepts_its_configuration_and_rules():
    done = run(tool("promtool", "prometheus"), "check", "config", DEPLOY / "prometheus/prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 rules found" in done.stdout


def test_each_alert_rule_fires_when_it_should_and_only_then():
    done = run(tool("promtool", "prometheus"), "test", "rules", Path(__file__).with_name("prometheus_rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_accepts_its_configuration():
    done = run(tool("amtool", "prometheus-alertmanager"), "check-config", DEPLOY / "alertmanager/alertmanager.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", [RULES, DASHBOARD], ids=lambda path: path.name)
def test_every_metric_that_is_watched_is_declared_by_the_code(file):
    sources = [path for package in ("services", "shared") for path in (ROOT / package).rglob("*.py")]
    declared = {name for path in sources for name in re.findall(r'"(oversight_[a-z_]+)"', path.read_text())}
    watched = set(re.findall(r"\boversight_[a-z_]+", file.read_text()))
    assert watched
    bare = {name: re.sub(r"_(total|bucket|count|sum)$", "", name) for name in watched}
    assert [name for name in watched if not {name, bare[name]} & declared] == []


def test_the_dashboard_asks_the_data_source_that_is_provisioned():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    provisioned = re.search(r"uid: (\w+)", (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())[1]
    assert {target["datasource"]["uid"] for panel in panels for target in panel["targets"]} == {provisioned}


def test_the_image_copies_only_what_is_in_the_tree_and_let_through():
    copied = re.findall(r"^COPY (\S+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    let_through = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(let_through)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_services_read_the_tokens_that_the_command_line_makes():
    image = image_environment()
    assert Path(image["OVERSIGHT_TOKENS_FILE"]) == Home(Path(image["OVERSIGHT_HOME"])).tokens_file
    for name, service in project()["services"].items():
        mounts = {mount["source"]: mount["target"] for mount in service.get("volumes", [])}
        assert mounts.get("tokens", image["OVERSIGHT_HOME"]) == image["OVERSIGHT_HOME"], name


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_accepts_the_environment_that_it_is_given(service, monkeypatch):
    given = image_environment() | project()["services"][service]["environment"]
    for name in [name for name in os.environ if name.startswith("OVERSIGHT_")]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = import_module(f"services.{service}.settings").Settings()
    assert settings.kafka == "kafka:9092"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_no_variable_that_it_does_not_read(service):
    settings = import_module(f"services.{service}.settings").Settings
    prefix = settings.model_config["env_prefix"]
    read = {field.validation_alias or f"{prefix}{name.upper()}" for name, field in settings.model_fields.items()}
    given = project()["services"][service]["environment"]
    assert {name for name in given if name.startswith("OVERSIGHT_")} <= read


@pytest.fixture
def start(tmp_path):
    """Runs start.sh in front of a stand-in for Kafka's own scripts; answers the cluster id that Kafka would get."""
    (tmp_path / "bin").mkdir()
    write_script(tmp_path / "bin/kafka-storage.sh", '[ "$1" = random-uuid ] && echo new-id')
    write_script(tmp_path / "run", 'echo "$CLUSTER_ID"')

    def _start() -> str:
        place = {"KAFKA_HOME": str(tmp_path), "KAFKA_RUN": str(tmp_path / "run")}
        done = run("bash", DEPLOY / "kafka/start.sh", KAFKA_LOG_DIRS=str(tmp_path), **place)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return _start


def write_script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_kafka_without_data_starts_under_a_new_cluster_id(start):
    assert start() == "new-id"


def test_kafka_with_data_starts_under_the_cluster_id_of_the_data(start, tmp_path):
    (tmp_path / "meta.properties").write_text("#Sun Nov 22\ncluster.id=Kx-1_a\nversion=1\nnode.id=1\n")
    assert start() == "Kx-1_a"
