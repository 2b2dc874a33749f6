"""A weight as a committee gives it: a number, or the share of a group that its applicable indicators divide (0.8/n)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

_MOST_PLACES = 25


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight, from the sheet to the verification."""

    text: str = field(compare=False)
    """As it is printed: ``0.30``, ``1/3``, ``0.8/n``; two spellings of one weight are equal."""
    amount: Fraction
    """The number; of a share what the indicators that share it weigh together."""
    shared: bool = False
    """Whether it is divided by n, the number of indicators that apply among those of the group with the same share."""
    pool: str = ""
    """Code of the indicator whose class rows (类别) share this weight; blank for an indicator without class rows."""
    portion: Fraction = Fraction(1)
    """What a class row has of it for one enterprise, as a multiple of the equal part (类别计分 = 按产量)."""

    def __hash__(self) -> int:
        """Of whole numbers: weights are keys a thousand times in one trial, and a fraction's own hash divides."""
        return hash((self.amount.numerator, self.amount.denominator, self.shared, self.pool))

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

    @property
    def divided(self) -> bool:
        """Whether several rows divide it: indicators with the same share, or class rows of one indicator."""
        return self.shared or bool(self.pool)

    @property
    def sharing(self) -> tuple[Fraction, str] | None:
        """What the rows that divide it have in common within their group; None for a number."""
        return (self.amount, self.pool) if self.divided else None

    def pooled(self, code: str) -> Weight:
        """The same weight as one that the class rows of an indicator share."""
        return replace(self, pool=code)

    def at(self, n: int) -> Fraction:
        """Weight of one row where it is divided by n (see :func:`sharers`); a number whatever n is."""
        return self.portion * self.amount / n if self.divided else self.amount


def _ending(value: Fraction) -> Decimal | None:
    """Write a fraction as a decimal; None where it has no end (or one beyond use)."""
    for places in range(_MOST_PLACES):
        scaled = value * 10**places
        if scaled.denominator == 1:
            return Decimal(int(scaled)).scaleb(-places)
    return None


def sharers(groups: Sequence[Hashable], weights: Sequence[Weight], applicable: Sequence[bool]) -> tuple[int, ...]:
    """Give what every weight is divided by; 0 for a number.

    Of a share such as 0.8/n it is n, the applicable indicators of the group with the same share: an indicator counts
    once, however many of its class rows apply. Class rows divide their indicator's weight by how many of them apply.

    ``groups``, ``weights``, ``applicable``: of each indicator, aligned.
    """
    rows = list(zip(groups, weights, range(len(weights)), strict=True))
    applying = [row for row, applies in zip(rows, applicable, strict=True) if applies]
    classes = Counter((group, weight.pool) for group, weight, _ in applying if weight.pool)
    members = {(group, weight.share, weight.pool or j) for group, weight, j in applying}
    counts = Counter((group, share) for group, share, _ in members)
    return tuple(
        (counts[group, weight.share] if weight.shared else 1) * (classes[group, weight.pool] if weight.pool else 1)
        if weight.divided
        else 0
        for group, weight, _ in rows
    )


def in_full(weights: Iterable[Weight]) -> tuple[Fraction, ...]:
    """Weights of one group where all of it applies."""
    own = tuple(weights)
    counts = sharers(("",) * len(own), own, (True,) * len(own))
    return tuple(weight.at(n) for weight, n in zip(own, counts, strict=True))


__all__ = ["Weight", "in_full", "sharers"]
