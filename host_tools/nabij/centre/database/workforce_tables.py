"""The tables of the employer's register: facts of workers, tasks, permits, shifts, measures.

Since revision 0025. Days are texts as YYYY-MM-DD; a shift has its local times as the site's clock
shows them, and when that is.
"""

import sqlalchemy as sa

from nabij.centre.database.schema import metadata

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("born", sa.String(10)),
    sa.Column("role", sa.Text, nullable=False),
)

lone_task = sa.Table(
    "lone_task",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("article", sa.Text, nullable=False),
    sa.Column("effect", sa.Integer, nullable=False),
    sa.Column("probability", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)

# Of health only yes or no.
permit = sa.Table(
    "permit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("sort", sa.String(16), nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("first", sa.String(10), nullable=False),
    sa.Column("last", sa.String(10), nullable=False),
)

planned_shift = sa.Table(
    "planned_shift",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("begins", sa.String(16), nullable=False),
    sa.Column("ends", sa.String(16), nullable=False),
    sa.Column("begins_ms", sa.BigInteger, nullable=False, index=True),
    sa.Column("ends_ms", sa.BigInteger, nullable=False),
    sa.Column("alone", sa.Boolean, nullable=False),
)

measure = sa.Table(
    "measure",
    metadata,
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
