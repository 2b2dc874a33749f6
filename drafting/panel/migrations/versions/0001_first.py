"""First form: tables, and the triggers that keep closed rounds and records as they are."""

from __future__ import annotations

from alembic import op

from drafting.panel.tables import GROWING, IN_OPEN_ROUNDS, metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
LATER = {"derived"}
"""Tables of later forms."""


def upgrade() -> None:
    """Create everything."""
    connection = op.get_bind()
    metadata.create_all(connection, [t for t in metadata.sorted_tables if t.name not in LATER])
    for statement in _postgresql() if connection.dialect.name == "postgresql" else _sqlite():
        op.execute(statement)


def _refused() -> list[tuple[str, str, str, str]]:
    """Trigger name, table, event and condition of all that must not happen."""
    found = [
        ("rounds_closed", "rounds", "UPDATE", "OLD.state = 'closed'"),
        ("rounds_kept", "rounds", "DELETE", "1 = 1"),
        ("answers_kept", "answers", "DELETE", "1 = 1"),
    ]
    for table in GROWING:
        found += [(f"{table}_fixed", table, "UPDATE", "1 = 1"), (f"{table}_kept", table, "DELETE", "1 = 1")]
    not_open = "(SELECT state FROM rounds WHERE id = NEW.round_id) <> 'open'"
    found += [(f"{table}_open", table, "INSERT", not_open) for table in IN_OPEN_ROUNDS]
    return [*found, ("answers_open_update", "answers", "UPDATE", not_open)]


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, 'immutable: {name}'); END"
        for name, table, event, condition in _refused()
    ]


def _postgresql() -> list[str]:
    statements = []
    for name, table, event, condition in _refused():
        row = "OLD" if event == "DELETE" else "NEW"
        statements += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION 'immutable: {name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {row}; END $$",
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return statements
