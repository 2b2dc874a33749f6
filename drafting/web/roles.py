"""What somebody may be in a project that several people share."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role in one project; the value is what the database keeps."""

    LEAD = "lead"
    DRAFTER = "drafter"
    READER = "reader"

    @property
    def chinese(self) -> str:
        """The word on the pages."""
        return {"lead": "负责人", "drafter": "编制人", "reader": "只读"}[self.value]

    def covers(self, other: Role) -> bool:
        """Whether who has this role may do what the other one may."""
        order = list(Role)
        return order.index(self) <= order.index(other)
