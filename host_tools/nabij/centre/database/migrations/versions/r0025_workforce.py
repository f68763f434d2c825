"""The employer's register: facts of workers, tasks, permits, shifts, measures."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "worker",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("born", sa.String(10)),
        sa.Column("role", sa.Text, nullable=False),
    )
    op.create_table(
        "lone_task",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("article", sa.Text, nullable=False),
        sa.Column("effect", sa.Integer, nullable=False),
        sa.Column("probability", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "permit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("sort", sa.String(16), nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("first", sa.String(10), nullable=False),
        sa.Column("last", sa.String(10), nullable=False),
    )
    op.create_index("ix_permit_person_id", "permit", ["person_id"])
    op.create_table(
        "planned_shift",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("begins", sa.String(16), nullable=False),
        sa.Column("ends", sa.String(16), nullable=False),
        sa.Column("begins_ms", sa.BigInteger, nullable=False),
        sa.Column("ends_ms", sa.BigInteger, nullable=False),
        sa.Column("alone", sa.Boolean, nullable=False),
    )
    op.create_index("ix_planned_shift_person_id", "planned_shift", ["person_id"])
    op.create_index("ix_planned_shift_begins_ms", "planned_shift", ["begins_ms"])
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("effectiveness", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("budget", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("first", sa.String(10)),
        sa.Column("last", sa.String(10)),
    )
