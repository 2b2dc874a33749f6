"""Fourth form: people of a project have roles there, and a server has administrators."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, String, inspect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns where the tables were made without them; who was an organiser leads the project."""
    seen = inspect(op.get_bind())
    added: list[tuple[str, Column[str] | Column[int]]] = [
        ("project_organisers", Column("role", String(8), nullable=False, server_default="lead")),
        ("organisers", Column("administrator", Integer, nullable=False, server_default="0")),
    ]
    for table, column in added:
        if column.name not in {c["name"] for c in seen.get_columns(table)}:
            op.add_column(table, column)
