from pathlib import Path

from local.home import Home
from local.services import SERVICES, program, service_environment
from local.settings import LocalSettings
from tests.unit.local.test_home import ADDRESSES

HOME = Home(Path("/somewhere/home"))


def test_a_service_is_told_where_everything_is():
    environment = service_environment("notify", HOME, ADDRESSES)
    assert environment["OVERSIGHT_KAFKA"] == ADDRESSES.kafka
    assert environment["OVERSIGHT_REDIS_URL"] == ADDRESSES.redis
    assert environment["OVERSIGHT_DATABASE_URL"] == "sqlite:////n"
    assert environment["OVERSIGHT_TOKENS_FILE"] == "/somewhere/home/tokens.json"
    assert environment["OVERSIGHT_VOLATILE_BROKER"] == "1"


def test_a_service_without_a_database_is_told_of_none():
    assert "OVERSIGHT_DATABASE_URL" not in service_environment("ingest", HOME, ADDRESSES)


def test_a_service_listens_on_this_machine_alone_at_its_own_port():
    for service in SERVICES:
        settings = LocalSettings(**{f"{service.name}_port": 18_000})
        argv = list(program(service, settings, HOME, ADDRESSES).argv)
        assert argv[1:5] == ["-m", "shared.serving", f"services.{service.name}.app:create_app", "--factory"]
        assert argv[5:9] == ["--host", "127.0.0.1", "--port", "18000"]


def test_the_links_of_a_service_lead_to_its_port_unless_it_was_told_otherwise():
    service = next(service for service in SERVICES if service.name == "actions")
    given = program(service, LocalSettings(actions_port=18_003), HOME, ADDRESSES)
    assert given.defaults == {"OVERSIGHT_ACTIONS_PUBLIC_URL": "http://127.0.0.1:18003"}
    assert "OVERSIGHT_ACTIONS_PUBLIC_URL" not in given.env


def test_notify_sends_to_the_mail_sink_unless_it_was_told_otherwise():
    service = next(service for service in SERVICES if service.name == "notify")
    given = program(service, LocalSettings(), HOME, ADDRESSES)
    assert given.defaults["OVERSIGHT_NOTIFY_SMTP"] == ADDRESSES.smtp
    assert "OVERSIGHT_NOTIFY_SMTP" not in given.env


def test_every_service_with_a_consumer_is_waited_for():
    rooms = Path(__file__).parents[3] / "services"
    assert {service.name for service in SERVICES if service.consumes} == {
        path.parent.name for path in rooms.glob("*/consumer.py")
    }


def test_whoever_consumes_starts_before_whoever_produces_for_it():
    started = [service.name for service in SERVICES]
    assert started == ["notify", "actions", "metrics", "ingest"]
