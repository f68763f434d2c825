"""Whom plans call are people of the console: one row for one person, with their channels."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_RESPONDERS = "SELECT key, name, zone, quiet FROM responder ORDER BY place"
# Of those who are here, the only one of that name.
_STEPS = "SELECT plan_step.*, person.id AS person_id FROM plan_step JOIN person ON key = whom"
_NAMED = "SELECT id FROM person WHERE name = :name AND left_ms IS NULL AND key IS NULL"


def upgrade() -> None:
    """For each engine."""
    op.add_column("person", sa.Column("key", sa.String(32)))
    op.add_column("person", sa.Column("zone", sa.Text, nullable=False, server_default=""))
    op.add_column("person", sa.Column("quiet", sa.Text, nullable=False, server_default=""))
    op.create_index("person_key", "person", ["key"], unique=True)
    _make()
    _move_people()
    _move("person_channel", "responder_channel", "name, url")
    _move("person_away", "responder_away", "first, last, stand_in")
    _move_steps()
    for gone in ("responder_channel", "responder_away", "responder"):
        op.drop_table(gone)


def _make() -> None:
    for name, columns in (
        ("person_channel", (("name", sa.String(32)), ("url", sa.Text()))),
        (
            "person_away",
            (("first", sa.String(10)), ("last", sa.String(10)), ("stand_in", sa.String(32))),
        ),
    ):
        once = [sa.UniqueConstraint("person_id", "name")] if name == "person_channel" else []
        op.create_table(
            name,
            sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
            sa.Column("place", sa.Integer, primary_key=True),
            *(sa.Column(column, kind, nullable=False) for column, kind in columns),
            *once,
        )
    op.create_table(
        "plan_look",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.Column("looked_at", sa.BigInteger, nullable=False),
        sa.Column("looked_ms", sa.BigInteger, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
    )


def _move_people() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.text(_RESPONDERS)).mappings().all():
        there = connection.execute(sa.text(_NAMED), {"name": row["name"]}).scalars().all()
        if len(there) == 1:
            change = "UPDATE person SET key = :key, zone = :zone, quiet = :quiet WHERE id = :id"
            connection.execute(sa.text(change), {**row, "id": there[0]})
        else:
            wears = sa.bindparam("wears", value=False, type_=sa.Boolean)
            insert = (
                "INSERT INTO person (name, wears, key, zone, quiet) "
                "VALUES (:name, :wears, :key, :zone, :quiet)"
            )
            connection.execute(sa.text(insert).bindparams(wears), dict(row))


def _move(to: str, of: str, columns: str) -> None:
    op.execute(
        f"INSERT INTO {to} (person_id, place, {columns}) "  # noqa: S608 - of names above
        f"SELECT person.id, {of}.place, {columns.replace('name', f'{of}.name')} "
        f"FROM {of} JOIN person ON person.key = {of}.responder"
    )


def _move_steps() -> None:
    connection = op.get_bind()
    steps = [dict(row) for row in connection.execute(sa.text(_STEPS)).mappings()]
    op.drop_table("plan_step")
    table = op.create_table(
        "plan_step",
        sa.Column("plan", sa.String(32), sa.ForeignKey("plan.name"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("after_s", sa.Integer, nullable=False),
        sa.Column("whom", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("channels", sa.Text, nullable=False),
        sa.Column("during", sa.Text, nullable=False),
        sa.Column("wakes", sa.Boolean, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
    )
    for step in steps:
        whom = step.pop("person_id")
        # As SQLite has it: 0 or 1.
        values = {**step, "whom": whom, "wakes": bool(step["wakes"])}
        connection.execute(table.insert().values(values))
