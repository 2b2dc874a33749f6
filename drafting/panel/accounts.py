"""Who may come in: organisers by password, experts by personal link, both then by a session.

Tokens carry 256 random bits and are kept as SHA-256 only: who reads the database cannot come in with what it holds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, or_, select, update

from drafting.panel import tables as t
from drafting.panel.records import Member, NotFoundError, member_in, members_of, record

if TYPE_CHECKING:
    from argon2 import PasswordHasher

DAY = 24 * 3600
LINK_DAYS = 60
EXPERT_SESSION = 30 * DAY
ORGANISER_SESSION = 12 * 3600
LONGEST_PASSWORD = 200
LONGEST_TOKEN = 100
_TOKEN = re.compile(r"""[“"‘'(（<《【\[]*([A-Za-z0-9_-]{43})(?![A-Za-z0-9])""")
_HASHING = BoundedSemaphore(2)
"""Each check of a password takes 64 MiB: a flood of logins must not take them forty at a time."""


class Who(Enum):
    """For whom a page is; the value names the cookie."""

    ANYONE = "visit"
    EXPERT = "expert"
    ORGANISER = "organiser"


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force: of an expert (``member``) or of an organiser; ``csrf`` goes into its forms."""

    id: int
    csrf: str
    expires_at: int
    member: Member | None = None
    organiser_id: int | None = None
    login: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A fresh link; its token is known here and nowhere else."""

    code: str
    token: str


def digest(token: str) -> str:
    """SHA-256 of a token, as it is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """The secret that forms of a session carry; it follows from the session's token, which no page shows."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"form", hashlib.sha256).hexdigest()


def new_token() -> str:
    """256 random bits in 43 characters that may stand in an address."""
    return secrets.token_urlsafe(32)


def token_in(text: str) -> str:
    """The token that the end of an address means: without the full stop, bracket or word that a letter put after it.

    A token always has 43 characters, so that the sign that follows them is none of it; breaks of a line go out.
    """
    found = _TOKEN.match("".join(text.split()))
    return found[1] if found else ""


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to compare with when there is no such login, so that the time taken does not tell."""
    return _hasher().hash(new_token())


def new_password() -> str:
    """A password to be printed once: 100 random bits in groups that can be typed."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def add_organiser(connection: Connection, login: str, password: str, at: int) -> int:
    """Enter an organiser and give the number."""
    hashed = _hasher().hash(password)
    result = connection.execute(insert(t.organisers).values(login=login, password_hash=hashed, created_at=at))
    key = result.inserted_primary_key
    return int(key[0]) if key else 0


def reset_password(connection: Connection, login: str, password: str, at: int) -> bool:
    """Give an organiser a new password and end all sessions of the old; False if there is none of that name."""
    number = organiser_named(connection, login)
    if number is None:
        return False
    connection.execute(
        update(t.organisers).where(t.organisers.c.id == number).values(password_hash=_hasher().hash(password))
    )
    own = (t.sessions.c.organiser_id == number, t.sessions.c.revoked_at.is_(None))
    connection.execute(update(t.sessions).where(*own).values(revoked_at=at))
    record(connection, at, f"organiser:{number}", "password-reset")
    return True


def organiser_named(connection: Connection, login: str) -> int | None:
    """The number of an organiser, None if there is none of that name."""
    return connection.scalar(select(t.organisers.c.id).where(t.organisers.c.login == login))


def password_hash(connection: Connection, login: str) -> tuple[int, str] | None:
    """Number and hash of an organiser."""
    row = connection.execute(
        select(t.organisers.c.id, t.organisers.c.password_hash).where(t.organisers.c.login == login)
    ).first()
    return None if row is None else (row.id, row.password_hash)


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; takes as long for no hash as for a wrong one."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _HASHING:
        try:
            return _hasher().verify(hashed or _nobody(), password[:LONGEST_PASSWORD]) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


# --- links --------------------------------------------------------------------------------------
def invite(
    connection: Connection,
    members: Sequence[Member],
    actor: str,
    at: int,
    days: int = LINK_DAYS,
    *,
    further: bool = False,
) -> list[Invitation]:  # fmt: skip
    """Make a fresh link for each expert; links made before end, unless it is a further one, for a reminder."""
    fresh = []
    for member in members:
        if not further:
            end_links(connection, member, actor, at, quiet=True)
        token = new_token()
        connection.execute(
            insert(t.links).values(
                member_id=member.id, token_sha256=digest(token), created_at=at, expires_at=at + days * DAY
            )
        )
        record(connection, at, actor, "link-made", panel_id=member.panel_id, subject=member.code)
        fresh.append(Invitation(member.code, token))
    return fresh


def end_links(connection: Connection, member: Member, actor: str, at: int, *, quiet: bool = False) -> None:
    """Revoke an expert's links and with them the sessions that began by them."""
    own = t.links.c.member_id == member.id
    connection.execute(update(t.links).where(own, t.links.c.revoked_at.is_(None)).values(revoked_at=at))
    connection.execute(
        update(t.sessions)
        .where(t.sessions.c.member_id == member.id, t.sessions.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    if not quiet:
        record(connection, at, actor, "link-revoked", panel_id=member.panel_id, subject=member.code)


def link_member(connection: Connection, token: str, at: int) -> tuple[int, Member]:
    """The number of a link in force and whose it is.

    Raises NotFoundError: unknown, revoked or expired; which of them is not told.
    """
    row = connection.execute(
        select(t.links.c.id.label("link_id"), t.links.c.revoked_at, t.links.c.expires_at, t.members)
        .join(t.members)
        .where(t.links.c.token_sha256 == digest(token))
    ).first()
    if row is None or row.revoked_at is not None or row.expires_at <= at:
        raise NotFoundError
    return row.link_id, member_in(row, row.id)


@dataclass(frozen=True, slots=True)
class LinkState:
    """What the organiser sees of an expert's links: the newest, and whether one in force was used."""

    made: bool = False
    in_force: bool = False
    used: bool = False
    expires_at: int | None = None


def link_states(connection: Connection, panel_id: int, at: int) -> dict[int, LinkState]:
    """RoundState of the newest link by member."""
    rows = connection.execute(
        select(t.links).join(t.members).where(t.members.c.panel_id == panel_id).order_by(t.links.c.id)
    )
    states = {m.id: LinkState() for m in members_of(connection, panel_id)}
    for row in rows:
        in_force = row.revoked_at is None and row.expires_at > at
        before = states[row.member_id]
        used = row.first_used_at is not None or (before.in_force and before.used)
        expires = max(row.expires_at, before.expires_at or 0) if before.in_force else row.expires_at
        states[row.member_id] = LinkState(True, in_force or before.in_force, used, expires)
    return states


# --- sessions -----------------------------------------------------------------------------------
def begin_expert_session(connection: Connection, link_token: str, old: str | None, at: int) -> str:
    """Swap a link for a session and give its token.

    Who comes again by an own link keeps the session, and with it every page that is open. Another person's session in
    the same browser ends: nobody answers in somebody else's name, and none can be planted.

    Raises NotFoundError: the link is not in force.
    """
    link_id, member = link_member(connection, link_token, at)
    present = session_for(connection, old, Who.EXPERT, at)
    if old and present is not None and present.member == member:
        connection.execute(
            update(t.sessions).where(t.sessions.c.id == present.id).values(expires_at=at + EXPERT_SESSION)
        )
        return old
    end_session(connection, old, at)
    token = new_token()
    connection.execute(
        insert(t.sessions).values(
            token_sha256=digest(token), member_id=member.id, link_id=link_id, created_at=at,
            expires_at=at + EXPERT_SESSION,
        )
    )  # fmt: skip
    connection.execute(
        update(t.links).where(t.links.c.id == link_id, t.links.c.first_used_at.is_(None)).values(first_used_at=at)
    )
    record(connection, at, member.pseudonym, "link-used", panel_id=member.panel_id)
    return token


def begin_organiser_session(connection: Connection, organiser_id: int, old: str | None, at: int) -> str:
    """Start a session after the password was checked."""
    end_session(connection, old, at)
    token = new_token()
    connection.execute(
        insert(t.sessions).values(
            token_sha256=digest(token), organiser_id=organiser_id, created_at=at, expires_at=at + ORGANISER_SESSION
        )
    )
    record(connection, at, f"organiser:{organiser_id}", "login")
    return token


def end_session(connection: Connection, token: str | None, at: int) -> None:
    """Revoke a session."""
    if token:
        connection.execute(
            update(t.sessions)
            .where(t.sessions.c.token_sha256 == digest(token), t.sessions.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )


def session_of(connection: Connection, token: str, at: int) -> Session | None:
    """The session in force that a cookie names."""
    s, m, o = t.sessions.c, t.members.c, t.organisers.c
    row = connection.execute(
        select(s.id, s.expires_at, s.organiser_id, s.member_id, m.panel_id, m.code, m.pseudonym, m.tables, o.login)
        .select_from(
            t.sessions.outerjoin(t.members, s.member_id == m.id)
            .outerjoin(t.organisers, s.organiser_id == o.id)
            .outerjoin(t.links, s.link_id == t.links.c.id)
        )
        .where(
            s.token_sha256 == digest(token), s.revoked_at.is_(None), s.expires_at > at,
            or_(s.link_id.is_(None), t.links.c.revoked_at.is_(None)),
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    member = None if row.member_id is None else member_in(row, row.member_id)
    return Session(row.id, csrf_of(token), row.expires_at, member, row.organiser_id, row.login or "")


def session_for(connection: Connection, token: str | None, who: Who, at: int) -> Session | None:
    """The session in force that a cookie names, if it is of that kind: an expert's opens no organiser's page."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    found = session_of(connection, token, at)
    if found is None:
        return None
    fits = found.member is not None if who is Who.EXPERT else found.organiser_id is not None
    return found if fits else None
