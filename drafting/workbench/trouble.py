"""What keeps the panel inside the workbench from working; the message is for people."""

from __future__ import annotations


class PanelTroubleError(Exception):
    """The panel is not installed, its database is in use or cannot be read or written; nothing was changed."""
