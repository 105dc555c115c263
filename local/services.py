"""The four services as children: how each is launched, and when it serves."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from local.home import Addresses, Home
from local.settings import LocalSettings
from local.supervision.ports import HOST
from local.supervision.processes import Program
from shared.events.topics import ACTIONS, ALERTS, RECORD_TOPICS


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its ASGI factory, and the topics that it consumes as the group `oversight.<name>`."""

    name: str
    app: str
    consumes: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return f"oversight.{self.name}"


# Who consumes starts before who produces; stopped in the reverse order, nothing is left unread in between.
SERVICES = (
    Service("notify", "services.notify.app:create_app", consumes=(ALERTS, ACTIONS)),
    Service("actions", "services.actions.app:create_app"),
    Service("metrics", "services.metrics.app:create_app", consumes=RECORD_TOPICS),
    Service("ingest", "services.ingest.app:create_app"),
)


def url_of(service: str, settings: LocalSettings) -> str:
    return f"http://{HOST}:{settings.port_of(service)}"


def program(service: Service, settings: LocalSettings, home: Home, addresses: Addresses) -> Program:
    """The service as a child, ready once `/readyz` answers 200."""
    port = str(settings.port_of(service.name))
    argv = [sys.executable, "-m", "shared.serving", service.app, "--factory", "--host", HOST, "--port", port]
    argv += ["--no-access-log"]  # not kept by shared/logs.py, and costly to word
    argv += ["--timeout-graceful-shutdown", "5"]  # an open stream of events must not hold up Ctrl-C
    ready_url = f"{url_of(service.name, settings)}/readyz"
    return Program(
        service.name,
        argv,
        lambda: not_ready(ready_url),
        env=service_environment(service.name, home, addresses),
        defaults=service_defaults(service.name, settings, addresses),
    )


def service_environment(service: str, home: Home, addresses: Addresses) -> Mapping[str, str]:
    """What a service reads to find the others: see each `settings.py`."""
    environment = {
        "OVERSIGHT_KAFKA": addresses.kafka,
        "OVERSIGHT_REDIS_URL": addresses.redis,
        "OVERSIGHT_TOKENS_FILE": str(home.tokens_file),
        "OVERSIGHT_VOLATILE_BROKER": "1" if addresses.volatile_broker else "0",
    }
    if database := addresses.database.get(service):
        environment["OVERSIGHT_DATABASE_URL"] = database
    return environment


def service_defaults(service: str, settings: LocalSettings, addresses: Addresses) -> Mapping[str, str]:
    """What a service needs to be told on this machine, unless it was told otherwise."""
    # Links in its e-mails lead to the port that it really has.
    defaults = {f"OVERSIGHT_{service.upper()}_PUBLIC_URL": url_of(service, settings)}
    if service == "notify":
        defaults["OVERSIGHT_NOTIFY_SMTP"] = addresses.smtp
    return defaults


def not_ready(url: str) -> str | None:
    """None once a GET of `url` answers 200, else what it answered instead."""
    try:
        # No proxy of the environment: this stays on the machine.
        answer = httpx.get(url, timeout=2, trust_env=False)
    except httpx.TransportError as error:
        return f"{url}: {error}"
    return None if answer.status_code == 200 else f"{url} answered {answer.status_code}: {answer.text[:500]}"
