"""Errors of the weighting core: one family, each carrying the indices and values at fault."""

from __future__ import annotations


class WeightingError(ValueError):
    """Base of every error that :mod:`weighting` raises for wrong input."""
