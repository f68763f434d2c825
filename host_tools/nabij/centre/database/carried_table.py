"""The table of who carried alarms from a badge to the receiver. Since revision 0028."""

import sqlalchemy as sa

from nabij.centre.database import schema

# One row for each gateway or other badge that carried something of an alarm.
carried = sa.Table(
    "carried",
    schema.metadata,
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), primary_key=True),
    sa.Column("gateway", sa.Text, primary_key=True),
    sa.Column("first_ms", sa.BigInteger, nullable=False),
    sa.Column("last_ms", sa.BigInteger, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    # How strong the badge came, the last time.
    sa.Column("rssi_dbm", sa.Integer, nullable=False),
    # When it was read by the carrier's own clock, the last time, and what that was ahead of the
    # broker's when it came there; NULL of one that said no time. Since revision 0036.
    sa.Column("said_s", sa.BigInteger),
    sa.Column("off_ms", sa.BigInteger),
)
