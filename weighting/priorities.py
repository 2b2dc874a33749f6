"""Weights from judgement matrices: eigenvector (特征向量法), geometric mean (方根法), column mean (和积法).

All work on stacks: a thousand matrices cost little more than one. Incomplete matrices are solved by Harker's method
(eigenvector) and by incomplete logarithmic least squares (geometric mean).

References
----------
.. [1] Saaty, T. L. (1980). The Analytic Hierarchy Process. McGraw-Hill.
.. [2] Crawford, G. & Williams, C. (1985). A note on the analysis of subjective judgment matrices.
   J. Mathematical Psychology 29(4), 387–405.
.. [3] Harker, P. T. (1987). Incomplete pairwise comparisons in the analytic hierarchy process.
   Mathematical Modelling 9(11), 837–848.
.. [4] Bozóki, S., Fülöp, J. & Rónyai, L. (2010). On optimal completion of incomplete pairwise comparison matrices.
   Mathematical and Computer Modelling 52(1–2), 318–333.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from weighting.comparison import FloatArray, Judgements, JudgementStack, read_judgements, require_connected
from weighting.errors import ConvergenceError, MissingJudgementError, OptionError


class Method(StrEnum):
    """How weights are derived from a judgement matrix."""

    EIGENVECTOR = "eigenvector"
    GEOMETRIC_MEAN = "geometric-mean"
    COLUMN_MEAN = "column-mean"


def priorities(values: Judgements, method: str = Method.EIGENVECTOR) -> FloatArray:
    """Weights of the items, summing to 1.

    Parameters
    ----------
    values : array_like, shape (n, n) or (k, n, n), or PairwiseMatrix
        Judgements; NaN where a pair was not compared.
    method : {"eigenvector", "geometric-mean", "column-mean"}
        - eigenvector: A w = λ_max w [1]_; with missing judgements B w = λ w, where B has 0 for a missing judgement and
          b_ii = 1 + the number missing in row i [3]_;
        - geometric mean: w_i ∝ (Π_j a_ij)^(1/n) [2]_; with missing judgements the w that minimises
          Σ (ln a_ij − ln w_i + ln w_j)² over the judgements made [4]_;
        - column mean: the mean over the columns of A, each normalised; complete matrices only.

    Returns
    -------
    ndarray, shape (n,) or (k, n)

    Raises
    ------
    DisconnectedError
        The comparisons made leave islands.
    MissingJudgementError
        Column mean of an incomplete matrix.
    OptionError
        Unknown method.
    ShapeError, NotANumberError, JudgementError, DiagonalError, ReciprocityError
        See :class:`~weighting.comparison.PairwiseMatrix`.

    Examples
    --------
    >>> priorities([[1, 2, None], [None, 1, 2], [None, None, 1]]).round(4).tolist()
    [0.5714, 0.2857, 0.1429]
    """
    judgements = read_judgements(values)
    weights = solve(judgements, method_named(method))
    return weights[0] if judgements.single else weights


def complete(values: Judgements) -> FloatArray:
    """Fill the missing judgements so that λ_max becomes as small as possible [4]_.

    At the optimum x_ij = √(w_i u_j / (w_j u_i)) with w the right and u the left principal vector, which is used as a
    fixed-point iteration from the least-squares solution.

    Parameters
    ----------
    values : array_like, shape (n, n) or (k, n, n), or PairwiseMatrix
        Judgements; NaN where a pair was not compared.

    Returns
    -------
    ndarray of the same shape, without blanks

    Raises
    ------
    DisconnectedError
        The comparisons made leave islands: the completion is not unique.
    ConvergenceError
        The iteration did not settle.
    """
    judgements = read_judgements(values)
    filled = completed(judgements)
    return filled[0] if judgements.single else filled


def method_named(name: str) -> Method:
    """Look up a method by its name."""
    try:
        return Method(name)
    except ValueError:
        raise OptionError(f"unknown method {name!r}; known: {', '.join(Method)}", values=(name,)) from None


def solve(judgements: JudgementStack, method: Method) -> FloatArray:
    """Weights, shape (k, n), of validated judgements."""
    stack = judgements.values
    if not judgements.complete:
        require_connected(stack, single=judgements.single)
    if method is Method.EIGENVECTOR:
        return principal(stack if judgements.complete else harker_matrices(stack))[0]
    if method is Method.GEOMETRIC_MEAN:
        return log_least_squares(np.log(stack), complete=judgements.complete)
    if not judgements.complete:
        missing = np.argwhere(np.triu(np.isnan(stack), 1))
        cells = tuple(tuple(int(i) for i in cell[1 if judgements.single else 0 :]) for cell in missing)
        raise MissingJudgementError(
            f"the column mean needs every judgement; missing: {cells[0]}"
            + (f" and {len(cells) - 1} more" if cells[1:] else ""),
            indices=cells,
        )
    return column_mean(stack)


def column_mean(stack: FloatArray) -> FloatArray:
    """Mean of the normalised columns."""
    means: FloatArray = (stack / stack.sum(axis=1, keepdims=True)).mean(axis=2)
    return means


def log_least_squares(logs: FloatArray, *, complete: bool) -> FloatArray:
    """Geometric-mean weights from logarithms of judgements, shape (k, n, n); NaN where missing."""
    if complete:
        scores = logs.mean(axis=2)
    else:
        known = ~np.isnan(logs)
        n = logs.shape[-1]
        # Normal equations: the graph's Laplacian times log w = row sums. Adding 1/n everywhere fixes Σ log w = 0.
        laplacian = np.where(known, -1.0, 0.0) + 1.0 / n
        index = np.arange(n)
        laplacian[:, index, index] += known.sum(axis=2)
        scores = np.linalg.solve(laplacian, np.where(known, logs, 0.0).sum(axis=2)[..., None])[..., 0]
    weights: FloatArray = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def harker_matrices(stack: FloatArray) -> FloatArray:
    """B of Harker's method: 0 for a missing judgement, 1 + the number missing on the diagonal."""
    missing = np.isnan(stack)
    matrices = np.where(missing, 0.0, stack)
    index = np.arange(stack.shape[-1])
    matrices[:, index, index] = 1.0 + missing.sum(axis=2)
    return matrices


_FIRST_SQUARINGS = 6  # A^64: enough for nearly all matrices that people write; the rest go on
_MOST_SQUARINGS = 30
_RESCALE_EVERY = 3  # between rescalings entries stay within range for ratios up to 1e±30
_ACCEPTED = 1e-11  # relative residual of (Aw)_i = λ w_i


def principal(stack: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Principal right eigenvectors (k, n), summing to 1, and eigenvalues (k,) of non-negative primitive matrices.

    Squaring a matrix p times brings every column of A^(2^p) to the principal vector with error (|λ₂|/λ₁)^(2^p), batched
    and without an eigenvalue routine. The result is verified by its residual; matrices that have not settled are
    squared further, the last ones go to a general solver.

    Raises
    ------
    ConvergenceError
        A matrix defeats both.
    """
    n = stack.shape[-1]
    goal = 4 * n * np.finfo(np.float64).eps
    with np.errstate(all="ignore"):  # overflow shows up as a residual that is not small
        power = _squared(stack, _FIRST_SQUARINGS)
        weights, values, residual = _vector(stack, power)
        todo = np.flatnonzero(~(residual <= goal))
        squarings = _FIRST_SQUARINGS
        power = power[todo]
        while todo.size and squarings < _MOST_SQUARINGS:
            power = _squared(power, 2)
            squarings += 2
            new_weights, new_values, new_residual = _vector(stack[todo], power)
            better = ~(new_residual >= residual[todo])
            at = todo[better]
            weights[at], values[at], residual[at] = new_weights[better], new_values[better], new_residual[better]
            # Done, or no longer improving above rounding level.
            going = ~((new_residual <= goal) | (~better & (residual[todo] <= _ACCEPTED)))
            todo, power = todo[going], power[going]
        for k in np.flatnonzero(~(residual <= _ACCEPTED)):
            weights[k], values[k] = _general(stack[k], int(k))
    return weights, values


def _squared(power: FloatArray, times: int) -> FloatArray:
    for step in range(times):
        if step % _RESCALE_EVERY == 0:
            power = power / power.max(axis=(1, 2), keepdims=True)
        power = power @ power
    return power


def _vector(stack: FloatArray, power: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Row sums of the power, one more step, eigenvalue (mean of (Aw)_i/w_i) and relative residual."""
    weights = power @ np.ones(power.shape[-1])
    image = (stack @ weights[..., None])[..., 0]
    ratios = image / weights
    values = ratios.mean(axis=1)
    residual = np.abs(ratios - values[:, None]).max(axis=1) / values
    return image / image.sum(axis=1, keepdims=True), values, residual


def _general(matrix: FloatArray, index: int) -> tuple[FloatArray, float]:
    """One matrix by LAPACK, scaled by its row geometric means so that extreme ratios stay within range."""
    scale = np.exp(np.where(matrix > 0, np.log(matrix), 0.0).sum(axis=1) / (matrix > 0).sum(axis=1))
    balanced = matrix / scale[:, None] * scale
    if np.isfinite(balanced).all():
        values, vectors = np.linalg.eig(balanced)
        at = int(np.argmax(values.real))
        vector = np.abs(vectors[:, at].real)
        ratios = balanced @ vector / vector
        value = float(ratios.mean())
        residual = float(np.abs(ratios - value).max() / value)
        weights: FloatArray = vector * scale
        weights /= weights.sum()
        if residual <= 1e3 * _ACCEPTED and weights.min() > 0:
            return weights, value
    else:
        residual = float("nan")
    raise ConvergenceError(
        f"no principal eigenvector of matrix {index} within the range of floating-point numbers",
        indices=(index,),
        values=(residual,),
    )


_MOST_STEPS = 5000
_STEP_GOAL = 1e-11


def completed(judgements: JudgementStack) -> FloatArray:
    """λ-optimal completion of validated judgements, shape (k, n, n); see :func:`complete`."""
    stack = judgements.values
    if judgements.complete:
        return stack.copy()
    require_connected(stack, single=judgements.single)
    filled = stack.copy()
    missing = np.isnan(stack)
    todo = np.flatnonzero(missing.any(axis=(1, 2)))
    holes = missing[todo]
    scores = np.log(log_least_squares(np.log(stack[todo]), complete=False))
    blanks = scores[:, :, None] - scores[:, None, :]  # log x_ij
    for _ in range(_MOST_STEPS):
        matrices = np.where(holes, np.exp(blanks), stack[todo])
        right, left = np.log(principal(matrices)[0]), np.log(principal(matrices.swapaxes(1, 2))[0])
        score = (right - left) / 2
        target = score[:, :, None] - score[:, None, :]
        step = np.where(holes, np.abs(target - blanks), 0.0).max(axis=(1, 2))
        blanks = target
        filled[todo] = np.where(holes, np.exp(blanks), stack[todo])
        going = step > _STEP_GOAL
        todo, holes, blanks = todo[going], holes[going], blanks[going]
        if not todo.size:
            return filled
    raise ConvergenceError(
        f"the completion of matrix {int(todo[0])} did not settle in {_MOST_STEPS} steps",
        indices=tuple(int(k) for k in todo),
        values=tuple(float(s) for s in step[going]),
    )
