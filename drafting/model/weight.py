"""A weight as a committee gives it: a number, or the share of a group that its applicable indicators divide (0.8/n)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

_MOST_PLACES = 25


@dataclass(frozen=True, slots=True)
class Weight:
    """
    One weight, from the sheet to the verification.

    Attributes
    ----------
    text : str
        As it is printed: ``0.30``, ``1/3``, ``0.8/n``; two spellings of one weight are equal.
    amount : Fraction
        The number; of a share what the indicators that share it weigh together.
    shared : bool
        Whether it is divided by n, the number of indicators that apply among those of the group with the same share.
    """

    text: str = field(compare=False)
    amount: Fraction
    shared: bool = False

    @classmethod
    def number(cls, value: Decimal | Fraction | int) -> Weight:
        """Make a plain weight; a Decimal keeps its trailing zeros, a fraction that ends is written as a decimal."""
        shown = value if isinstance(value, Decimal) else _ending(Fraction(value))
        return cls(str(value) if shown is None else format(shown, "f"), Fraction(value))

    def __str__(self) -> str:
        """Give the print."""
        return self.text

    @property
    def decimal(self) -> Decimal | None:
        """The number in decimals, trailing zeros as printed; None for a share and for a fraction without end."""
        if self.shared:
            return None
        return Decimal(self.text) if set(self.text) <= set("0123456789.") else _ending(self.amount)

    @property
    def share(self) -> Fraction | None:
        """What the indicators of a share weigh together; None for a number."""
        return self.amount if self.shared else None

    def at(self, n: int) -> Fraction:
        """Weight of one indicator where n of those that share it apply; a number whatever n is."""
        return self.amount / n if self.shared else self.amount


def _ending(value: Fraction) -> Decimal | None:
    """Write a fraction as a decimal; None where it has no end (or one beyond use)."""
    for places in range(_MOST_PLACES):
        scaled = value * 10**places
        if scaled.denominator == 1:
            return Decimal(int(scaled)).scaleb(-places)
    return None


def sharers(groups: Sequence[Hashable], weights: Sequence[Weight], applicable: Sequence[bool]) -> tuple[int, ...]:
    """
    Count n for every weight: the applicable ones of its group with the same share; 0 for a number.

    Parameters
    ----------
    groups, weights, applicable
        Of each indicator, aligned.
    """
    keys = [(group, weight.share) for group, weight in zip(groups, weights, strict=True)]
    counts = Counter(key for key, applies in zip(keys, applicable, strict=True) if applies)
    return tuple(0 if share is None else counts[group, share] for group, share in keys)


def in_full(weights: Iterable[Weight]) -> tuple[Fraction, ...]:
    """Weights of one group where all of it applies."""
    own = tuple(weights)
    counts = sharers(("",) * len(own), own, (True,) * len(own))
    return tuple(weight.at(n) for weight, n in zip(own, counts, strict=True))


__all__ = ["Weight", "in_full", "sharers"]
