"""People, accounts, who wears which badge, and what people wrote to incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """For each engine."""
    _people()
    _accounts()
    op.create_table(
        "audit",
        _id(),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id")),
        _text("detail"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at_ms", "audit", ["at_ms"])
    op.create_index("ix_audit_person_id", "audit", ["person_id"])
    op.create_table(
        "remark",
        _id(),
        sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_remark_incident_id", "remark", ["incident_id"])
    op.create_table(
        "consent",
        _id(),
        sa.Column("on_date", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("noted_ms", sa.BigInteger, nullable=False),
        sa.Column("noted_by", sa.Text, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "site",
        _id(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        _text("address"),
        _text("note"),
    )
    op.create_table(
        "team",
        _id(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("site_id", sa.Integer, sa.ForeignKey("site.id")),
        _text("action_plan"),
    )
    op.create_table(
        "person",
        _id(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")),
        sa.Column("language", sa.Text, nullable=False, server_default="en"),
        _text("phone"),
        _text("note"),
        _text("action_plan"),
        sa.Column("wears", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("left_ms", sa.BigInteger),
    )
    op.create_index("ix_person_team_id", "person", ["team_id"])
    op.create_table(
        "contact",
        _id(),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("reach", sa.Text, nullable=False),
        sa.UniqueConstraint("person_id", "place"),
    )
    op.create_table(
        "assignment",
        _id(),
        sa.Column("badge", sa.String(32), sa.ForeignKey("badge.badge"), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger),
        sa.Column("given_by", sa.Text, nullable=False),
        _text("ended_by"),
        _text("ended_why"),
    )
    op.create_index("ix_assignment_person_id", "assignment", ["person_id"])
    op.create_index("assignment_of_badge", "assignment", ["badge", "from_ms"])
    lasts = sa.text("until_ms IS NULL")
    op.create_index(
        "assignment_now",
        "assignment",
        ["badge"],
        unique=True,
        sqlite_where=lasts,
        postgresql_where=lasts,
    )


def _accounts() -> None:
    op.create_table(
        "account",
        _id(),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        _text("password_hash"),
        _text("totp_secret"),
        sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_account_person_id", "account", ["person_id"])
    op.create_table(
        "supervision",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), primary_key=True),
    )
    for name, times in (("session", ("begun_ms", "seen_ms")), ("invitation", ("until_ms",))):
        op.create_table(
            name,
            sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
            sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
            *(sa.Column(time, sa.BigInteger, nullable=False) for time in times),
        )
        op.create_index(f"ix_{name}_account_id", name, ["account_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")
