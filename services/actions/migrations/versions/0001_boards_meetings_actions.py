"""Boards, meetings, actions, reminders, and the outbox."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("board", sa.String, sa.ForeignKey("boards.id"), nullable=False, index=True),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "actions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("board", sa.String, sa.ForeignKey("boards.id"), nullable=False, index=True),
        sa.Column("meeting", sa.String, sa.ForeignKey("meetings.id")),
        sa.Column("number", sa.Integer),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("paragraph", sa.String),
        sa.Column("status", sa.String, nullable=False, index=True),
        sa.Column("due_kind", sa.String, nullable=False),
        sa.Column("due_on", sa.Date, index=True),
        sa.Column("due_text", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("meeting", "number"),
    )
    op.create_table(
        "action_owners",
        sa.Column("action_id", sa.String, sa.ForeignKey("actions.id"), primary_key=True),
        sa.Column("owner", sa.String, primary_key=True, index=True),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "reminders",
        sa.Column("event_id", sa.String, primary_key=True),
        sa.Column("action_id", sa.String, sa.ForeignKey("actions.id"), nullable=False, index=True),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "actions_outbox",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("written_at", UtcDateTime, nullable=False),
        sa.Column("published_at", UtcDateTime, index=True),
    )
