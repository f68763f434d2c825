"""The tables of the hand-over to alarm centres: which there are, and what each is sent.

Since version 19.
"""

from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema

_metadata: Final = schema.metadata

# `settings` is JSON without the key, which no list and no log shows.
arc = sa.Table(
    "arc",
    _metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("secret_key", sa.LargeBinary(32), nullable=False),
)

# Which badge is handed over to which of them; people are called after `hold_s`.
arc_badge = sa.Table(
    "arc_badge",
    _metadata,
    sa.Column("badge", sa.String(32), primary_key=True),
    sa.Column("arc", sa.ForeignKey("arc.name"), nullable=False),
    sa.Column("hold_s", sa.Integer, nullable=False),
    sa.Column("technical", sa.Boolean, nullable=False),
)

# The last sequence number of an account; of one that was taken out it goes on where it was.
arc_account = sa.Table(
    "arc_account",
    _metadata,
    sa.Column("arc", sa.String(32), primary_key=True),
    sa.Column("account", sa.String(16), primary_key=True),
    sa.Column("last_seq", sa.Integer, nullable=False),
)

# One message to a centre, the same bytes but for the time of sending in each attempt. Of a test
# there is no incident, and no event.
handover = sa.Table(
    "handover",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("arc", sa.String(32), nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), index=True),
    sa.Column("event_id", sa.BigInteger),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("zone", sa.Integer, nullable=False),
    sa.Column("protocol", sa.String(16), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("extended", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("queued_ms", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("done_ms", sa.BigInteger),
    # Who acknowledged it, as host:port; and what was said to it last.
    sa.Column("answered_by", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.UniqueConstraint("arc", "event_id", "what"),
)
WAITS: Final = handover.c.state == sa.literal_column("'waiting'")
sa.Index("handover_waits", handover.c.arc, handover.c.account, **schema.of_rows(WAITS))


def hold_ms(connection: sa.Connection, badge: str, *, technical: bool) -> int:
    """For how long people wait for a centre that is told of that badge; 0 when none is."""
    columns = arc_badge.c
    mine = sa.select(columns.hold_s, columns.technical).where(columns.badge == badge)
    found = connection.execute(mine).first()
    if found is None or (technical and not found.technical):
        return 0
    return int(found.hold_s) * 1000


def is_acknowledged(connection: sa.Connection, event_id: int) -> bool:
    """Whether a centre has acknowledged an event."""
    columns = handover.c
    mine = sa.and_(columns.event_id == event_id, columns.state == "acknowledged")
    return connection.execute(sa.select(columns.id).where(mine)).first() is not None
