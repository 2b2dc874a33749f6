"""Runs migrations on the connection that :mod:`drafting.panel.database` hands over."""

from __future__ import annotations

from alembic import context

from drafting.panel.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
