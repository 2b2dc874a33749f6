"""Random indices RI(n): the mean consistency index of random judgement matrices, by named table.

The tables differ (with CI = 0.05 at n = 3, CR is .086, .095 or .102), so the table's name is part of every result. Past
a table's end the simulated values are used and the result says so.

References
----------
.. [1] Saaty, T. L. (1980). The Analytic Hierarchy Process. McGraw-Hill. Orders 1–15, the table customary in China.
.. [2] Saaty, T. L. (2005). Theory and Applications of the Analytic Network Process. RWS Publications.
.. [3] Alonso, J. A. & Lamata, M. T. (2006). Consistency in the analytic hierarchy process: a new approach.
   Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 14(4), 445–459.
.. [4] Tummala, V. M. R. & Ling, H. (1998). A note on the computation of the mean random consistency index of the
   analytic hierarchy process. Theory and Decision 44, 221–230.
.. [5] Donegan, H. A. & Dodd, F. J. (1991). A note on Saaty's random indexes. Mathematical and Computer Modelling
   15(10), 135–137.
.. [6] Ágoston, K. C. & Csató, L. (2022). Inconsistency thresholds for incomplete pairwise comparison matrices.
   Omega 108, 102576.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weighting.errors import OptionError

DEFAULT_TABLE = "saaty-1980"
SIMULATED = "simulated"
GIVEN = "given"


@dataclass(frozen=True, slots=True)
class RandomIndexTable:
    """One published table: RI for n = 3, 4, …, and where it comes from."""

    name: str
    values: tuple[float, ...]
    citation: str

    @property
    def last(self) -> int:
        """The largest order the table covers."""
        return len(self.values) + 2


@dataclass(frozen=True, slots=True)
class RandomIndex:
    """The random index used for one order.

    Attributes
    ----------
    table : str
        The table asked for, or "given" when a number was.
    source : str
        The table the value was taken from: `table`, or "simulated" past its end.
    n : int
        Order of the matrix.
    value : float
        RI(n) of a complete matrix; 0 for n ≤ 2.
    citation : str
        Where the value comes from, to be printed.
    """

    table: str
    source: str
    n: int
    value: float
    citation: str

    @property
    def past_end(self) -> bool:
        """Whether the table asked for ends before n, so that the simulated value stands in."""
        return self.source != self.table


def _table(name: str, citation: str, values: str) -> RandomIndexTable:
    return RandomIndexTable(name, tuple(float(value) for value in values.split()), citation)


_TABLES = (
    # n =    3 4 5 6 7 8 9 10 11 12 13 14 15 …
    _table("saaty-1980", "Saaty 1980", "0.58 0.90 1.12 1.24 1.32 1.41 1.45 1.49 1.51 1.48 1.56 1.57 1.59"),
    _table("saaty-2005", "Saaty 2005", "0.52 0.89 1.11 1.25 1.35 1.40 1.45 1.49 1.51 1.54 1.56 1.57 1.58"),
    _table(
        "alonso-lamata-2006",
        "Alonso & Lamata 2006",
        "0.5247 0.8816 1.1086 1.2479 1.3417 1.4057 1.4499 1.4854 1.5140 1.5365 1.5551 1.5713 1.5838",
    ),
    _table(
        "tummala-ling-1998",
        "Tummala & Ling 1998",
        "0.5799 0.8921 1.1159 1.2358 1.3322 1.3952 1.4537 1.4882 1.5117 1.5356 1.5571 1.5714 1.5831",
    ),
    _table(
        "donegan-dodd-1991",
        "Donegan & Dodd 1991",
        "0.4914 0.8286 1.0591 1.1797 1.2519 1.3171 1.3733 1.4055 1.4213 1.4497 1.4643 1.4822 1.4969 1.5078",
    ),
    _table(
        SIMULATED,
        "simulated, 1e6 random matrices per order on the scale 1/9 … 9",
        "0.5243 0.8843 1.1098 1.2488 1.3407 1.4038 1.4508 1.4857 1.5134 1.5361 1.5554 1.5708 1.5838 "
        "1.5955 1.605 1.6142 1.622 1.6292",
    ),
)

RANDOM_INDEX_TABLES: Mapping[str, RandomIndexTable] = MappingProxyType({table.name: table for table in _TABLES})
"""Tables by name; ``values[0]`` is RI(3).

"saaty-2005" circulates in two variants from n = 11; this is 1.51 1.54 1.56 1.57 1.58, not 1.52 1.54 1.56 1.58 1.59.
"alonso-lamata-2006" goes on past n = 15 by its authors' fitted line; "donegan-dodd-1991" also knows n = 18 and 20.
"""

_DONEGAN_DODD_GAPS = {18: 1.5262, 20: 1.5371}

# Moments of one judgement drawn evenly from 1/9, …, 1/2, 1, 2, …, 9.
_SCALE = (*(1 / k for k in range(9, 1, -1)), *map(float, range(1, 10)))
_MEAN = sum(_SCALE) / len(_SCALE)


def random_index(n: int, table: str | float = DEFAULT_TABLE) -> RandomIndex:
    """RI(n) of a complete matrix.

    Parameters
    ----------
    n : int
        Order, ≥ 1.
    table : str or float
        A name of :data:`RANDOM_INDEX_TABLES`, or a positive number to be used as it is.

    Raises
    ------
    OptionError
        For an unknown table, an order below 1 or a number that is not positive and finite.

    Notes
    -----
    For n > 20 the simulated values go on by the second-order expansion of the principal eigenvalue of a random
    reciprocal matrix with mean entry μ: λ ≈ (n − 1)μ + 1 + (1 − μ²)/μ, that is
    RI(n) ≈ (μ − 1) − (μ² − 1)/(μ(n − 1)) with μ = 2.7546. It is within 0.001 of simulation from n = 20 on.
    """
    if n < 1:
        raise OptionError(f"a matrix has at least one item, not {n}", values=(n,))
    if not isinstance(table, str):
        number = float(table)
        if not 0 < number < float("inf"):
            raise OptionError(f"a random index is a positive number, not {number}", values=(number,))
        return RandomIndex(GIVEN, GIVEN, n, number if n > 2 else 0.0, "given as a number")
    if table not in RANDOM_INDEX_TABLES:
        allowed = ", ".join(RANDOM_INDEX_TABLES)
        raise OptionError(f"unknown random index {table!r}; known: {allowed}, or a number", values=(table,))
    chosen = RANDOM_INDEX_TABLES[table]
    if n <= 2:
        return RandomIndex(table, table, n, 0.0, chosen.citation)
    if n <= chosen.last:
        return RandomIndex(table, table, n, chosen.values[n - 3], chosen.citation)
    if table == "alonso-lamata-2006":
        return RandomIndex(table, table, n, (2.7699 * n - 4.3513 - n) / (n - 1), f"{chosen.citation}, fitted line")
    if table == "donegan-dodd-1991" and n in _DONEGAN_DODD_GAPS:
        return RandomIndex(table, table, n, _DONEGAN_DODD_GAPS[n], chosen.citation)
    if table != SIMULATED:
        stand_in = random_index(n, SIMULATED)
        return RandomIndex(table, SIMULATED, n, stand_in.value, stand_in.citation)
    value = (_MEAN - 1.0) - (_MEAN**2 - 1.0) / (_MEAN * (n - 1))
    return RandomIndex(table, table, n, value, f"{chosen.citation}, continued by expansion in 1/n")


def incomplete_factor(n: int, missing: int) -> float:
    """RI(n, m)/RI(n) for m missing pairs above the diagonal: 1 − 2m/((n − 1)(n − 2)), 0 at a spanning tree [6]_."""
    return max(0.0, 1.0 - 2.0 * missing / ((n - 1) * (n - 2))) if n > 2 else 0.0
