"""The tables of what is done with badges by the link: jobs, and how far each badge is."""

from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema

_metadata: Final = schema.metadata

# Since version 17. `content` is what the kind of job needs, as JSON or as a package.
fleet_job = sa.Table(
    "fleet_job",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    # By which the one who asked finds it, and a request that is taken in twice is one job.
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

fleet_step = sa.Table(
    "fleet_step",
    _metadata,
    sa.Column("job_id", sa.ForeignKey("fleet_job.id"), primary_key=True),
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    # How often it was sent to the badge to be tried.
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("done_bytes", sa.BigInteger, nullable=False),
    sa.Column("of_bytes", sa.BigInteger, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
    # Not before this time; of one that is over it says nothing.
    sa.Column("due_ms", sa.BigInteger, nullable=False),
)
