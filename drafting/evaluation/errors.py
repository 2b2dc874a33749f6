"""Errors of the evaluation: one family, each carrying the indices and values at fault."""

from __future__ import annotations


class EvaluationError(ValueError):
    """
    Wrong input to the evaluation.

    Attributes
    ----------
    reason : str
        ``"shape"``, ``"weight"`` (not a number, negative or a formula in something else than n), ``"group-sum"``
        (second-level weights of a category do not sum to 1), ``"first-level-sum"``, ``"group"`` (an index of no
        category), ``"empty-group"`` (a category without indicators), ``"option"``, ``"value"`` (infinite, or no
        answer code) or ``"parameter"`` (a formula's parameter was not given).
    indices : tuple of int
        Indicators or categories at fault, whichever the reason speaks of.
    values : tuple
        What stands there.
    """

    def __init__(self, reason: str, indices: tuple[int, ...] = (), values: tuple[object, ...] = ()) -> None:
        super().__init__(f"{reason}: {', '.join(map(str, values))}" + (f" at {list(indices)}" if indices else ""))
        self.reason = reason
        self.indices = indices
        self.values = values
