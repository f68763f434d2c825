"""What is done with badges by the link: jobs, and how far each badge is."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """For each engine."""
    op.create_table(
        "fleet_job",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("request", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_ms", sa.BigInteger, nullable=False),
        sa.Column("at_once", sa.Integer, nullable=False),
        sa.Column("halt_percent", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
    )
    job = sa.ForeignKey("fleet_job.id")
    badge = sa.ForeignKey("badge.badge")
    op.create_table(
        "fleet_step",
        sa.Column("job_id", sa.Integer, job, primary_key=True),
        sa.Column("badge", sa.String(32), badge, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("done_bytes", sa.BigInteger, nullable=False),
        sa.Column("of_bytes", sa.BigInteger, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
    )
