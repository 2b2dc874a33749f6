"""What happened between the last stage that was kept and now, for the 编制说明."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BodyOpinions:
    """How the comments of one body were handled."""

    body: str
    said: int
    accepted: int
    partly: int
    rejected: int

    @property
    def waiting(self) -> int:
        """Not decided yet."""
        return self.said - self.accepted - self.partly - self.rejected


@dataclass(frozen=True, slots=True)
class History:
    """What changed since a stage, who commented, what was decided.

    Attributes
    ----------
    stage, date : str
        The last stage that was kept, and its day (ISO); empty where none was.
    changes : tuple of (str, str)
        Part of the draft and what changed in it, as a sentence without its mark.
    opinions : tuple of BodyOpinions
        In the order of the bodies' first comments.
    silent : tuple of str
        Bodies that answered without comment.
    merged : int
        Comments after those that say the same were merged.
    """

    stage: str = ""
    date: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    opinions: tuple[BodyOpinions, ...] = ()
    silent: tuple[str, ...] = ()
    merged: int = 0

    @property
    def day(self) -> str:
        """The day as a text says it: 2026年11月30日."""
        if not self.date:
            return ""
        year, month, day = (int(part) for part in self.date.split("-"))
        return f"{year}年{month}月{day}日"
