"""Several weight vectors into one (GB/T 43329 C.1: methods may be used alone or together)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weighting.answers import AnswersError, FloatArray, UnknownSettingError, frozen_array

METHODS = ("additive", "multiplicative", "minimum-deviation")
SUM_TOLERANCE = 1e-9


class WeightVectorError(AnswersError):
    """A weight vector is negative somewhere, not finite, or does not add up to 1.

    ``indices`` are ``(vector, item)``, or ``(vector,)`` for a sum.
    """


class CoefficientError(AnswersError):
    """Coefficients that are negative, not finite, do not add up to 1, or were given where they are computed."""


@dataclass(frozen=True, slots=True, eq=False)
class CombinedWeights:
    """A combined weight vector with what it was made from.

    Attributes
    ----------
    weights : ndarray, shape (items,)
        Adds up to 1; read-only.
    method : str
    coefficients : ndarray, shape (vectors,)
        α_k used; add up to 1.
    raw_coefficients : ndarray or None
        Minimum deviation: the solution before |α|/Σ|α|.
    sign_changed : bool
        Minimum deviation: a raw coefficient was negative, so that its absolute value was taken; to be printed.
    vectors : ndarray, shape (vectors, items)
        What was combined.
    labels : tuple of str
        Names of the vectors.
    """

    weights: FloatArray
    method: str
    coefficients: FloatArray
    raw_coefficients: FloatArray | None
    sign_changed: bool
    vectors: FloatArray
    labels: tuple[str, ...]


def combine(
    vectors: npt.ArrayLike,
    method: str = "additive",
    coefficients: npt.ArrayLike | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> CombinedWeights:
    """Combine weight vectors of the same group.

    * additive: w_j = Σ_k α_k w_kj
    * multiplicative: w_j ∝ Π_k w_kj^α_k
    * minimum-deviation (博弈论组合赋权): w = Σ_k α_k w_k, with α from the linear system
      Σ_k α_k (w_l · w_k) = w_l · w_l for every l, then α_k ← |α_k| / Σ|α|

    Parameters
    ----------
    vectors : array_like, shape (vectors, items)
        Weight vectors ≥ 0, each adding up to 1.
    method : {"additive", "multiplicative", "minimum-deviation"}
    coefficients : array_like, shape (vectors,), optional
        α ≥ 0 with Σα = 1; equal by default. Not for minimum deviation, which computes them.
    labels : sequence of str, optional
        Names of the vectors; running numbers when not given.

    Returns
    -------
    CombinedWeights

    Raises
    ------
    WeightVectorError
        Not a (vectors, items) array of weight vectors; a product that is zero for every item.
    CoefficientError
        Unusable coefficients.
    UnknownSettingError
        Unknown method.

    References
    ----------
    .. [1] GB/T 43329—2023, C.1.
    """
    if method not in METHODS:
        raise UnknownSettingError("method", method, METHODS)
    w = _weight_vectors(vectors)
    names = tuple(labels) if labels is not None else tuple(str(k + 1) for k in range(len(w)))
    if len(names) != len(w):
        raise WeightVectorError(f"{len(names)} labels for {len(w)} vectors", values=names)
    raw: FloatArray | None = None
    if method == "minimum-deviation":
        if coefficients is not None:
            raise CoefficientError("minimum deviation computes its coefficients; none can be given")
        raw = _minimum_deviation(w)
        alpha = np.abs(raw) / np.abs(raw).sum()
    else:
        alpha = _coefficients(coefficients, len(w))
    # 0**0 = 1: a vector with coefficient 0 has no say, not even by a zero weight
    mixed = np.prod(w ** alpha[:, None], axis=0) if method == "multiplicative" else alpha @ w
    if not mixed.any():
        raise WeightVectorError("every item has weight 0 in one of the vectors: the product vanishes", values=mixed)
    return CombinedWeights(
        weights=frozen_array(mixed / mixed.sum()),
        method=method,
        coefficients=frozen_array(alpha),
        raw_coefficients=None if raw is None else frozen_array(raw),
        sign_changed=raw is not None and bool((raw < -1e-12).any()),
        vectors=w,
        labels=names,
    )


def _weight_vectors(vectors: npt.ArrayLike) -> FloatArray:
    try:
        w = frozen_array(vectors)
    except (TypeError, ValueError) as error:
        raise WeightVectorError(f"vectors of different lengths or not numeric: {error}") from error
    if w.ndim != 2 or w.size == 0:
        raise WeightVectorError(f"vectors must have shape (vectors, items), not {w.shape}")
    wrong = [(int(i), int(j)) for i, j in np.argwhere(~np.isfinite(w) | (w < 0))]
    if wrong:
        raise WeightVectorError(
            f"weights negative or not finite at (vector, item) {wrong}", wrong, [float(w[place]) for place in wrong]
        )
    sums = w.sum(axis=1)
    off = [int(k) for k in np.flatnonzero(np.abs(sums - 1) > SUM_TOLERANCE)]
    if off:
        raise WeightVectorError(
            "vectors must add up to 1: " + ", ".join(f"vector {k} adds up to {sums[k]:.10g}" for k in off),
            [(k,) for k in off],
            [float(sums[k]) for k in off],
        )
    return w


def _coefficients(given: npt.ArrayLike | None, size: int) -> FloatArray:
    if given is None:
        return np.full(size, 1 / size)
    alpha = np.asarray(given, dtype=np.float64)
    if alpha.shape != (size,):
        raise CoefficientError(f"{size} vectors need {size} coefficients, not shape {alpha.shape}")
    wrong = [int(k) for k in np.flatnonzero(~np.isfinite(alpha) | (alpha < 0))]
    if wrong:
        raise CoefficientError(
            f"coefficients at {wrong} are negative or not finite",
            [(k,) for k in wrong],
            [float(alpha[k]) for k in wrong],
        )
    if abs(float(alpha.sum()) - 1) > SUM_TOLERANCE:
        raise CoefficientError(f"coefficients add up to {alpha.sum():.10g}, not 1", values=(float(alpha.sum()),))
    return alpha


def _minimum_deviation(w: FloatArray) -> FloatArray:
    gram = w @ w.T
    # least squares of minimum norm: equal vectors make the system singular and then share equally
    return np.asarray(np.linalg.lstsq(gram, np.diag(gram), rcond=1e-12)[0], dtype=np.float64)


def global_weights(first_level: npt.ArrayLike, second_level: Sequence[npt.ArrayLike]) -> tuple[FloatArray, ...]:
    """Products w_i · w_ij of both levels (GB/T 43329 D.2), for display: the standard publishes weights per group.

    Parameters
    ----------
    first_level : array_like, shape (groups,)
        Adds up to 1.
    second_level : sequence of array_like
        One weight vector per group, each adding up to 1.

    Returns
    -------
    tuple of ndarray
        One array per group; all together add up to 1.

    Raises
    ------
    WeightVectorError
        Unusable vectors or another number of groups.
    """
    first = _weight_vectors(np.atleast_2d(np.asarray(first_level, dtype=np.float64)))[0]
    if len(second_level) != len(first):
        raise WeightVectorError(
            f"{len(first)} groups, {len(second_level)} vectors", values=(len(first), len(second_level))
        )
    groups = [_weight_vectors(np.atleast_2d(np.asarray(vector, dtype=np.float64)))[0] for vector in second_level]
    return tuple(frozen_array(weight * group) for weight, group in zip(first, groups, strict=True))
