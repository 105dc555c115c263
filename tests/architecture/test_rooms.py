"""Every service has the same rooms, by the same names; no file is named for what it is not."""

import pytest

from tests.architecture.house import ROOT, SERVICES, modules

REQUIRED = {"app", "settings", "api", "telemetry"}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "lib", "core", "main", "service"}
VARIANTS = {  # what a room must not be called -> its name
    **dict.fromkeys(["application", "bootstrap", "wiring"], "app"),
    **dict.fromkeys(["config", "conf", "configuration"], "settings"),
    **dict.fromkeys(["routes", "router", "routers", "views", "endpoints"], "api"),
    **dict.fromkeys(["repository", "repo", "db", "database", "storage", "dao"], "store"),
    **dict.fromkeys(["consumers", "listener", "handlers", "worker"], "consumer"),
    **dict.fromkeys(["metrics", "prometheus", "instrumentation"], "telemetry"),
    **dict.fromkeys(["html", "ui", "web"], "pages"),
    **dict.fromkeys(["orm", "schema", "entities"], "models"),
}


def rooms(service):
    return {module.room for module in modules(f"services/{service}") if module.room}


def missing(found):
    return sorted(REQUIRED - found)


def nameless(found):
    return sorted(found & NAMELESS)


def misnamed(found):
    return [f"{room}: call it {VARIANTS[room]}" for room in sorted(found & VARIANTS.keys())]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_rooms_that_every_service_has(service):
    assert missing(rooms(service)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_room_goes_by_the_same_name_in_every_service(service):
    assert misnamed(rooms(service)) == []


def test_no_file_is_a_drawer_for_odds_and_ends():
    stems = {path.stem for package in ("services", "shared", "local") for path in (ROOT / package).rglob("*.py")}
    assert nameless(stems) == []


def test_templates_lie_beside_pages():
    for service in SERVICES:
        has_templates = (ROOT / "services" / service / "templates").is_dir()
        assert has_templates == ("pages" in rooms(service)), service


def test_these_rules_find_what_breaks_them():
    assert missing({"app", "api", "settings"}) == ["telemetry"]
    assert misnamed({"api", "repository"}) == ["repository: call it store"]
    assert nameless({"api", "utils", "helpers"}) == ["helpers", "utils"]
