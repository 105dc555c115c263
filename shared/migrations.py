"""Alembic, run by each service at its start: replicas that start at once take their turn."""

from pathlib import Path
from threading import Lock as ThreadLock

from alembic import command, context
from alembic.config import Config

from shared.database import Database
from shared.driver_errors import translated

# Alembic's context is one for the whole process.
_MIGRATING = ThreadLock()


def migrate(database: Database, folder: Path, service: str) -> None:
    """Bring the tables of `service` to the newest version in `folder`; raises Unavailable without a database."""
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    lock = database.lock(f"{service}-migrations")
    with _MIGRATING, translated():
        lock.take(wait=True)
        try:
            with database.engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        finally:
            lock.release()


def version_table(service: str) -> str:
    """Where Alembic notes the version: one a service, for services may share a database."""
    return f"{service}_alembic_version"


def run(service: str) -> None:
    """What a service's `migrations/env.py` calls: all steps in the one transaction of `migrate`."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, version_table=version_table(service), transactional_ddl=True)
    context.run_migrations()
