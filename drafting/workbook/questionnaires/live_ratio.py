"""The consistency ratio beside a matrix as one formula: the program's λmax, computed by the spreadsheet itself."""

from __future__ import annotations

EIGENVECTOR, GEOMETRIC_MEAN, COLUMN_MEAN = "特征向量法", "方根法", "和积法"
"""Words of setting 特征向量算法."""

_FOURTH_POWERS = 20
"""Power iteration with A⁴, so that x is A⁸⁰ times a column: judgements in a circle, whose second eigenvalue is nearly
as large as the first, need that many steps for a CR within 0.001; the formula stays below Excel's 8,192 characters."""


def lambda_max(matrix: str, column: str, n: int, method: str) -> str:
    """Write λmax of a complete matrix as a formula without the equals sign.

    The eigenvector is found by power iteration, λmax = Σ(Ax)/Σx. By geometric means and column means λmax is the mean
    of (Aw)_i/w_i, as the program has it. SUMPRODUCT makes every spreadsheet compute in arrays, even if not asked to.

    ``matrix``, ``column``: references to the matrix and to its first column.
    ``n``: Size, ≥ 2.
    ``method``: word of setting 特征向量算法.
    """
    ones = f"{column}^0"
    if method == EIGENVECTOR:
        square = f"MMULT({matrix},{matrix})"
        fourth = f"MMULT({square},{square})"
        x = column
        for _ in range(_FOURTH_POWERS):
            x = f"MMULT({fourth},{x})"
        return f"SUMPRODUCT(MMULT({matrix},{x}))/SUMPRODUCT({x})"
    if method == GEOMETRIC_MEAN:
        weights = f"EXP(MMULT(LN({matrix}),{ones})/{n})"
    else:  # the sums of the columns are those of the rows of 1/a
        weights = f"MMULT({matrix},1/MMULT(1/{matrix},{ones}))"
    return f"SUMPRODUCT(MMULT({matrix},{weights})/({weights}))/{n}"
