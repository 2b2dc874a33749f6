"""Opinions of experts: how one is marked as meant for the committee alone."""

from __future__ import annotations

PRIVATE = "仅供组织者"


def is_private(text: str) -> bool:
    """Whether an opinion begins with the mark."""
    return "".join(text.split()).lstrip("[【(（").startswith(PRIVATE)
