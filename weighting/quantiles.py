"""Sample quantiles by named convention: the same ratings give another IQR under another convention.

For {2, 3, 4, 4, 5, 5} the interquartile range is 1.5 (type 7), 2.25 (type 6) or 2.0 (type 2), so a rule like
"IQR ≤ 1.5" depends on the choice. Every result therefore carries the convention it used.

References
----------
.. [1] Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. Am. Stat. 50(4), 361–365.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from weighting.answers import FloatArray, TooFewAnswersError, UnknownSettingError, frozen_array

NumpyMethod = Literal[
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
]


@dataclass(frozen=True, slots=True)
class QuantileConvention:
    """A definition of the sample quantile: `name` for settings and records, `title` for the printed page."""

    name: str
    title: str
    numpy_method: NumpyMethod


CONVENTIONS: tuple[QuantileConvention, ...] = (
    QuantileConvention("type-1", "第1型（经验分布函数的逆）", "inverted_cdf"),
    QuantileConvention("type-2", "第2型（经验分布函数的逆，间断处取平均；SAS 默认）", "averaged_inverted_cdf"),
    QuantileConvention("type-3", "第3型（最近的观测值）", "closest_observation"),
    QuantileConvention("type-4", "第4型（经验分布函数的线性插值）", "interpolated_inverted_cdf"),
    QuantileConvention("type-5", "第5型（Hazen）", "hazen"),
    QuantileConvention("type-6", "第6型（Weibull；SPSS、Excel QUARTILE.EXC）", "weibull"),
    QuantileConvention("type-7", "第7型（Excel QUARTILE.INC、R 与 NumPy 默认）", "linear"),
    QuantileConvention("type-8", "第8型（中位数无偏）", "median_unbiased"),
    QuantileConvention("type-9", "第9型（正态无偏）", "normal_unbiased"),
)
"""The nine sample quantiles of Hyndman & Fan (1996)."""

DEFAULT_CONVENTION = "type-7"


def quantile_convention(name: str = DEFAULT_CONVENTION) -> QuantileConvention:
    """Look a convention up by name.

    Raises
    ------
    UnknownSettingError
        No such convention.
    """
    for convention in CONVENTIONS:
        if convention.name == name:
            return convention
    raise UnknownSettingError("quantile convention", name, (c.name for c in CONVENTIONS))


def quantiles(values: npt.ArrayLike, probabilities: npt.ArrayLike, convention: str = DEFAULT_CONVENTION) -> FloatArray:
    """Sample quantiles of one item's answers; NaN (no answer) is left out.

    Parameters
    ----------
    values : array_like
        Answers, any unit.
    probabilities : array_like
        In [0, 1].
    convention : str
        ``"type-1"`` … ``"type-9"`` (Hyndman & Fan 1996).

    Returns
    -------
    ndarray
        One quantile per probability, in the unit of `values`, read-only.

    Raises
    ------
    TooFewAnswersError
        There is no answer at all.
    UnknownSettingError
        Unknown convention.
    """
    method = quantile_convention(convention).numpy_method
    array = np.asarray(values, dtype=np.float64).ravel()
    array = array[~np.isnan(array)]
    if array.size == 0:
        raise TooFewAnswersError("quantiles of no answers", values=(0,))
    return frozen_array(np.quantile(array, np.asarray(probabilities, dtype=np.float64), method=method))
