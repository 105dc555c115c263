"""Alembic calls this; see shared/migrations.py."""

from shared.migrations import run

run("metrics")
