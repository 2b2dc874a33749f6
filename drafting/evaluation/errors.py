"""Errors of the evaluation: one family, each carrying the indices and values at fault."""

from __future__ import annotations


class EvaluationError(ValueError):
    """Wrong input to the evaluation.

    Attributes
    ----------
    reason : str
        Of indicators: ``"weight"`` (not a number, negative, or a formula that is not in n or has no value of at least
        0 for some n), ``"group"`` (an index of no category), ``"value"`` (infinite, or no answer code), ``"parameter"``
        (a formula's parameter was not given). Of categories: ``"first-level-weight"`` (not a number or negative),
        ``"group-sum"`` (second-level weights do not sum to 1), ``"empty-group"`` (without indicators), ``"bonus"`` (no
        such category). Of the whole: ``"shape"``, ``"first-level-sum"``, ``"option"``.
    indices : tuple of int
        Indicators or categories at fault, whichever the reason speaks of; all of them.
    values : tuple
        What stands there.
    """

    def __init__(self, reason: str, indices: tuple[int, ...] = (), values: tuple[object, ...] = ()) -> None:
        super().__init__(f"{reason}: {', '.join(map(str, values))}" + (f" at {list(indices)}" if indices else ""))
        self.reason = reason
        self.indices = indices
        self.values = values

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what it was made from; the message is made again."""
        return type(self), (self.reason, self.indices, self.values)
