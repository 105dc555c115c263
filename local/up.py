"""`oversight up`: run the stack in the foreground until it is told to stop, or a part of it dies."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

import typer

from local.demo.load import load
from local.home import Addresses, Home
from local.services import SERVICES, Service
from local.settings import LocalSettings, load_settings
from local.stack import Say, Stack
from local.supervision.interrupts import interrupts

_DYING_SECONDS = 1.0
"""A process that is killed closes its connections some time before it has ended."""
Demonstration = Callable[[Home], None]


def up_command(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demonstration, and simulate a live stream.")] = False,
) -> None:
    """Run the whole stack in the foreground; Ctrl-C stops it."""
    up(load_settings(), say=typer.echo, demonstration=partial(load, say=typer.echo) if demo else None)


def up(
    settings: LocalSettings,
    *,
    say: Say,
    demonstration: Demonstration | None = None,
    run: Sequence[Service] = SERVICES,
) -> None:
    """Start everything, load the demonstration if one is given, and stay until a signal comes.

    LocalError if the stack cannot start; ChildDied, after the rest was stopped in good order, if a part dies.
    """
    home = Home(settings.home)
    home.create()
    with home.lock(), interrupts() as signals:
        home.ensure_token()
        stack = Stack(settings, home, say, run)
        try:
            _serve(stack, home, say, demonstration)
        except KeyboardInterrupt:
            signals.stopping()
            say("\nStopping. (Once more: at once.)")
        finally:
            signals.stopping()
            stack.stop(signals.hurry)


def _serve(stack: Stack, home: Home, say: Say, demonstration: Demonstration | None) -> None:
    say(f"Starting in {home.root}")
    addresses = stack.start()
    with home.publish(addresses):
        if demonstration:
            say("Loading the demonstration")
            _load(stack, home, demonstration)
            stack.start_simulator()
        say(summary(home, addresses))
        stack.watch()


def _load(stack: Stack, home: Home, demonstration: Demonstration) -> None:
    try:
        demonstration(home)
    except Exception:
        time.sleep(_DYING_SECONDS)
        stack.check()  # a part that has died is the reason, whatever else went wrong
        raise
    stack.check()


def summary(home: Home, addresses: Addresses) -> str:
    """What runs where, what to open first, and how to stop."""
    return f"""
Oversight is running. Open {addresses.metrics}/ first.

  metrics  {addresses.metrics}/   figures and tables; API: {addresses.metrics}/docs
  actions  {addresses.actions}/docs   boards, meetings and their actions
  notify   {addresses.notify}/   who was told what; API: {addresses.notify}/docs
  ingest   {addresses.ingest}/docs   takes crimes, calls, stops and indicators

  token    {home.token_file}   for `Authorization: Bearer`, every scope
  e-mails  {home.mail}   each one a file
  logs     {home.logs}

Ctrl-C stops it; what it holds stays in {home.root}."""
