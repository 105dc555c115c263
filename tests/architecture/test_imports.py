"""Imports run one way: app -> api, pages, consumer -> workers -> store -> rules; services meet in Kafka and REST."""

import pytest

from tests.architecture.house import SERVICES, modules, sample, within

# Each service's files by layer, the outermost first. A file that is named nowhere here holds rules, and is pure.
LAYERS = (
    ("app", "rebuild", "preview"),  # each wires a process
    ("api", "contracts", "pages", "consumer", "limits", "reference", "remembered", "replays"),
    ("publications", "reconciliations"),  # rooms that have their own routes, pages and store
    # what the doors say of their bodies, read from queries, and show
    ("door", "express", "openapi", "params", "series", "charts", "tables", "explaining", "opendata"),
    ("rebuilding",),  # a worker that has another at work
    # workers: rules meet edges
    (
        "intake",
        "projector",
        "queries",
        "charting",
        "judging",
        "previewing",
        "gauges",
        "telling",
        "watch",
        "reminding",
        "delivery",
    ),
    ("backlog", "sender", "store", "telemetry"),  # the edges themselves
    ("register", "events"),  # rules about the rows of tables
    ("models",),  # the tables, which are SQLModel's
)
RULES = len(LAYERS)
IO_LIBRARIES = {"fastapi", "starlette", "redis", "aiokafka", "sqlmodel", "sqlalchemy", "httpx", "alembic", "uvicorn"}
PURE_SHARED = {"shared.errors", "shared.events", "shared.reference", "shared.names", "shared.clock.LONDON"}


def layer(room):
    return next((depth for depth, rooms in enumerate(LAYERS) if room in rooms), RULES)


def own_rooms(module):
    """The rooms of its own service that a module imports."""
    inside = [name.split(".") for name in module.imports() if within(name, [f"services.{module.service}"])]
    return {parts[2] for parts in inside if len(parts) > 2} - {module.room}


def against_the_direction(module):
    """Imports of an outer layer; settings are passed down by app.py, not fetched."""
    mine = layer(module.room)
    rooms = own_rooms(module)
    outer = {room for room in rooms if layer(room) < mine and room != "settings"}
    return sorted(outer | ({"settings"} & rooms if module.room not in LAYERS[0] else set()))


def impurities(module):
    """What a file of rules must not import: I/O, and of shared all but the contracts."""
    foreign = [name for name in module.imports() if within(name, IO_LIBRARIES)]
    shared = [name for name in module.imports() if within(name, ["shared"]) and not within(name, PURE_SHARED)]
    return foreign + shared


PURE_WITHIN = {  # the files of rules in rooms that hold edges too
    "services.metrics.publications": {"calendar", "document", "embargo", "punctuality", "revisions"},
    "services.metrics.reconciliations": {"changes", "columns", "numbers", "reconciling", "rows", "spans"},
}


def other_services(module):
    others = {f"services.{name}" for name in [*SERVICES, "sample"] if name != module.service}
    return [name for name in module.imports() if within(name, others)]


def is_rule_file(module):
    return bool(module.room) and module.room != "settings" and layer(module.room) == RULES


def breaches(find, *packages, of=lambda _module: True):
    return [f"{module.name} imports {found}" for module in modules(*packages) if of(module) for found in find(module)]


def test_there_are_four_services():
    assert SERVICES == ["actions", "ingest", "metrics", "notify"]


def test_imports_run_one_way_within_a_service():
    assert breaches(against_the_direction, "services") == []


def test_files_of_rules_import_no_io_no_storage_no_settings_and_no_clock():
    assert breaches(impurities, "services", of=is_rule_file) == []
    assert len([module for module in modules("services") if is_rule_file(module)]) > 15


@pytest.mark.parametrize("room", PURE_WITHIN)
def test_the_files_of_rules_in_a_room_with_edges_are_as_pure(room):
    rules = {f"{room}.{name}" for name in PURE_WITHIN[room]}
    found = [module for module in modules("services") if module.name in rules]
    assert {module.name for module in found} == rules
    assert [f"{module.name} imports {what}" for module in found for what in impurities(module)] == []


def test_no_service_imports_another():
    assert breaches(other_services, "services") == []


def test_shared_imports_no_service_and_nothing_of_the_embedded_stack():
    assert breaches(lambda module: [n for n in module.imports() if within(n, ["services", "local"])], "shared") == []


def test_services_import_nothing_of_the_embedded_stack_or_of_tests():
    assert breaches(lambda module: [n for n in module.imports() if within(n, ["local", "tests"])], "services") == []


@pytest.mark.parametrize(
    ("find", "name", "text"),
    [
        (against_the_direction, "services.sample.store", "from services.sample.api import router"),
        (against_the_direction, "services.sample.due", "from services.sample import store"),
        (against_the_direction, "services.sample.api", "from .app import create_app"),
        (against_the_direction, "services.sample.store.keys", "import services.sample.consumer"),
        (against_the_direction, "services.sample.store", "from services.sample.settings import Settings"),
        (impurities, "services.sample.due", "from sqlmodel import Session"),
        (impurities, "services.sample.due", "import redis.asyncio as redis"),
        (impurities, "services.sample.due", "def late():\n    import httpx"),
        (impurities, "services.sample.due", "from shared.clock import Clock"),
        (impurities, "services.sample.due", "from shared import kafka"),
        (other_services, "services.sample.due", "from services.metrics.periods import quarter"),
        (other_services, "services.metrics.due", "from ..sample import due"),
    ],
)
def test_these_rules_find_what_breaks_them(find, name, text):
    assert find(sample(text, name))


@pytest.mark.parametrize(
    ("find", "name", "text"),
    [
        (against_the_direction, "services.sample.app", "from services.sample.settings import Settings"),
        (against_the_direction, "services.sample.api", "from services.sample import due, store"),
        (against_the_direction, "services.sample.store.keys", "from services.sample.store import reader"),
        (impurities, "services.sample.due", "from shared.clock import LONDON\nfrom shared.events import Crime"),
        (other_services, "services.metrics.due", "from services.metrics.periods import quarter\nimport shared.errors"),
    ],
)
def test_these_rules_let_pass_what_is_right(find, name, text):
    assert not find(sample(text, name))
