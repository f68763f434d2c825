"""Links by which somebody outside opens one incident. Since revision 0027."""

import sqlalchemy as sa

from nabij.centre.database.schema import metadata

# Of a token only its hash is kept. `until_ms` is moved up when an alarm centre acknowledges the
# message that has the link (`event_id`): nobody could open it before.
incident_link = sa.Table(
    "incident_link",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("whom", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("event_id", sa.BigInteger),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("revoked_ms", sa.BigInteger),
)
