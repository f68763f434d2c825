"""The tables of what came and went by SMS. Since revision 0032."""

import sqlalchemy as sa

from nabij.centre.database import schema

# Who brings messages: `name` is a row of centre/sms/forms.py, `url` where it posts to; secrets are
# kept in `secret`.
service = sa.Table(
    "sms_service",
    schema.metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
)

# The number of the SIM in a badge, as +31612345678: nobody else is ever sent anything.
number = sa.Table(
    "sms_number",
    schema.metadata,
    sa.Column("badge", sa.ForeignKey("badge.badge"), primary_key=True),
    sa.Column("number", sa.String(16), nullable=False, unique=True),
)

# One row for each message that brought something of an alarm.
came = sa.Table(
    "sms",
    schema.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), nullable=False, index=True),
    sa.Column("service", sa.String(16), nullable=False),
    # The service's own, which is unique there.
    sa.Column("message_id", sa.String(100), nullable=False),
    sa.Column("came_ms", sa.BigInteger, nullable=False),
    # When the network had it, where that is told.
    sa.Column("sent_ms", sa.BigInteger),
    # The last digits of who is said to have sent it, and whether that is the badge's number; NULL
    # where that is not known here.
    sa.Column("sender", sa.String(3), nullable=False),
    sa.Column("is_own", sa.Boolean),
    sa.UniqueConstraint("service", "message_id"),
)

# How far the badge was told by SMS of an alarm that came by one.
owed = sa.Table(
    "sms_owed",
    schema.metadata,
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), primary_key=True),
    # When the newest message came that has no answer yet; NULL when there is none.
    sa.Column("asked_ms", sa.BigInteger),
    sa.Column("told_rev", sa.Integer, nullable=False, server_default="0"),
    sa.Column("told_state", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_ms", sa.BigInteger, nullable=False, server_default="0"),
    # Nothing more is to be told.
    sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
)
sa.Index("sms_owed_open", owed.c.next_ms, **schema.of_rows(owed.c.done.is_(sa.false())))

# Each message that was sent to a badge: by them the limits are counted.
told = sa.Table(
    "sms_told",
    schema.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), nullable=False, index=True),
    sa.Column("badge", sa.String(32), nullable=False),
    sa.Column("service", sa.String(16), nullable=False),
    sa.Column("state", sa.Integer, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False, index=True),
    # Said before: it may be all that a stranger has made us say.
    sa.Column("again", sa.Boolean, nullable=False),
)
