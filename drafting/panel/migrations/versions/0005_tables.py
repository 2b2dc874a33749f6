"""Fifth form: of a standard with several tables experts know their own, and a round need not ask for every group."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, inspect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns where the tables were made without them; all experts were asked for everything."""
    seen = inspect(op.get_bind())
    for table, name in (("members", "tables"), ("rounds", "asked")):
        if name not in {c["name"] for c in seen.get_columns(table)}:
            op.add_column(table, Column(name, Text, nullable=False, server_default=""))
