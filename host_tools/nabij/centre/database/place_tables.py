"""Where a wearer is and how they moved, and the floor plans of sites. Since revision 0021.

What badges say of it themselves, and the tags of rooms, since revision 0030.
"""

import sqlalchemy as sa

from nabij.centre.database.schema import metadata

# Only added to: of an incident the newest counts.
position = sa.Table(
    "position",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    # When it was so, which may be before it was noted.
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("lat_e7", sa.BigInteger, nullable=False),
    sa.Column("lon_e7", sa.BigInteger, nullable=False),
    sa.Column("accuracy_m", sa.Integer, nullable=False),
    sa.Column("noted_ms", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

# Magnitudes and phases as JSON; one an incident.
motion = sa.Table(
    "motion",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("begin_ms", sa.BigInteger, nullable=False),
    sa.Column("step_ms", sa.Integer, nullable=False),
    sa.Column("magnitudes_mg", sa.Text, nullable=False),
    sa.Column("phases", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("noted_ms", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

# In degrees times ten million: where the edges of the picture are.
site_picture = sa.Table(
    "site_picture",
    metadata,
    sa.Column("site_id", sa.ForeignKey("site.id"), primary_key=True),
    sa.Column("media", sa.String(32), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("north_e7", sa.BigInteger, nullable=False),
    sa.Column("south_e7", sa.BigInteger, nullable=False),
    sa.Column("west_e7", sa.BigInteger, nullable=False),
    sa.Column("east_e7", sa.BigInteger, nullable=False),
    # Rises with each new picture, so that no browser shows an old one.
    sa.Column("version", sa.BigInteger, nullable=False),
)

# What one rev of an alarm said of where its badge was: each part of it may be missing.
sighting = sa.Table(
    "sighting",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.ForeignKey("alarm.id"), nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    # When the badge said so: cell and tag were heard then.
    sa.Column("told_ms", sa.BigInteger, nullable=False),
    # When the position was so.
    sa.Column("at_ms", sa.BigInteger),
    sa.Column("lat_e7", sa.BigInteger),
    sa.Column("lon_e7", sa.BigInteger),
    sa.Column("accuracy_m", sa.Integer),
    # A number of badge.core.codec.place.
    sa.Column("source", sa.Integer),
    sa.Column("mcc", sa.Integer),
    sa.Column("mnc", sa.Integer),
    sa.Column("tac", sa.Integer),
    sa.Column("ci", sa.Integer),
    sa.Column("rsrp_dbm", sa.Integer),
    sa.Column("tag", sa.LargeBinary(8)),
    sa.Column("rssi_dbm", sa.Integer),
    sa.Column("speed_cm_s", sa.Integer),
    sa.Column("zone", sa.Integer),
    sa.UniqueConstraint("alarm_id", "rev"),
)

# By the id that badges send of it.
room_tag = sa.Table(
    "room_tag",
    metadata,
    sa.Column("tag", sa.LargeBinary(8), primary_key=True),
    sa.Column("sort", sa.String(16), nullable=False),
    # What the tag calls out, as people write it.
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("site_id", sa.ForeignKey("site.id"), nullable=False),
    sa.Column("room", sa.Text, nullable=False),
    # Where that is on the floor plan, when somebody said so.
    sa.Column("lat_e7", sa.BigInteger),
    sa.Column("lon_e7", sa.BigInteger),
)
