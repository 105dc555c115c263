"""docker-compose.yml starts everything in order, keeps what must be kept, and says what is missing."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.contract.compose import COMPOSE, ROOT, docker_compose, project, required_variables

ONE_SHOT = {"kafka-topics", "tokens"}


@pytest.fixture(scope="module")
def services() -> dict:
    return project()["services"]


@pytest.fixture(scope="module")
def ours(services) -> dict:
    """The four services of Oversight, by the name that SERVICE gives them."""
    return {
        service["environment"]["SERVICE"]: service | {"name": name}
        for name, service in services.items()
        if "SERVICE" in service.get("environment", {})
    }


def test_docker_compose_accepts_the_file():
    assert docker_compose(dict.fromkeys(required_variables(), "x"), "-q").returncode == 0


@pytest.mark.parametrize("missing", required_variables())
@pytest.mark.parametrize("without", ["unset", "empty"])
def test_a_missing_variable_stops_the_start_and_is_named(missing, without):
    variables = {name: "x" for name in required_variables() if name != missing}
    done = docker_compose(variables | ({missing: ""} if without == "empty" else {}), "-q")
    assert done.returncode != 0
    assert f"required variable {missing} is missing a value: set {missing} in .env" in done.stderr


def test_the_example_environment_names_every_variable_that_the_file_reads():
    text = COMPOSE.read_text()
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"\$\{(\w+):\?", text)) == set(required_variables())
    assert set(re.findall(r"\$\{(\w+):-", text)) == set(re.findall(r"^# (\w+)=", example, re.MULTILINE))
    assert not re.findall(r"\$\{\w+\}", text), "a variable must say what happens when it is not set"


def test_every_dependency_says_what_it_waits_for(services):
    written = yaml.safe_load(COMPOSE.read_text())["services"]
    for name, service in written.items():
        for needed, condition in dict(service.get("depends_on", {})).items():
            wanted = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert condition == {"condition": wanted}, f"{name} on {needed}"


def test_every_lasting_service_has_a_health_check_and_starts_again_when_it_fails(services):
    for name, service in services.items():
        if name not in ONE_SHOT:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_the_four_services_wait_for_kafka_its_topics_and_their_own_storage(ours):
    storage = {"ingest": set(), "metrics": {"redis", "postgres"}}
    storage |= {"actions": {"postgres"}, "notify": {"postgres", "mailpit"}}
    assert {name: set(service["depends_on"]) for name, service in ours.items()} == {
        name: {"kafka", "kafka-topics"} | own for name, own in storage.items()
    }


def test_the_four_services_are_those_of_the_tree_and_run_one_image_as_themselves(ours):
    assert set(ours) == {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
    assert {name: service["name"] for name, service in ours.items()} == {name: name for name in ours}
    assert {service["build"]["dockerfile"] for service in ours.values()} == {"deploy/Dockerfile"}


def test_named_volumes_are_declared_and_used_and_hold_every_store():
    whole = project()
    mounts = [mount for service in whole["services"].values() for mount in service.get("volumes", [])]
    used = {mount["source"] for mount in mounts if mount["type"] == "volume"}
    assert used == set(whole["volumes"])
    assert {"kafka-data", "redis-data", "postgres-data", "tokens"} <= used


def test_every_file_that_is_mounted_is_in_the_tree(services):
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]
    bound = [Path(mount["source"]) for mount in mounts if mount["type"] == "bind"]
    assert bound
    assert [path for path in bound if not path.exists()] == []


def test_every_image_is_pinned_to_a_version(services):
    base = re.findall(r"^FROM (\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    images = [*base, *(service["image"] for service in services.values())]
    assert [image for image in images if not re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)*$", image)] == []


def test_the_broker_is_the_one_that_the_tests_run_against(services):
    pom = ET.parse(ROOT / "deploy/kafka/pom.xml")
    tested = pom.findtext("./properties/kafka.version")
    assert services["kafka"]["image"] == services["kafka-topics"]["image"] == f"apache/kafka:{tested}"


def test_nothing_is_published_beyond_this_machine(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_prometheus_scrapes_every_service_and_itself(ours):
    configuration = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    targets = {
        job["job_name"]: [target for group in job["static_configs"] for target in group["targets"]]
        for job in configuration["scrape_configs"]
    }
    for name, service in ours.items():
        assert targets.pop(name) == [f"{service['name']}:{service['environment']['PORT']}"]
    assert targets["prometheus"] == ["localhost:9090"]
