"""Third form: deadlines are times, held to or only announced; a submission knows the draft that it came from."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, inspect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns where the tables were made without them."""
    seen = inspect(op.get_bind())
    added: list[tuple[str, Column[int]]] = [
        ("rounds", Column("deadline_at", BigInteger)),
        ("rounds", Column("deadline_holds", Integer, nullable=False, server_default="0")),
        ("submissions", Column("draft", Integer)),
    ]
    for table, column in added:
        if column.name not in {c["name"] for c in seen.get_columns(table)}:
            op.add_column(table, column)
