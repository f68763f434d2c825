"""Where a wearer is and how they moved, and the floor plans of sites. Since revision 0021."""

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
