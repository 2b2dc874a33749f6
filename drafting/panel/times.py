"""Times as the pages, receipts and refusals write them, in the server's zone, which is named."""

from __future__ import annotations

from datetime import datetime


def moment(seconds: int | None) -> str:
    """A time of day in the server's zone, which is named."""
    if seconds is None:
        return "—"
    local = datetime.fromtimestamp(seconds).astimezone()
    return f"{local:%Y-%m-%d %H:%M}（{_zone(local)}）"


def _zone(local: datetime) -> str:
    offset = local.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


def zone(seconds: int) -> str:
    """The server's zone at a time, e.g. UTC+08:00."""
    return _zone(datetime.fromtimestamp(seconds).astimezone())


def field_time(seconds: int | None) -> str:
    """A time as a form's field holds it, in the server's zone."""
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds):%Y-%m-%dT%H:%M}"


def read_time(text: str) -> int | None:
    """The time that such a field says; None for a blank one.

    Raises ValueError: it says no time, or one outside of what the server can count.
    """
    if not text.strip():
        return None
    said = text.strip().replace(" ", "T")
    form = "%Y-%m-%dT%H:%M:%S" if said.count(":") > 1 else "%Y-%m-%dT%H:%M"  # a zone of its own is refused, not dropped
    try:
        return int(datetime.strptime(said, form).timestamp())
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error
