"""Intervals for the weights of a small panel that keep what they promise.

Drawing experts with replacement takes the few there are for all there could be: a percentile interval named 95 % holds
the weight of a large panel in 70 % of panels of three and in 88 % of panels of eight. Here each expert is left out in
turn (jackknife), on the log-odds of the weight, where scatter is even and no end lies outside 0 and 1; Student's
t takes account of how few experts tell the scatter. By simulation 91 to 97 % for panels of 3 to 12.

References
----------
.. [1] Tukey, J. W. (1958). Bias and confidence in not-quite large samples. Ann. Math. Statist. 29, 614.
.. [2] Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, ch. 11.
.. [3] Aitchison, J. (1986). The Statistical Analysis of Compositional Data. Chapman & Hall. Log-ratios.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from weighting.comparison import FloatArray
from weighting.errors import OptionError, PanelError, ShapeError

_EDGE = 1e-9  # a weight of nothing has no log-odds


def jackknife_interval(
    weights: npt.ArrayLike, without: npt.ArrayLike, expert_weights: npt.ArrayLike | None = None, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    r"""Interval of each weight from leaving out one expert at a time.

    .. math:: \eta = \ln\frac{w}{1 - w}, \quad
       s^2 = \frac{K}{K - 1} \sum_k [(1 - p_k)(\eta - \eta_{(k)})]^2, \quad \eta \pm t_{K-1} s

    Parameters
    ----------
    weights : array_like, shape (n,)
        Of the whole panel.
    without : array_like, shape (K, n)
        Of the panel without each expert, as :func:`~weighting.uncertainty.leave_one_out` gives them.
    expert_weights : array_like, shape (K,), optional
        Weights of those experts; all alike by default. Unequal ones leave fewer degrees of freedom, 1/Σp² − 1.
    level : float
        Coverage.

    Returns
    -------
    lower, upper : ndarray, shape (n,)

    Raises
    ------
    PanelError
        Fewer than two experts.
    OptionError
        `level` is not between 0 and 1.
    ShapeError
        Shapes that do not fit.
    """
    from scipy.special import stdtrit  # quantile of t; importing scipy.stats would take a second

    whole, others = np.asarray(weights, dtype=np.float64), np.asarray(without, dtype=np.float64)
    if others.ndim != 2 or whole.shape != others.shape[1:]:
        raise ShapeError("one row of weights per expert left out", values=(whole.shape, others.shape))
    count = len(others)
    if count < 2:
        raise PanelError("an interval needs at least two experts", values=(count,))
    if not 0 < level < 1:
        raise OptionError(f"a level lies between 0 and 1, not {level}", values=(level,))
    shares = np.ones(count) if expert_weights is None else np.asarray(expert_weights, dtype=np.float64)
    if shares.shape != (count,):
        raise ShapeError("one weight per expert left out", values=(shares.shape, others.shape))
    shares = shares / shares.sum()
    middle, parts = _log_odds(whole), _log_odds(others)
    moved = (1.0 - shares)[:, None] * (middle - parts)
    error = np.sqrt(count / (count - 1) * (moved**2).sum(axis=0))
    freedom = max(1.0 / float((shares**2).sum()) - 1.0, 0.5)
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    return _share(middle - reach), _share(middle + reach)


def _log_odds(weights: FloatArray) -> FloatArray:
    kept = np.clip(weights, _EDGE, 1.0 - _EDGE)
    odds: FloatArray = np.log(kept / (1.0 - kept))
    return odds


def _share(odds: FloatArray) -> FloatArray:
    share: FloatArray = 1.0 / (1.0 + np.exp(-np.clip(odds, -700, 700)))
    return share
