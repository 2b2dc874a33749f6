"""Errors of the baselines core: one family, each carrying the indices and values at fault."""

from __future__ import annotations


class BaselineError(ValueError):
    """Base of every error that :mod:`baselines` raises for wrong input."""
