"""Sealed positions from outside alarms, and the consent to them. Since revision 0029."""

import sqlalchemy as sa

from nabij.centre.database.schema import metadata

# The newest of each badge and no other: there is no track of anybody.
sealed_position = sa.Table(
    "sealed_position",
    metadata,
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    # Of the shift, by which the keeper knows its key.
    sa.Column("shift_ms", sa.BigInteger, nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False, index=True),
    # When it was so.
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # The newest incident for which it was opened or asked for, and what came of that.
    sa.Column("incident_id", sa.ForeignKey("incident.id")),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
)

# The works council's consent to location outside alarms; only the newest can hold.
location_consent = sa.Table(
    "location_consent",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("council", sa.Text, nullable=False),
    # Days as YYYY-MM-DD, both included.
    sa.Column("on_date", sa.String(10), nullable=False),
    sa.Column("until_date", sa.String(10), nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    # Ids of teams and sites as JSON; neither: all.
    sa.Column("teams", sa.Text, nullable=False),
    sa.Column("sites", sa.Text, nullable=False),
    sa.Column("noted_ms", sa.BigInteger, nullable=False),
    sa.Column("noted_by", sa.Text, nullable=False),
    sa.Column("withdrawn_ms", sa.BigInteger),
    sa.Column("withdrawn_by", sa.Text, nullable=False, server_default=""),
)
