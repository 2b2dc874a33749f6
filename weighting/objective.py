"""Objective companions from survey data: entropy weights (熵权法) and CRITIC.

They say how much the enterprises differ in an indicator, not how much the indicator matters; C.1 lets them accompany
expert judgement. All within one group of quantitative indicators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weighting.answers import (
    AnswersError,
    FloatArray,
    PanelRound,
    TooFewAnswersError,
    UnknownSettingError,
    frozen_array,
)

DIRECTIONS = ("smaller", "larger")
MISSING_POLICIES = ("listwise", "available", "reject")
SHARES = ("min-max", "sum")


class SurveyError(AnswersError):
    """Survey values that an objective method cannot use; ``indices`` are ``(enterprise, indicator)``."""


class UndefinedWeightsError(AnswersError):
    """The data carry no information to weigh by: every indicator is constant, or all say the same (CRITIC).

    ``indices`` are ``(indicator,)``.
    """


@dataclass(frozen=True, slots=True, eq=False)
class ObjectiveWeights:
    """Weights of one group from a survey.

    Attributes
    ----------
    method : str
        ``"entropy"`` or ``"critic"``.
    indicators : tuple of str
    directions : tuple of str
    weights : ndarray, shape (indicators,)
        Adds up to 1; read-only.
    information : ndarray, shape (indicators,)
        1 − e_j for entropy weights, C_j for CRITIC, before normalising.
    n : tuple of int
        Enterprises used per indicator.
    excluded : tuple of int
        Rows left out for a missing value.
    constant : tuple of int
        Indicators that do not vary; their weight is 0, which is to be printed.
    missing : str
        Policy applied.
    normalisation : str
        How values were made comparable.
    """

    method: str
    indicators: tuple[str, ...]
    directions: tuple[str, ...]
    weights: FloatArray
    information: FloatArray
    n: tuple[int, ...]
    excluded: tuple[int, ...]
    constant: tuple[int, ...]
    missing: str
    normalisation: str


@dataclass(frozen=True, slots=True, eq=False)
class _Survey:
    values: FloatArray
    indicators: tuple[str, ...]
    directions: tuple[str, ...]
    excluded: tuple[int, ...]
    constant: tuple[int, ...]


def _survey(
    values: npt.ArrayLike, directions: Sequence[str], missing: str, indicators: Sequence[str] | None
) -> _Survey:
    if missing not in MISSING_POLICIES:
        raise UnknownSettingError("missing", missing, MISSING_POLICIES)
    table = PanelRound(values, items=indicators)
    for direction in directions:
        if direction not in DIRECTIONS:
            raise UnknownSettingError("direction", direction, DIRECTIONS)
    if len(directions) != len(table.items):
        raise SurveyError(f"{len(directions)} directions for {len(table.items)} indicators", values=directions)
    absent = np.isnan(table.values)
    if missing == "reject" and absent.any():
        places = [(int(i), int(j)) for i, j in np.argwhere(absent)]
        raise SurveyError(f"values missing at (enterprise, indicator) {places}", places, [float("nan")] * len(places))
    out = absent.any(axis=1) if missing == "listwise" else absent.all(axis=1)
    kept = table.values[~out]
    few = [int(j) for j in np.flatnonzero((~np.isnan(kept)).sum(axis=0) < 2)]
    if few:
        raise TooFewAnswersError(
            f"indicators with fewer than two usable enterprises (missing values: {missing}): {few}",
            [(j,) for j in few],
            [int((~np.isnan(kept[:, j])).sum()) for j in few],
        )
    constant = np.flatnonzero(np.nanmin(kept, axis=0) == np.nanmax(kept, axis=0))
    if constant.size == len(table.items):
        raise UndefinedWeightsError(
            "no indicator varies between enterprises",
            [(int(j),) for j in constant],
            [float(np.nanmin(kept[:, j])) for j in constant],
        )
    return _Survey(
        frozen_array(kept),
        table.items,
        tuple(directions),
        tuple(int(k) for k in np.flatnonzero(out)),
        tuple(int(j) for j in constant),
    )


def _min_max(column: FloatArray, direction: str) -> FloatArray:
    low, high = np.nanmin(column), np.nanmax(column)
    scaled = (column - low) / (high - low)
    return np.asarray(1 - scaled if direction == "smaller" else scaled)


def _result(
    survey: _Survey, method: str, information: FloatArray, missing: str, normalisation: str
) -> ObjectiveWeights:
    return ObjectiveWeights(
        method=method,
        indicators=survey.indicators,
        directions=survey.directions,
        weights=frozen_array(information / information.sum()),
        information=frozen_array(information),
        n=tuple(int(k) for k in (~np.isnan(survey.values)).sum(axis=0)),
        excluded=survey.excluded,
        constant=survey.constant,
        missing=missing,
        normalisation=normalisation,
    )


def entropy_weights(
    values: npt.ArrayLike,
    directions: Sequence[str],
    *,
    shares: str = "min-max",
    missing: str = "listwise",
    indicators: Sequence[str] | None = None,
) -> ObjectiveWeights:
    """Entropy weights (熵权法): w_j = (1 − e_j) / Σ (1 − e_j), e_j = −(1/ln m) Σ_i p_ij ln p_ij.

    Parameters
    ----------
    values : array_like, shape (enterprises, indicators)
        Survey values in any unit; NaN = missing.
    directions : sequence of {"smaller", "larger"}
        Which direction is better, per indicator.
    shares : {"min-max", "sum"}
        How p_ij is formed. ``"min-max"``: r_ij from 0 (worst) to 1 (best), p = r / Σr; independent of unit and
        origin. ``"sum"``: p = x / Σx for larger-is-better and p = (1/x) / Σ(1/x) for smaller-is-better; independent
        of the unit, needs values > 0. 0·ln 0 = 0, nothing is shifted.
    missing : {"listwise", "available", "reject"}
        Leave out enterprises with a missing value, use the values each indicator has (m then differs), or refuse.
    indicators : sequence of str, optional
        Labels.

    Returns
    -------
    ObjectiveWeights
        Constant indicators weigh 0 and are listed.

    Raises
    ------
    TooFewAnswersError
        An indicator has fewer than two usable enterprises.
    UndefinedWeightsError
        No indicator varies.
    SurveyError
        Values ≤ 0 under ``"sum"``, missing values under ``"reject"``, directions that do not fit.
    ShapeError, NotANumberError, AnswerValueError, UnknownSettingError
        Unusable array, infinite values, unknown setting or direction.

    References
    ----------
    .. [1] Shannon, C. E. (1948). A mathematical theory of communication. Bell Syst. Tech. J. 27, 379–423.
    .. [2] Zeleny, M. (1982). Multiple Criteria Decision Making. McGraw-Hill, ch. 7.
    """
    if shares not in SHARES:
        raise UnknownSettingError("shares", shares, SHARES)
    survey = _survey(values, directions, missing, indicators)
    if shares == "sum":
        wrong = [(int(i), int(j)) for i, j in np.argwhere(survey.values <= 0)]
        if wrong:
            rows = [k for k in range(len(np.asarray(values))) if k not in survey.excluded]
            raise SurveyError(
                "shares of the sum need values > 0",
                [(rows[i], j) for i, j in wrong],
                [float(survey.values[place]) for place in wrong],
            )
    information = np.zeros(len(survey.indicators))
    for j, direction in enumerate(survey.directions):
        if j in survey.constant:
            continue
        column = survey.values[:, j]
        column = column[~np.isnan(column)]
        if shares == "min-max":
            share = _min_max(column, direction)
        else:
            share = column / column.max() if direction == "larger" else column.min() / column
        share = share / share.sum()
        positive = share[share > 0]
        information[j] = max(1 + float((positive * np.log(positive)).sum()) / float(np.log(column.size)), 0.0)
    if not information.any():
        raise UndefinedWeightsError("the indicators differ too little to tell", values=information.tolist())
    return _result(survey, "entropy", information, missing, shares)


def critic_weights(
    values: npt.ArrayLike,
    directions: Sequence[str],
    *,
    missing: str = "listwise",
    indicators: Sequence[str] | None = None,
) -> ObjectiveWeights:
    """CRITIC weights: w_j ∝ C_j = σ_j Σ_k (1 − r_jk), on min–max normalised values.

    σ_j is the standard deviation (n − 1) of the normalised indicator, r_jk Pearson's correlation between two
    normalised indicators, so that a conflict between indicators counts in the sense of "better".

    Parameters
    ----------
    values : array_like, shape (enterprises, indicators)
        Survey values in any unit; NaN = missing.
    directions : sequence of {"smaller", "larger"}
    missing : {"listwise", "available", "reject"}
        As for :func:`entropy_weights`; with ``"available"`` each correlation uses the enterprises that have both.
    indicators : sequence of str, optional
        Labels.

    Returns
    -------
    ObjectiveWeights
        Constant indicators weigh 0, are listed and take no part in the others' sums. A single indicator that varies
        gets weight 1.

    Raises
    ------
    TooFewAnswersError
        An indicator, or a pair under ``"available"``, has fewer than two usable enterprises.
    UndefinedWeightsError
        No indicator varies, or all are perfectly correlated.
    SurveyError
        Missing values under ``"reject"``, directions that do not fit.
    ShapeError, NotANumberError, AnswerValueError, UnknownSettingError
        Unusable array, infinite values, unknown setting or direction.

    References
    ----------
    .. [1] Diakoulaki, D., Mavrotas, G. & Papayannakis, L. (1995). Determining objective weights in multiple criteria
       problems: the CRITIC method. Computers & Operations Research 22(7), 763–770.
    """
    survey = _survey(values, directions, missing, indicators)
    varying = [j for j in range(len(survey.indicators)) if j not in survey.constant]
    scaled = np.column_stack([_min_max(survey.values[:, j], survey.directions[j]) for j in varying])
    information = np.zeros(len(survey.indicators))
    if len(varying) == 1:
        information[varying[0]] = np.nanstd(scaled[:, 0], ddof=1)
        return _result(survey, "critic", information, missing, "min-max")
    conflict = np.zeros(len(varying))
    for a in range(len(varying)):
        for b in range(a):
            distance = 1 - _correlation(scaled[:, a], scaled[:, b], (varying[b], varying[a]))
            conflict[a] += distance
            conflict[b] += distance
    if conflict.max() < 1e-12:  # rounding of perfect correlations
        raise UndefinedWeightsError(
            "all indicators are perfectly correlated", [(j,) for j in varying], conflict.tolist()
        )
    information[varying] = np.nanstd(scaled, axis=0, ddof=1) * conflict
    return _result(survey, "critic", information, missing, "min-max")


def _correlation(a: FloatArray, b: FloatArray, pair: tuple[int, int]) -> float:
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    if a.size < 2 or a.min() == a.max() or b.min() == b.max():
        raise TooFewAnswersError(
            f"indicators {pair} share too few differing enterprises for a correlation", [pair], (int(a.size),)
        )
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))
