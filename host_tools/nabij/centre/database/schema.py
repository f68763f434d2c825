"""The tables of the receiver's database."""

from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.carried import PREFIX

# The newest in migrations/versions: a change of these tables is a revision there.
REVISION: Final = "0036"

metadata = sa.MetaData()


def of_rows(rows: Any) -> dict[str, Any]:
    """An index of these rows only."""
    return {"sqlite_where": rows, "postgresql_where": rows}


# As Alembic would make it.
revision = sa.Table(
    "alembic_version",
    metadata,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

badge = sa.Table(
    "badge",
    metadata,
    sa.Column("badge", sa.String(32), primary_key=True),
    sa.Column("hmac_key", sa.LargeBinary(32), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("wearer", sa.Text, nullable=False),
    sa.Column("enrolled_ms", sa.BigInteger, nullable=False),
    # Since version 2. A revoked badge keeps its row, for incidents refer to it.
    sa.Column("revoked_ms", sa.BigInteger),
    # Since revision 0033: the keep-alive that its newest hello told, NULL before there was one.
    sa.Column("keepalive_s", sa.Integer),
)

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("badge", sa.ForeignKey("badge.badge"), nullable=False),
    sa.Column("wearer", sa.Text, nullable=False),
    sa.Column("boot", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Integer, nullable=False),
    sa.Column("state", sa.Integer, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("raised_ms", sa.BigInteger, nullable=False),
    sa.Column("received_ms", sa.BigInteger, nullable=False),
    sa.Column("age_ms", sa.BigInteger, nullable=False),
    sa.Column("age_at_least", sa.Boolean, nullable=False),
    sa.Column("attempt", sa.BigInteger, nullable=False),
    sa.Column("peak_mg", sa.Integer),
    sa.Column("tilt_deg", sa.Integer),
    # From here on since version 3. Opened by the receiver, because a deadline came due.
    sa.Column("by_deadline", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("due_ms", sa.BigInteger),
    sa.Column("heard_ms", sa.BigInteger),
    sa.Column("duress", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("false_alarm", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("battery_percent", sa.Integer),
    # Since version 5: the shift of a badge that went quiet, or that a test began.
    sa.Column("shift_ms", sa.BigInteger),
    sa.Column("until_ms", sa.BigInteger),
    sa.Column("back_ms", sa.BigInteger),
    # Since version 6: of a fault of the badge.
    sa.Column("reason", sa.Integer),
    # Since revision 0015: by how much the badge's clock was ahead, where that is much.
    sa.Column("clock_off_s", sa.BigInteger),
    # Since revision 0023: the IANA zone of where its wearer works, empty where none is known.
    sa.Column("zone", sa.Text, nullable=False, server_default=""),
    # Since revision 0033: of a badge that went quiet, each how many seconds it promised a sign.
    sa.Column("keepalive_s", sa.Integer),
    sa.UniqueConstraint("badge", "boot", "seq"),
)

# What is enrolled is worn, or a gateway.
IS_BADGE: Final = ~badge.c.badge.startswith(PREFIX, autoescape=True)
# With the number in it: an engine cannot tell that an index fits a value that it is given later.
IS_OPEN: Final = incident.c.state != sa.literal_column(str(wire.STATUS_CLOSED))
sa.Index("incident_open", incident.c.id, **of_rows(IS_OPEN))
sa.Index("incident_clock", incident.c.badge, **of_rows(incident.c.clock_off_s.is_not(None)))

# What is known of each key (badge, boot, seq), whether or not it is an incident. Since version 3.
alarm = sa.Table(
    "alarm",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("badge", sa.ForeignKey("badge.badge"), nullable=False),
    sa.Column("boot", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Integer, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    # Highest rev of a message that was an alarm and not a deadline; NULL before there was one.
    sa.Column("alarm_rev", sa.Integer),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("false_alarm", sa.Boolean, nullable=False),
    sa.Column("duress", sa.Boolean, nullable=False),
    sa.Column("set_ms", sa.BigInteger, nullable=False),
    sa.Column("heard_ms", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger),
    # A deadline runs while due_steady_ms has a value, which counts within the epoch.
    sa.Column("due_steady_ms", sa.BigInteger),
    sa.Column("epoch", sa.Text),
    # Taken over from an epoch before this one: due as soon as either clock says so.
    sa.Column("adopted", sa.Boolean, nullable=False),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), unique=True),
    # Since version 7: under which number the badge is told how it stands, 0 before it is told.
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
    sa.UniqueConstraint("badge", "boot", "seq"),
)
sa.Index("alarm_running", alarm.c.due_steady_ms, **of_rows(alarm.c.due_steady_ms.is_not(None)))
sa.Index("alarm_idle", alarm.c.heard_ms, **of_rows(alarm.c.incident_id.is_(None)))

# The highest number of a status that was given to each badge. Since version 7.
numbered = sa.Table(
    "numbered",
    metadata,
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

# Alarms that were removed for their age: of this start of the badge, all up to this one.
forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    sa.Column("boot", sa.BigInteger, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
)

# What happened. Only added to, and trimmed with age; an id is never given twice.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), nullable=False, index=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False, index=True),
    sqlite_autoincrement=True,
)

# Who listens: told of all events up to told_id, and begun last at seen_ms.
listener = sa.Table(
    "listener",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("told_id", sa.BigInteger, nullable=False),
    sa.Column("seen_ms", sa.BigInteger, nullable=False, server_default="0"),
)

# What the centre did with an incident. Since version 4, and stored under the name it had then.
action = sa.Table(
    "move",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("state", sa.Integer, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    # Names the request: one that was handed over twice is taken in once.
    sa.Column("request", sa.Text, nullable=False, unique=True),
    # The badge is to be told: now, and at so many of its next connections.
    sa.Column("owed", sa.Boolean, nullable=False),
    sa.Column("again", sa.Integer, nullable=False),
)
sa.Index("move_owed", action.c.incident_id, **of_rows(action.c.owed))

# Who has an incident at the centre, and until when they must say so again. Since version 11.
claim = sa.Table(
    "claim",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    # When the owner last said so.
    sa.Column("said_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)

# The badge's shift, as the newest test with a watch_s tells it. Since version 5.
watch = sa.Table(
    "watch",
    metadata,
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    sa.Column("boot", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    # Its end, kept as that of a deadline; it is watched while due_steady_ms has a value.
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("due_steady_ms", sa.BigInteger),
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("adopted", sa.Boolean, nullable=False),
    # Last known to be connected, NULL while it is; and the incident of this silence.
    sa.Column("lost_ms", sa.BigInteger),
    sa.Column("incident_id", sa.ForeignKey("incident.id")),
    # When a receiver that does not watch heard it last, by its time of day.
    sa.Column("heard_ms", sa.BigInteger),
    # Since revision 0034: its last time without a network, as it told (incidents/outages.py); one
    # that goes on has no end.
    sa.Column("out_since_ms", sa.BigInteger),
    sa.Column("out_until_ms", sa.BigInteger),
    sa.Column("out_why", sa.Integer),
    sa.Column("out_cause", sa.Integer),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), nullable=False),
    sa.Column("received_ms", sa.BigInteger, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("attempt", sa.BigInteger, nullable=False),
    sa.Column("frame", sa.LargeBinary, nullable=False),
    # Not the first of its rev. Known when it comes: in a million nobody could look for them.
    sa.Column("copy", sa.Boolean, nullable=False, server_default=sa.false()),
)
sa.Index("message_of_alarm", message.c.alarm_id, message.c.rev)
sa.Index("message_copy", message.c.received_ms, **of_rows(message.c.copy))

# When a receiver was last seen alive, for each start of a machine that had one.
alive = sa.Table(
    "alive",
    metadata,
    sa.Column("wall_ms", sa.BigInteger, nullable=False),
    sa.Column("steady_ms", sa.BigInteger, nullable=False),
    sa.Column("epoch", sa.Text, primary_key=True),
)

# Badges that flood, since a time: brokers refuse them for a while.
held = sa.Table(
    "held",
    metadata,
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
