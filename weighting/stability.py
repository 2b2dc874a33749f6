"""Stability between two Delphi rounds, over the experts who answered both.

Comparing all answers of one round with all of the next mixes changed minds with changed panels; only paired experts
tell whether opinions have settled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weighting.agreement import weighted_kappa
from weighting.answers import AnswersError, FloatArray, LabelsError, PanelRound, TooFewAnswersError, as_round

STEP_DECIMALS = 9  # of a change: 0.3 - 0.2 and 0.2 - 0.1 are one step and tie; answers are far coarser


class UnpairedRoundsError(LabelsError):
    """Two rounds do not ask for the same items.

    Attributes
    ----------
    only_previous, only_current : tuple of str
        Items that only one of the rounds has; ``values`` holds both.
    indices : tuple of (int, int)
        For each of them the round (0 before, 1 now) and its position there.
    """

    def __init__(self, previous: tuple[str, ...], current: tuple[str, ...]) -> None:
        self.only_previous = tuple(x for x in previous if x not in current)
        self.only_current = tuple(x for x in current if x not in previous)
        places = [(0, previous.index(x)) for x in self.only_previous]
        places += [(1, current.index(x)) for x in self.only_current]
        super().__init__(
            f"item lists differ between rounds: only before {list(self.only_previous)}, "
            f"only now {list(self.only_current)}",
            places,
            (*self.only_previous, *self.only_current),
        )


@dataclass(frozen=True, slots=True)
class ItemStability:
    """One item between two rounds, over paired experts; ``None`` where a figure is undefined.

    Attributes
    ----------
    item : str
    pairs : int
        Experts who answered the item in both rounds.
    cv_before, cv_now, cv_change : float or None
        Coefficients of variation and |ΔCV|.
    histogram_change : float or None
        Share of the experts who would have to move to turn one distribution into the other, ½ Σ|h1 − h2| / n.
    wilcoxon, wilcoxon_p : float or None
        Signed-rank statistic and two-sided p; ``None`` where no answer changed.
    changed : int
        Experts whose answer changed.
    kappa : float or None
        Quadratically weighted kappa.
    median_before, median_now : float or None
    mean_absolute_change : float or None
        Mean of |answer now − answer before|.
    """

    item: str
    pairs: int
    cv_before: float | None = None
    cv_now: float | None = None
    cv_change: float | None = None
    histogram_change: float | None = None
    wilcoxon: float | None = None
    wilcoxon_p: float | None = None
    changed: int = 0
    kappa: float | None = None
    median_before: float | None = None
    median_now: float | None = None
    mean_absolute_change: float | None = None


@dataclass(frozen=True, slots=True)
class RoundStability:
    """Stability of one group between two rounds.

    Attributes
    ----------
    group : str
    items : tuple of ItemStability
        In the order of the current round.
    paired : tuple of str
        Experts of both rounds.
    only_previous, only_current : tuple of str
        Experts who dropped out or joined; not used.
    bin_width : float or None
        Width of the histogram's classes; ``None``: every value is a class of its own.
    class_share : float or None
        Instead of `bin_width`: the classes' width as a share of the item's median before.
    """

    group: str
    items: tuple[ItemStability, ...]
    paired: tuple[str, ...]
    only_previous: tuple[str, ...]
    only_current: tuple[str, ...]
    bin_width: float | None
    class_share: float | None = None


def histogram_change(counts_before: npt.ArrayLike, counts_now: npt.ArrayLike) -> float:
    """Share of answers that must move to turn one histogram into the other: ½ Σ|h1 − h2| / n.

    Parameters
    ----------
    counts_before, counts_now : array_like, shape (classes,)
        Counts over the same classes with the same total n. Below 0.15 is customarily called stable.

    Raises
    ------
    AnswersError
        Different classes or totals, negative or no counts.

    References
    ----------
    .. [1] Scheibe, M., Skutsch, M. & Schofer, J. (1975). Experiments in Delphi methodology. In: Linstone, H. A. &
       Turoff, M. (eds), The Delphi Method, 262–287.
    """
    before, now = (np.asarray(counts, dtype=np.float64) for counts in (counts_before, counts_now))
    if before.shape != now.shape or before.ndim != 1:
        raise AnswersError(f"histograms over different classes: {before.shape}, {now.shape}")
    if not (np.isfinite(before).all() and np.isfinite(now).all() and (before >= 0).all() and (now >= 0).all()):
        raise AnswersError("counts must be finite and not negative", values=(*before.tolist(), *now.tolist()))
    total = float(before.sum())
    if total == 0 or float(now.sum()) != total:
        raise AnswersError(
            f"histograms need the same experts: totals {total:g} and {float(now.sum()):g}",
            values=(total, float(now.sum())),
        )
    return float(np.abs(before - now).sum()) / 2 / total


def round_stability(
    previous: PanelRound | npt.ArrayLike,
    current: PanelRound | npt.ArrayLike,
    *,
    bin_width: float | None = None,
    class_share: float | None = None,
) -> RoundStability:
    """Compare two rounds item by item over the experts who answered both.

    Parameters
    ----------
    previous, current : PanelRound or array_like, shape (experts, items)
        Paired by the labels of experts and items. Two bare arrays pair by position and must have the same shape.
    bin_width : float, optional
        Class width of the histogram, for allocations (e.g. 5 of 100); by default every value is its own class, which
        suits rating scales.
    class_share : float, optional
        Instead of `bin_width`: classes as wide as this share of the item's median in the round before (of the paired
        experts), the median in the middle of one. So a point of a light item counts for more than one of a heavy item,
        and no class limit lies beside the median: 24 and 26 are one class of 0.2, 20 and 24.9 are two.

    Returns
    -------
    RoundStability

    Raises
    ------
    UnpairedRoundsError
        The item lists differ.
    TooFewAnswersError
        No expert answered both rounds.
    AnswersError
        `bin_width` or `class_share` is not positive, or both are given; bare arrays of different shape.
    """
    for width in (bin_width, class_share):
        if width is not None and not (np.isfinite(width) and width > 0):
            raise AnswersError(f"bin width must be positive, not {width}", values=(width,))
    if bin_width is not None and class_share is not None:
        raise AnswersError("a fixed bin width or a share of the item, not both", values=(bin_width, class_share))
    before, now = as_round(previous), as_round(current)
    labelled = isinstance(previous, PanelRound) and isinstance(current, PanelRound)
    if not labelled and len(before.experts) != len(now.experts):
        raise AnswersError(
            f"rounds of {len(before.experts)} and {len(now.experts)} experts need labels to be paired",
            values=(len(before.experts), len(now.experts)),
        )
    if set(before.items) != set(now.items):
        raise UnpairedRoundsError(before.items, now.items)
    paired = tuple(x for x in now.experts if x in before.experts)
    if not paired:
        raise TooFewAnswersError("no expert answered both rounds", values=(0,))
    rows_before = [before.experts.index(x) for x in paired]
    rows_now = [now.experts.index(x) for x in paired]
    return RoundStability(
        group=now.group,
        items=tuple(
            _item_stability(
                item,
                before.values[rows_before, before.items.index(item)],
                now.values[rows_now, j],
                bin_width,
                class_share,
            )
            for j, item in enumerate(now.items)
        ),
        paired=paired,
        only_previous=tuple(x for x in before.experts if x not in now.experts),
        only_current=tuple(x for x in now.experts if x not in before.experts),
        bin_width=bin_width,
        class_share=class_share,
    )


def _cv(values: FloatArray) -> float | None:
    if values.size < 2 or values.mean() == 0:
        return None
    return 0.0 if values.min() == values.max() else float(values.std(ddof=1) / abs(values.mean()))


def _item_stability(
    item: str, before: FloatArray, now: FloatArray, bin_width: float | None, class_share: float | None
) -> ItemStability:
    both = ~(np.isnan(before) | np.isnan(now))
    a, b = before[both], now[both]
    if a.size == 0:
        return ItemStability(item, 0)
    cv_before, cv_now = _cv(a), _cv(b)
    steps = np.round(b - a, STEP_DECIMALS)
    moved = steps[steps != 0]
    changed = int(moved.size)
    statistic, p = _wilcoxon(moved) if changed else (None, None)
    middle = float(np.median(a))
    origin = 0.0
    if class_share is not None:
        bin_width = class_share * abs(middle) or 1.0  # an item that weighed nothing: one point
        origin = middle - bin_width / 2
    return ItemStability(
        item=item,
        pairs=int(a.size),
        cv_before=cv_before,
        cv_now=cv_now,
        cv_change=None if cv_before is None or cv_now is None else abs(cv_now - cv_before),
        histogram_change=histogram_change(*_histograms(a - origin, b - origin, bin_width)),
        wilcoxon=statistic,
        wilcoxon_p=p,
        changed=changed,
        kappa=weighted_kappa(a, b),
        median_before=middle,
        median_now=float(np.median(b)),
        mean_absolute_change=float(np.abs(steps).mean()),
    )


def _histograms(a: FloatArray, b: FloatArray, bin_width: float | None) -> tuple[FloatArray, FloatArray]:
    if bin_width is not None:
        # 0.3/0.1 is 2.999…: a value on a class limit belongs to the class above it
        a, b = (np.floor(x / bin_width + 1e-9) for x in (a, b))
    classes = np.unique(np.concatenate((a, b)))
    return (
        np.array([(a == c).sum() for c in classes], dtype=np.float64),
        np.array([(b == c).sum() for c in classes], dtype=np.float64),
    )


def _wilcoxon(moved: FloatArray) -> tuple[float, float]:
    """Wilcoxon's signed-rank test of the changes that are not 0; exact where small and untied, else approximate."""
    from scipy.stats import wilcoxon

    exact = moved.size <= 50 and np.unique(np.abs(moved)).size == moved.size
    result = wilcoxon(moved, zero_method="wilcox", method="exact" if exact else "approx", correction=not exact)
    return float(result.statistic), float(result.pvalue)


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's test; `chi2` and `p` are ``None`` where nobody changed sides."""

    chi2: float | None
    df: int
    p: float | None
    corrected: bool


def mcnemar(table: npt.ArrayLike, *, correction: bool = True) -> McNemar:
    """Test whether experts changed between "within consensus" and "outside" from one round to the next.

    χ² = (|b − c| − 1)² / (b + c) with Edwards' continuity correction, (b − c)² / (b + c) without; df = 1.

    Parameters
    ----------
    table : array_like, shape (2, 2)
        Counts of the same experts, rows the first and columns the second round.
    correction : bool
        Continuity correction (not below 0).

    Raises
    ------
    AnswersError
        Not a 2 × 2 table of counts ≥ 0.

    References
    ----------
    .. [1] McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or
       percentages. Psychometrika 12(2), 153–157.
    """
    from scipy.special import chdtrc  # upper tail of χ²; importing scipy.stats would take a second

    counts = np.asarray(table, dtype=np.float64)
    if counts.shape != (2, 2) or not np.isfinite(counts).all() or (counts < 0).any():
        raise AnswersError(f"McNemar's test needs a 2 × 2 table of counts, not {counts.tolist()}")
    b, c = float(counts[0, 1]), float(counts[1, 0])
    if b + c == 0:
        return McNemar(None, 1, None, correction)
    chi2 = (max(abs(b - c) - 1, 0.0) if correction else abs(b - c)) ** 2 / (b + c)
    return McNemar(chi2, 1, float(chdtrc(1, chi2)), correction)
