"""How far a panel agrees: Kendall's W, the RAND/UCLA disagreement index, weighted kappa."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weighting.answers import (
    AnswersError,
    AnswerValueError,
    PanelRound,
    TooFewAnswersError,
    UnknownSettingError,
    as_round,
)
from weighting.quantiles import DEFAULT_CONVENTION, quantiles

TIE = 1e-9  # what interpolating in binary may cost; ratings and limits are far coarser
MISSING_POLICIES = ("listwise", "items", "reject")
KAPPA_WEIGHTS = ("quadratic", "linear", "unweighted")


@dataclass(frozen=True, slots=True)
class KendallW:
    """Kendall's coefficient of concordance with what it was computed from.

    Attributes
    ----------
    w : float or None
        In [0, 1]; ``None`` where every expert ties every item (0/0: undefined, neither agreement nor its absence).
    chi2, p : float or None
        χ² = m(n − 1)W and its upper tail probability; ``None`` with `w`.
    df : int
        n − 1.
    m, n : int
        Experts and items used.
    rank_sums : tuple of float
        Per item used; rank 1 is the smallest answer.
    tied_experts : int
        Experts with at least one tie.
    correct_ties : bool
        Whether the tie correction was applied.
    missing : str
        Policy applied: ``"listwise"``, ``"items"`` or ``"reject"``.
    excluded_experts, excluded_items : tuple of int
        Zero-based rows and columns left out for missing answers.
    """

    w: float | None
    chi2: float | None
    df: int
    p: float | None
    m: int
    n: int
    rank_sums: tuple[float, ...]
    tied_experts: int
    correct_ties: bool
    missing: str
    excluded_experts: tuple[int, ...]
    excluded_items: tuple[int, ...]


def kendall_w(ratings: PanelRound | npt.ArrayLike, *, correct_ties: bool = True, missing: str = "listwise") -> KendallW:
    """Compute Kendall's coefficient of concordance W (肯德尔协调系数).

    W = 12 S / (m²(n³ − n) − m Σ_i T_i),  T_i = Σ (t³ − t),  χ² = m(n − 1) W,

    with S the sum of squared deviations of the items' rank sums from their mean and t the sizes of expert i's ties.

    Parameters
    ----------
    ratings : array_like, shape (experts, items), or PanelRound
        Ratings, ranks or allocated weights, ranked within each expert (mid-ranks); NaN = no answer.
    correct_ties : bool
        Tie correction. Ratings on a five-point scale tie nearly always; without it W is too small.
    missing : {"listwise", "items", "reject"}
        Leave out experts with a missing answer, leave out items with one, or refuse.

    Returns
    -------
    KendallW

    Raises
    ------
    AnswersError
        Answers are missing under ``"reject"``.
    TooFewAnswersError
        Fewer than two experts or two items remain.
    AnswerValueError
        An infinite answer.

    Notes
    -----
    The χ² approximation is rough for few items (n ≤ 7) with few experts. m = 2 is allowed; W is then a linear
    function of Spearman's ρ, W = (ρ + 1)/2.

    References
    ----------
    .. [1] Kendall, M. G. & Babington Smith, B. (1939). The problem of m rankings. Ann. Math. Stat. 10(3), 275–287.
    .. [2] Siegel, S. & Castellan, N. J. (1988). Nonparametric Statistics for the Behavioral Sciences, 2nd ed., 262–272.
    """
    from scipy.special import chdtrc  # upper tail of χ²; importing scipy.stats would take a second

    if missing not in MISSING_POLICIES:
        raise UnknownSettingError("missing", missing, MISSING_POLICIES)
    values = as_round(ratings).values
    absent = np.isnan(values)
    if missing == "reject" and absent.any():
        places = [(int(i), int(j)) for i, j in np.argwhere(absent)]
        raise AnswersError(f"answers missing at (expert, item) {places}", places, [float("nan")] * len(places))
    rows, columns = absent.any(axis=1), absent.any(axis=0)
    rows_out = rows if missing == "listwise" else np.zeros_like(rows)
    columns_out = columns if missing == "items" else np.zeros_like(columns)
    kept = values[~rows_out][:, ~columns_out]
    m, n = kept.shape
    excluded_experts = tuple(int(k) for k in np.flatnonzero(rows_out))
    excluded_items = tuple(int(k) for k in np.flatnonzero(columns_out))
    if m < 2:
        raise TooFewAnswersError(
            f"W needs two experts with complete answers, there are {m}", [(k,) for k in excluded_experts], (m,)
        )
    if n < 2:
        raise TooFewAnswersError(f"W needs two items answered by all, there are {n}", values=(n,))

    ranks = _mid_ranks(kept)
    sums = ranks.sum(axis=0)
    # mid-ranks are multiples of 1/2, so S and the tie terms are exact in floating point and W cannot leave [0, 1]
    s = float(((sums - m * (n + 1) / 2) ** 2).sum())
    tie_terms = [_tie_term(row) for row in kept]
    everything_tied = all(term == n**3 - n for term in tie_terms)
    denominator = m**2 * (n**3 - n) - (m * sum(tie_terms) if correct_ties else 0)
    w = None if everything_tied else 12 * s / denominator
    chi2 = None if w is None else m * (n - 1) * w
    return KendallW(
        w=w,
        chi2=chi2,
        df=n - 1,
        p=None if chi2 is None else float(chdtrc(n - 1, chi2)),
        m=m,
        n=n,
        rank_sums=tuple(float(x) for x in sums),
        tied_experts=sum(term > 0 for term in tie_terms),
        correct_ties=correct_ties,
        missing=missing,
        excluded_experts=excluded_experts,
        excluded_items=excluded_items,
    )


def _mid_ranks(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ranks within each row, ties sharing the mean of theirs."""
    mine, others = rows[:, :, None], rows[:, None, :]
    ranks: npt.NDArray[np.float64] = (others < mine).sum(axis=2) + ((others == mine).sum(axis=2) + 1) / 2
    return ranks


def _tie_term(row: npt.NDArray[np.float64]) -> int:
    counts = np.unique(row, return_counts=True)[1]
    return sum(int(t) ** 3 - int(t) for t in counts)


@dataclass(frozen=True, slots=True)
class RandDisagreement:
    """RAND/UCLA disagreement of one item on a nine-point scale: disagreement means `ipr` > `ipras`."""

    p30: float
    p70: float
    ipr: float
    asymmetry: float
    ipras: float
    disagreement: bool
    convention: str


def rand_disagreement(ratings: npt.ArrayLike, convention: str = DEFAULT_CONVENTION) -> RandDisagreement:
    """Judge whether a panel disagrees on one item rated 1 to 9 (RAND/UCLA appropriateness method).

    IPR = P70 − P30; IPRAS = 2.35 + 1.5·|5 − (P30 + P70)/2|; disagreement if IPR > IPRAS.

    Parameters
    ----------
    ratings : array_like, shape (experts,)
        Ratings from 1 to 9; NaN = no answer.
    convention : str
        Sample quantile, see :mod:`weighting.quantiles`.

    Raises
    ------
    AnswerValueError
        A rating outside 1–9: the constants hold for the nine-point scale only.
    TooFewAnswersError
        No answer.

    References
    ----------
    .. [1] Fitch, K. et al. (2001). The RAND/UCLA Appropriateness Method User's Manual. RAND MR-1269, 57–60.
    """
    values = np.asarray(ratings, dtype=np.float64).ravel()
    wrong = np.flatnonzero((values < 1) | (values > 9))
    if wrong.size:
        raise AnswerValueError(
            f"ratings outside 1–9 at {wrong.tolist()}",
            [(int(k),) for k in wrong],
            [float(values[k]) for k in wrong],
        )
    p30, p70 = (float(q) for q in quantiles(values, (0.3, 0.7), convention))
    asymmetry = abs(5 - (p30 + p70) / 2)
    ipras = 2.35 + 1.5 * asymmetry
    return RandDisagreement(p30, p70, p70 - p30, asymmetry, ipras, p70 - p30 > ipras + TIE, convention)


def weighted_kappa(first: npt.ArrayLike, second: npt.ArrayLike, weights: str = "quadratic") -> float | None:
    """Cohen's kappa between two sets of ratings of the same subjects, e.g. one item in two rounds over the experts.

    κ = 1 − Σ_k d(a_k, b_k)/N ÷ Σ_k Σ_l d(a_k, b_l)/N², with d the squared difference, the absolute difference, or
    0/1. Differences are taken between the ratings themselves, so unused points of the scale do not matter.

    Parameters
    ----------
    first, second : array_like, shape (subjects,)
        Paired ratings; a pair with a NaN is left out.
    weights : {"quadratic", "linear", "unweighted"}

    Returns
    -------
    float or None
        At most 1; ``None`` where chance disagreement is zero (all ratings equal): undefined.

    Raises
    ------
    AnswersError
        Different lengths.
    TooFewAnswersError
        No complete pair.

    References
    ----------
    .. [1] Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70(4), 213–220.
    """
    if weights not in KAPPA_WEIGHTS:
        raise UnknownSettingError("weights", weights, KAPPA_WEIGHTS)
    a, b = (np.asarray(x, dtype=np.float64).ravel() for x in (first, second))
    if a.shape != b.shape:
        raise AnswersError(f"kappa needs pairs: {a.size} and {b.size} ratings", values=(a.size, b.size))
    complete = ~(np.isnan(a) | np.isnan(b))
    a, b = a[complete], b[complete]
    if a.size == 0:
        raise TooFewAnswersError("kappa of no pairs", values=(0,))
    by_chance = _mean_distance(a[:, None] - b[None, :], weights)
    if by_chance == 0:
        return None
    return 1 - _mean_distance(a - b, weights) / by_chance


def _mean_distance(differences: npt.NDArray[np.float64], weights: str) -> float:
    if weights == "unweighted":
        return float(np.mean(differences != 0))
    return float(np.mean(differences**2 if weights == "quadratic" else np.abs(differences)))
