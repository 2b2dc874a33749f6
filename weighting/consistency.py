"""How consistent judgements are: λ_max, CI, CR and GCI; weights and consistency from one solve.

References
----------
.. [1] Saaty, T. L. (1980). The Analytic Hierarchy Process. McGraw-Hill.
.. [2] Aguarón, J. & Moreno-Jiménez, J. M. (2003). The geometric consistency index: approximated thresholds.
   European J. Operational Research 147(1), 137–145.
.. [3] Ágoston, K. C. & Csató, L. (2022). Inconsistency thresholds for incomplete pairwise comparison matrices.
   Omega 108, 102576.
.. [4] Bozóki, S., Fülöp, J. & Rónyai, L. (2010). On optimal completion of incomplete pairwise comparison matrices.
   Mathematical and Computer Modelling 52(1–2), 318–333.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from weighting.comparison import BoolArray, FloatArray, Judgements, read_judgements
from weighting.errors import OptionError
from weighting.priorities import Method, completed, log_least_squares, method_named, principal, solve
from weighting.random_index import DEFAULT_TABLE, GIVEN, SIMULATED, RandomIndex, incomplete_factor
from weighting.random_index import random_index as look_up  # the public functions have a parameter of that name

if TYPE_CHECKING:
    import pandas

DEFAULT_LIMIT = 0.10
"""CR up to which judgements count as consistent [1]_."""

Figure: TypeAlias = float | FloatArray
"""One number for one matrix, an array of shape (k,) for a stack."""

Verdict: TypeAlias = bool | BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Consistency:
    """Consistency of one matrix (numbers) or of a stack (read-only arrays of shape (k,)).

    Attributes
    ----------
    n : int
        Order of the matrix.
    lambda_max : float or array
        Principal eigenvalue. For geometric mean and column mean, the mean of (Aw)_i/w_i. For an incomplete matrix, that
        of the completion with the smallest principal eigenvalue [4]_.
    ci : float or array
        (λ_max − n)/(n − 1); 0 for n = 1.
    cr : float or array
        CI/RI; 0 for n ≤ 2, and where only a spanning tree of judgements was made.
    gci : float or array
        2/((n − 1)(n − 2)) Σ_{i<j} ln²(a_ij w_j/w_i) with w the geometric-mean weights [2]_: the residual variance of
        the logarithmic model. With missing judgements: the sum over those made by their number − n + 1. NaN where
        no judgement is left to contradict another (n ≤ 2, spanning trees).
    missing : int or array
        Pairs not compared.
    random_index : RandomIndex
        The random index of a complete matrix of this order, with the name of its table.
    limit : float
        CR up to which the judgements count as consistent.
    """

    n: int
    lambda_max: Figure
    ci: Figure
    cr: Figure
    gci: Figure
    missing: int | npt.NDArray[np.intp]
    random_index: RandomIndex
    limit: float = DEFAULT_LIMIT

    @property
    def consistent(self) -> Verdict:
        """Whether CR ≤ limit."""
        return self.cr <= self.limit

    @property
    def effective_random_index(self) -> Figure:
        """RI(n, m) that CI was divided by: RI(n)·[1 − 2m/((n − 1)(n − 2))] [3]_; a number given is used as it is."""
        return _effective(self.random_index, self.missing)

    @property
    def cr_simulated(self) -> Figure:
        """CR by the simulated random index, the second opinion."""
        return _ratio(self.ci, _effective(look_up(self.n, SIMULATED), self.missing))

    @property
    def consistent_simulated(self) -> Verdict:
        """Whether the CR by the simulated random index is within the limit."""
        return self.cr_simulated <= self.limit

    @property
    def tables_disagree(self) -> Verdict:
        """Whether the verdict depends on the choice between the table used and the simulated one: show both."""
        return self.consistent != self.consistent_simulated

    @property
    def gci_limit(self) -> float:
        """GCI that corresponds to CR = 0.10: .3147 (n = 3), .3526 (4), .370 (from 5) [2]_; NaN for n ≤ 2."""
        return float("nan") if self.n <= 2 else {3: 0.3147, 4: 0.3526}.get(self.n, 0.370)

    @property
    def consistent_by_gci(self) -> Verdict:
        """Whether GCI is within its limit; true where GCI is undefined."""
        if isinstance(self.gci, float):
            return not self.gci > self.gci_limit
        verdict: BoolArray = ~(self.gci > self.gci_limit)
        return verdict


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Weights and consistency of one matrix or a stack, from one solve.

    Attributes
    ----------
    weights : ndarray, shape (n,) or (k, n)
        Read-only, each row summing to 1.
    labels : tuple of str
        The items.
    method : Method
        How the weights were derived.
    consistency : Consistency
        Everything about consistency; its main figures are repeated here as attributes.
    """

    weights: FloatArray
    labels: tuple[str, ...]
    method: Method
    consistency: Consistency

    @property
    def n(self) -> int:
        """Number of items."""
        return self.consistency.n

    @property
    def lambda_max(self) -> Figure:
        """Principal eigenvalue."""
        return self.consistency.lambda_max

    @property
    def ci(self) -> Figure:
        """Consistency index."""
        return self.consistency.ci

    @property
    def cr(self) -> Figure:
        """Consistency ratio."""
        return self.consistency.cr

    @property
    def gci(self) -> Figure:
        """Geometric consistency index."""
        return self.consistency.gci

    @property
    def consistent(self) -> Verdict:
        """Whether CR ≤ limit."""
        return self.consistency.consistent

    def to_frame(self) -> pandas.DataFrame:
        """The weights as a pandas frame: one column per item, one row per matrix, with cr and gci behind them."""
        import pandas

        frame = pandas.DataFrame(np.atleast_2d(self.weights), columns=list(self.labels))
        return frame.assign(cr=np.atleast_1d(self.cr), gci=np.atleast_1d(self.gci))


def analyse(
    values: Judgements,
    method: str = Method.EIGENVECTOR,
    random_index: str | float = DEFAULT_TABLE,
    *,
    limit: float = DEFAULT_LIMIT,
    labels: Sequence[str] | None = None,
) -> Analysis:
    """Weights and consistency of judgements in one solve, input validated.

    Parameters
    ----------
    values : array_like, shape (n, n) or (k, n, n), or PairwiseMatrix
        Judgements; NaN where a pair was not compared.
    method : {"eigenvector", "geometric-mean", "column-mean"}
        See :func:`~weighting.priorities.priorities`.
    random_index : str or float
        Name of a table of :data:`~weighting.random_index.RANDOM_INDEX_TABLES`, or a number used as it is.
    limit : float
        CR up to which the judgements count as consistent.
    labels : sequence of str, optional
        Names of the items.

    Returns
    -------
    Analysis
        Numbers for one matrix, arrays for a stack.

    Raises
    ------
    WeightingError
        The subclasses named at :func:`~weighting.priorities.priorities`; ConvergenceError.

    Examples
    --------
    >>> result = analyse([[1, 1 / 3, 5], [3, 1, 7], [1 / 5, 1 / 7, 1]], random_index=0.52)
    >>> result.weights.round(3).tolist(), round(result.cr, 7), result.consistent
    ([0.279, 0.649, 0.072], 0.0623919, True)
    """
    if not limit > 0:
        raise OptionError(f"a limit of CR is positive, not {limit}", values=(limit,))
    chosen = method_named(method)
    judgements = read_judgements(values, labels)
    n = judgements.values.shape[-1]
    index = look_up(n, random_index)
    missing: npt.NDArray[np.intp] | None = None
    if judgements.complete:
        matrices = judgements.values
    else:
        missing = np.isnan(judgements.values).sum(axis=(1, 2)) // 2
        matrices = completed(judgements)
    logs = np.log(judgements.values)
    if judgements.complete and chosen is Method.EIGENVECTOR:
        weights, lambda_max = principal(matrices)
    else:
        geometric = chosen is Method.GEOMETRIC_MEAN
        weights = log_least_squares(logs, complete=judgements.complete) if geometric else solve(judgements, chosen)
        if judgements.complete:
            lambda_max = ((matrices @ weights[..., None])[..., 0] / weights).mean(axis=1)
        else:
            lambda_max = principal(matrices)[1]
    weights.setflags(write=False)
    consistency = _consistency(n, lambda_max, _gci(logs, missing), missing, index, limit, single=judgements.single)
    return Analysis(weights[0] if judgements.single else weights, judgements.labels, chosen, consistency)


def consistency(
    values: Judgements,
    method: str = Method.EIGENVECTOR,
    random_index: str | float = DEFAULT_TABLE,
    *,
    limit: float = DEFAULT_LIMIT,
) -> Consistency:
    """Consistency of judgements; parameters and errors as :func:`analyse`, which also gives the weights.

    Examples
    --------
    >>> found = consistency([[1, 3, 5], [None, 1, 2], [None, None, 1]])
    >>> round(found.cr, 4), found.random_index.table, found.tables_disagree
    (0.0032, 'saaty-1980', False)
    """
    return analyse(values, method, random_index, limit=limit).consistency


def _consistency(
    n: int,
    lambda_max: FloatArray,
    gci: FloatArray,
    missing: npt.NDArray[np.intp] | None,
    index: RandomIndex,
    limit: float,
    *,
    single: bool,
) -> Consistency:
    lambda_max = np.maximum(lambda_max, n)  # a theorem; rounding may fall an ulp short of it
    ci = (lambda_max - n) / (n - 1) if n > 1 else np.zeros_like(lambda_max)
    pairs = np.zeros(len(ci), dtype=np.intp) if missing is None else missing
    cr = np.asarray(_ratio(ci, _effective(index, 0 if missing is None else missing)))
    for array in (lambda_max, ci, cr, gci, pairs):
        array.setflags(write=False)
    whole = Consistency(
        n=n, lambda_max=lambda_max, ci=ci, cr=cr, gci=gci, missing=pairs, random_index=index, limit=limit
    )
    if not single:
        return whole
    return replace(
        whole,
        lambda_max=float(lambda_max[0]),
        ci=float(ci[0]),
        cr=float(cr[0]),
        gci=float(gci[0]),
        missing=int(pairs[0]),
    )


def _effective(index: RandomIndex, missing: int | npt.NDArray[np.intp]) -> Figure:
    if index.table == GIVEN:
        return index.value
    if isinstance(missing, int):
        return index.value * incomplete_factor(index.n, missing)
    return index.value * np.array([incomplete_factor(index.n, int(m)) for m in missing])


def _ratio(ci: Figure, effective: Figure) -> Figure:
    """CI/RI, and 0 where RI is 0: judgements that cannot contradict each other are consistent by definition."""
    if isinstance(ci, float) and isinstance(effective, float):
        return ci / effective if effective > 0 else 0.0
    divisor = np.broadcast_to(np.asarray(effective), np.shape(ci))
    quotient: FloatArray = np.divide(ci, divisor, out=np.zeros(np.shape(ci)), where=divisor > 0)
    return quotient


def _gci(logs: FloatArray, missing: npt.NDArray[np.intp] | None) -> FloatArray:
    """Residual variance of the logarithmic model; logs (k, n, n), NaN where missing."""
    n = logs.shape[-1]
    freedom = (n - 1) * (n - 2) / 2.0 - (np.zeros(len(logs)) if missing is None else missing)
    scores = logs.mean(axis=2) if missing is None else np.log(log_least_squares(logs, complete=False))
    residuals = logs - scores[:, :, None]
    residuals += scores[:, None, :]
    if missing is not None:
        residuals[np.isnan(residuals)] = 0.0
    squares = np.einsum("kij,kij->k", residuals, residuals) / 2.0
    gci: FloatArray = np.divide(squares, freedom, out=np.full(len(logs), np.nan), where=freedom > 0)
    return gci
