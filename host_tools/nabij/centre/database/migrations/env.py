"""Alembic's way in: it runs the revisions in the transaction that migrate.py began."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
