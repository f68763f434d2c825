"""The tables of the receiver's database, and the check that a file holds this version of them."""

from typing import Final

import sqlalchemy as sa

from nabij.errors import NabijError

VERSION: Final = 2

metadata = sa.MetaData()

schema_version = sa.Table(
    "schema_version",
    metadata,
    sa.Column("version", sa.Integer, nullable=False),
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
    sa.UniqueConstraint("badge", "boot", "seq"),
)

# Incidents committed but not yet told to the listeners: a crash in between leaves the row.
unannounced = sa.Table(
    "unannounced",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incident.id"), primary_key=True),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("received_ms", sa.BigInteger, nullable=False),
    sa.Column("attempt", sa.BigInteger, nullable=False),
    sa.Column("frame", sa.LargeBinary, nullable=False),
)


def prepare(connection: sa.Connection, name: str) -> None:
    """Make the tables in an empty database, or bring those of an older release up to date.

    NabijError when it holds a version that this release does not know.
    """
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        metadata.create_all(connection)
        connection.execute(schema_version.insert().values(version=VERSION))
        return
    if schema_version.name not in tables:
        raise NabijError(f"{name} is not a database of nabij: choose another --state folder.")
    versions = connection.execute(sa.select(schema_version.c.version)).scalars().all()
    if versions == [1]:
        _add_revocation(connection)
    elif versions != [VERSION]:
        found = ", ".join(str(version) for version in versions) or "none"
        raise NabijError(
            f"{name} has schema version {found} and this nabij knows version {VERSION}: "
            "use the release of nabij that wrote it, or a newer one that can convert it."
        )


def _add_revocation(connection: sa.Connection) -> None:
    connection.execute(sa.text("ALTER TABLE badge ADD COLUMN revoked_ms BIGINT"))
    connection.execute(schema_version.update().values(version=VERSION))
