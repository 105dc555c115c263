"""The tables that the migrations make are those that the models describe, for replicas that start at once too."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from services.actions import app as actions
from services.actions import models as actions_models
from services.metrics import app as metrics
from services.metrics.publications import models as metrics_models
from services.notify import app as notify
from services.notify import models as notify_models
from shared.database import Database
from shared.migrations import migrate, version_table

SERVICES = {
    "metrics": (metrics, metrics_models),
    "actions": (actions, actions_models),
    "notify": (notify, notify_models),
}

REPLICA = """
import sys
from services.actions.app import MIGRATIONS
from shared.database import Database
from shared.migrations import migrate

migrate(Database(sys.argv[1]), MIGRATIONS, "actions")
"""


def migrate_once(url, service):
    database = Database(url)
    migrate(database, SERVICES[service][0].MIGRATIONS, service)
    database.close()


@pytest.fixture
def url(parts):
    return parts.database_url("migrations")


def test_replicas_that_start_at_once_both_find_the_tables_made(url):
    replicas = [subprocess.Popen([sys.executable, "-c", REPLICA, url]) for _ in range(3)]
    assert [each.wait(60) for each in replicas] == [0, 0, 0]


def test_the_services_may_share_a_database_whose_tables_are_then_as_the_models_say(url):
    for service in SERVICES:
        migrate_once(url, service)
        migrate_once(url, service)
    database = Database(url)
    versions = {version_table(service) for service in SERVICES}
    options = {"include_name": lambda name, kind, _: kind != "table" or name not in versions}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
    database.close()


def test_a_sqlite_file_is_opened_with_its_log_written_ahead_and_its_references_checked(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.reading() as session:
        answers = [
            session.connection().execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    database.close()
    assert answers == ["wal", 1, 10_000]


@pytest.mark.parametrize("wrong", ["mysql://h/x", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_a_url_that_cannot_serve_is_refused_with_what_would(wrong):
    with pytest.raises(ValueError, match="sqlite:///PATH"):
        Database(wrong)


def test_a_plain_postgresql_url_gets_the_driver_that_is_installed():
    assert Database("postgresql://u@h/x").engine.url.drivername == "postgresql+psycopg"
