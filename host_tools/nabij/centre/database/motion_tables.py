"""The motion of alarms that badges sent, and the pieces of what is on its way. Since 0031."""

import sqlalchemy as sa

from nabij.centre.database.schema import metadata

# One row for each alarm of which a piece was taken.
motion_upload = sa.Table(
    "motion_upload",
    metadata,
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), primary_key=True),
    # Bytes in all, as the badge says.
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("begun_ms", sa.BigInteger, nullable=False),
    # When all of it was there; or when it was refused for good, and then without content.
    sa.Column("ended_ms", sa.BigInteger),
    # As the badge keeps it (badge/storage/motion_file.py).
    sa.Column("content", sa.LargeBinary),
)
sa.Index("motion_upload_begun", motion_upload.c.begun_ms)

# They follow one another without a gap; gone once the whole is there.
motion_piece = sa.Table(
    "motion_piece",
    metadata,
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), primary_key=True),
    sa.Column("begins", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
