"""Publications, and triggers by which the database itself refuses to change or remove one."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0001"
down_revision = None

_REFUSAL = "a publication is never changed or removed"
_POSTGRESQL = (
    f"""CREATE FUNCTION publications_stand() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER publications_stand BEFORE UPDATE OR DELETE ON publications
    FOR EACH ROW EXECUTE FUNCTION publications_stand()""",
    """CREATE TRIGGER publications_stand_whole BEFORE TRUNCATE ON publications
    FOR EACH STATEMENT EXECUTE FUNCTION publications_stand()""",
    # Else a session that says it replays another server's changes passes by them.
    "ALTER TABLE publications ENABLE ALWAYS TRIGGER publications_stand",
    "ALTER TABLE publications ENABLE ALWAYS TRIGGER publications_stand_whole",
)
_SQLITE = (
    f"""CREATE TRIGGER publications_not_changed BEFORE UPDATE ON publications
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    f"""CREATE TRIGGER publications_not_removed BEFORE DELETE ON publications
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    # INSERT OR REPLACE removes the row that is in its way without calling the trigger on DELETE.
    """CREATE TRIGGER publications_not_replaced BEFORE INSERT ON publications
    WHEN EXISTS (SELECT 1 FROM publications WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a publication is never replaced'); END""",
)


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("table_id", sa.String, nullable=False, index=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("release_on", sa.Date, nullable=False),
        sa.Column("embargo_until", UtcDateTime, nullable=False, index=True),
        sa.Column("frozen_at", UtcDateTime, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,  # else a row could be replaced by another id under its row number
    )
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
