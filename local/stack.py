"""The embedded stack: what it embeds, in which order its parts start, and how they stop without losing records."""

import sys
from collections.abc import Callable, Sequence

from local import services
from local.drain import wait_until_applied
from local.home import Addresses, Home
from local.parts import broker, mail, redis_server
from local.services import SERVICES, Service
from local.settings import LocalSettings
from local.supervision.children import Children
from local.supervision.ports import check_ports, free_port
from local.supervision.processes import Child, Program

DRAIN_SECONDS = 15.0
_PAST_DAYS = 3
"""Enough for every table to show something at once, and posted within seconds."""
WITH_DATABASE = ("metrics", "actions", "notify")

Say = Callable[[str], None]


class Stack:
    """Broker, Redis, mail sink and services, as far as `settings` does not point at somebody else's."""

    def __init__(self, settings: LocalSettings, home: Home, say: Say, run: Sequence[Service] = SERVICES) -> None:
        self._settings, self._home, self._say = settings, home, say
        self._services = {service.name: service for service in run}
        self._children = Children(home.logs)
        self._addresses: Addresses | None = None

    def start(self) -> Addresses:
        """Bring everything up, and return once all of it is ready.

        LocalError, before anything is started, if a port is taken; or as soon as a part fails.
        """
        check_ports(self._ports())
        redis_port = self._settings.redis_port or free_port()
        self._start_parts(redis_port)
        self._children.wait_until_ready()
        self._addresses = addresses = self._find(redis_port)
        for service in self._services.values():
            self._children.start(services.program(service, self._settings, self._home, addresses))
        self._children.wait_until_ready()
        return addresses

    def start_simulator(self) -> None:
        """Post simulated events, of some days before today first, for as long as the stack runs."""
        argv = [sys.executable, "-m", "local.simulate", "--past-days", str(_PAST_DAYS)]
        environment = {"OVERSIGHT_HOME": str(self._home.root)}
        self._children.start(Program("simulator", argv, lambda: None, environment))

    def check(self) -> None:
        """Raise ChildDied if a part has ended."""
        self._children.check()

    def watch(self) -> None:
        """Return never: raise ChildDied when a part ends."""
        self._children.watch()

    def stop(self, hurry: Callable[[], bool]) -> None:
        """Stop everything, the last that was started first; at once when `hurry` turns true."""
        whole = all(child.running for child in self._children)
        before = (lambda child: self._let_it_finish(child, hurry)) if whole else None
        self._children.stop(hurry, before)

    def _ports(self) -> dict[str, int]:
        ports = {name: self._settings.port_of(name) for name in self._services}
        optional = {"redis": self._settings.redis_port, "smtp": self._settings.smtp_port}
        return ports | {name: port for name, port in optional.items() if port}

    def _start_parts(self, redis_port: int) -> None:
        if not self._settings.kafka:
            self._children.start(broker.program(self._home))
        if not self._settings.redis_url:
            self._children.start(redis_server.program(self._home.data / "redis", redis_port))
        self._children.start(mail.program(self._home, self._settings.smtp_port))

    def _find(self, redis_port: int) -> Addresses:
        settings, home = self._settings, self._home
        return Addresses(
            ingest=services.url_of("ingest", settings),
            metrics=services.url_of("metrics", settings),
            actions=services.url_of("actions", settings),
            notify=services.url_of("notify", settings),
            kafka=settings.kafka or broker.address(home),
            redis=settings.redis_url or redis_server.url(redis_port),
            smtp=mail.address(home),
            database={name: settings.database_url or home.database_url(name) for name in WITH_DATABASE},
            volatile_broker=not settings.kafka,
        )

    def _let_it_finish(self, child: Child, hurry: Callable[[], bool]) -> None:
        """Before a service stops: whoever produces for it has stopped, so let it apply what the broker would forget."""
        service = self._services.get(child.program.name)
        if not (service and service.consumes and self._addresses and self._addresses.volatile_broker):
            return
        behind = wait_until_applied(
            self._addresses.kafka,
            service.group,
            service.consumes,
            seconds=DRAIN_SECONDS,
            give_up=lambda: hurry() or not child.running,
        )
        if behind != 0:
            count = "unknown" if behind is None else behind
            self._say(f"{service.name} stops with records unread: {count}. The embedded broker forgets them.")
