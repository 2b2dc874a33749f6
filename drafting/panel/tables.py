"""The tables. Who somebody is (members, links, sessions) and what was answered meet only in a random pseudonym.

Nothing is deleted: a later answer supersedes with history, closed rounds cannot be written to (triggers, see the
migration), submissions, snapshots, history and audit only grow. Times are seconds since 1970 and order nothing; running
numbers do, so that a clock that jumps changes no result.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> Column[int]:
    # SQLite numbers only columns of type INTEGER by itself
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _time(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


projects = Table(
    "projects",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("folder", Text, nullable=False, unique=True),
    _time("created_at", nullable=False),
)
organisers = Table(
    "organisers",
    metadata,
    _key(),
    Column("login", String(80), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    _time("created_at", nullable=False),
    Column("administrator", Integer, nullable=False, server_default="0", doc="1: may enter accounts on a server"),
)
project_organisers = Table(
    "project_organisers",
    metadata,
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("organiser_id", ForeignKey("organisers.id"), nullable=False),
    Column("role", String(8), nullable=False, server_default="lead", doc="lead, drafter or reader"),
    PrimaryKeyConstraint("project_id", "organiser_id"),
)
panels = Table(
    "panels",
    metadata,
    _key(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("definition", Text, nullable=False, doc="canonical JSON of the questionnaire and its settings"),
    Column("definition_sha256", String(64), nullable=False),
    Column("rule", Text, nullable=False, doc="canonical JSON of the stopping rule"),
    Column("rule_sha256", String(64), nullable=False),
    _time("frozen_at"),
    _time("created_at", nullable=False),
)

# --- who: identity -----------------------------------------------------------------------------
members = Table(
    "members",
    metadata,
    _key(),
    Column("panel_id", ForeignKey("panels.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("pseudonym", String(43), nullable=False, unique=True),
    Column("tables", Text, nullable=False, server_default="", doc="keys of the tables asked for, with 、; blank: all"),
    UniqueConstraint("panel_id", "code"),
)
links = Table(
    "links",
    metadata,
    _key(),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    _time("created_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("first_used_at"),
    _time("revoked_at"),
)
sessions = Table(
    "sessions",
    metadata,
    _key(),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("member_id", ForeignKey("members.id"), index=True),
    Column("link_id", ForeignKey("links.id")),
    Column("organiser_id", ForeignKey("organisers.id")),
    _time("created_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("revoked_at"),
)

# --- what: rounds and answers --------------------------------------------------------------------
rounds = Table(
    "rounds",
    metadata,
    _key(),
    Column("panel_id", ForeignKey("panels.id"), nullable=False),
    Column("track", String(8), nullable=False, doc="delphi, rating or ahp: numbered each on its own"),
    Column("number", Integer, nullable=False),
    Column("instrument", String(12), nullable=False),
    Column("state", String(8), nullable=False),
    Column("notice", Text, nullable=False, default=""),
    Column("asked", Text, nullable=False, server_default="", doc="JSON: numbers of the groups asked for; blank: all"),
    Column("deadline", Text, nullable=False, default="", doc="as announced in words by older programs"),
    _time("deadline_at"),
    Column("deadline_holds", Integer, nullable=False, server_default="0", doc="1: nothing is handed in after it"),
    _time("opened_at"),
    _time("closed_at"),
    UniqueConstraint("panel_id", "track", "number"),
)
answers = Table(
    "answers",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("pseudonym", String(43), nullable=False),
    Column("item", String(40), nullable=False),
    Column("value", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("channel", String(4), nullable=False),
    PrimaryKeyConstraint("round_id", "pseudonym", "item"),
    sqlite_with_rowid=False,
)
history = Table(
    "answer_history",
    metadata,
    _key(),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("pseudonym", String(43), nullable=False),
    Column("item", String(40), nullable=False),
    Column("value", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("channel", String(4), nullable=False),
    _time("at", nullable=False),
)
late_answers = Table(
    "late_answers",
    metadata,
    _key(),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("pseudonym", String(43), nullable=False),
    Column("item", String(40), nullable=False),
    Column("value", Text, nullable=False),
    _time("at", nullable=False),
)
submissions = Table(
    "submissions",
    metadata,
    _key(),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("pseudonym", String(43), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False, doc="JSON item -> value, as it stood when submitted"),
    Column("sha256", String(64), nullable=False),
    Column("channel", String(4), nullable=False),
    _time("at", nullable=False),
    Column("draft", Integer, doc="versions of the draft in all, as it then was; -1: the draft says something else"),
    UniqueConstraint("round_id", "pseudonym", "number"),
)
snapshots = Table(
    "snapshots",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
)
derived = Table(
    "derived",
    metadata,
    Column("key", String(64), primary_key=True, doc="SHA-256 of what it follows from"),
    Column("content", Text, nullable=False, doc="JSON; can be computed again at any time"),
)
audit = Table(
    "audit",
    metadata,
    _key(),
    _time("at", nullable=False),
    Column("actor", String(60), nullable=False),
    Column("action", String(30), nullable=False),
    Column("panel_id", BigInteger),
    Column("round_id", BigInteger),
    Column("subject", Text, nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_audit_panel", "panel_id", "id"),
)

GROWING = ("answer_history", "late_answers", "submissions", "snapshots", "audit")
"""Tables whose rows are never changed."""
IN_OPEN_ROUNDS = ("answers", "answer_history", "submissions")
"""Tables that take rows only while their round is open."""
