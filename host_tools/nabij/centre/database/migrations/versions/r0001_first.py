"""The tables of release 1, as that release itself made them."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: a database begins with the tables of today, or is older than Alembic here."""
