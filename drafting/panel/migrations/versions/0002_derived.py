"""Second form: what follows from closed rounds is kept beside them."""

from __future__ import annotations

from alembic import op

from drafting.panel.tables import derived

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; it fills as the pages are asked for."""
    derived.create(op.get_bind())
