"""Weights of an earlier edition: relative within their first-level indicator, or absolute; exact whichever they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from drafting.earlier.figures import RawWeight
from drafting.model.weight import Weight, in_full

Part = tuple[str, str, RawWeight | None]
"""Of a row: its category in the source, the category that takes it over, its weight (None for class rows)."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Weights as a project has them: relative, each group summing to one as far as the source does."""

    first: Mapping[str, Weight | Fraction] = field(default_factory=dict)
    second: Mapping[int, Weight | Fraction] = field(default_factory=dict)
    odd: tuple[tuple[str, str], ...] = ()
    """Source categories whose weights sum neither to 1 nor to the category's weight, with the sum found."""
    absolute: bool = False
    points: bool = False


def shares_of(parts: Sequence[Part], first: Mapping[str, RawWeight]) -> Shares:
    """Make relative weights of the source's.

    Weights of a group that sum to 1 are relative, to the category's weight absolute (and divided by it); out of 100
    both are divided by 100. Where a category is divided, or two become one, weights keep their product with the
    first level's: w'_ij = W_i·w_ij / W'.
    """
    groups: dict[str, list[int]] = {}
    for at, (source, _, weight) in enumerate(parts):
        if weight is not None:
            groups.setdefault(source, []).append(at)
    given = {source: w.weight.amount for source, w in first.items() if w.weight is not None}
    points = _out_of_100(parts, first)
    if points:
        given = {s: w / 100 for s, w in given.items()}
    amounts: dict[str, list[Fraction] | None] = {s: _amounts(parts, at, points) for s, at in groups.items()}
    totals = {s: sum(a, Fraction()) for s, a in amounts.items() if a}
    whole = sum(totals.values(), Fraction()) == 1 and len(totals) == len(groups) > 1
    absolute, odd = False, []
    for source, total in totals.items():
        if total == 1:
            continue
        if total and (total == given.get(source) or (source not in given and whole)):
            absolute = True
            given.setdefault(source, total)
            amounts[source] = [a / total for a in amounts[source] or ()]
        else:
            odd.append((source, str(Weight.number(total))))
    plain = {at: w for s, ats in groups.items() for at, w in _printed(parts, s, ats, amounts[s], absolute or points)}
    return _carried_over(parts, groups, amounts, given, plain, first, tuple(odd), points=points, absolute=absolute)


def _amounts(parts: Sequence[Part], rows: Sequence[int], points: bool) -> list[Fraction] | None:
    weights = [w.weight if (w := parts[at][2]) is not None else None for at in rows]
    if any(w is None for w in weights):
        return None
    found = in_full([w for w in weights if w is not None])
    return [a / 100 if points else a for a in found]


def _out_of_100(parts: Sequence[Part], first: Mapping[str, RawWeight]) -> bool:
    told = [w for _, _, w in parts if w is not None and w.weight is not None]
    return any(w.points for w in told) or any(w.points for w in first.values())


def _printed(
    parts: Sequence[Part], source: str, rows: Sequence[int], amounts: list[Fraction] | None, changed: bool
) -> list[tuple[int, Weight | Fraction]]:
    """Weights of one group: as typed where nothing was computed."""
    if amounts is None:
        return [(at, w.weight) for at in rows if (w := parts[at][2]) is not None and w.weight is not None]
    made: list[tuple[int, Weight | Fraction]] = []
    for at, amount in zip(rows, amounts, strict=True):
        own = parts[at][2]
        assert own is not None  # else there are no amounts
        assert own.weight is not None
        same = own.weight.shared or own.weight.amount == amount
        made.append((at, own.weight if same and not (changed and own.points) else amount))
    return made


def _carried_over(
    parts: Sequence[Part], groups: Mapping[str, Sequence[int]], amounts: Mapping[str, list[Fraction] | None],
    given: Mapping[str, Fraction], plain: Mapping[int, Weight | Fraction], first: Mapping[str, RawWeight],
    odd: tuple[tuple[str, str], ...], *, points: bool, absolute: bool,
) -> Shares:  # fmt: skip
    targets: dict[str, set[str]] = {}
    for source, name, _ in parts:
        targets.setdefault(name, set()).add(source)
    spread = {s: {parts[at][1] for at in ats} for s, ats in groups.items()}
    ones: dict[str, Weight | Fraction] = {}
    twos: dict[int, Weight | Fraction] = {}
    for name, sources in targets.items():
        if len(sources) == 1 and len(spread.get(next(iter(sources)), {name})) == 1:
            source = next(iter(sources))
            twos |= {at: plain[at] for at in groups.get(source, ()) if at in plain}
            typed = first.get(source)
            if typed is not None and typed.weight is not None and not points:
                ones[name] = typed.weight
            elif source in given:
                ones[name] = given[source]
            continue
        products = {
            at: given[s] * amount
            for s in sources if s in given
            for at, amount in zip(groups[s], amounts[s] or (), strict=False) if parts[at][1] == name
        }  # fmt: skip
        total = sum(products.values(), Fraction())
        if not total or len(products) < sum(parts[at][1] == name for s in sources for at in groups.get(s, ())):
            continue  # without all of the weights there is nothing to compute with
        ones[name] = total
        twos |= {at: product / total for at, product in products.items()}
    return Shares(ones, twos, odd, absolute, points)
