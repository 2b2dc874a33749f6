"""Authority of experts (权威程度): Cr = (Ca + Cs)/2, with the value tables as data because schools differ.

Ca is the sum of the values of an expert's bases of judgement (判断依据), Cs the value of the stated familiarity
(熟悉程度). Neither GB/T 43329 nor any other standard fixes the values; the table's name is part of the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from weighting.answers import AnswersError, FloatArray, LabelsError, UnknownSettingError, frozen_array

BASES = ("实践经验", "理论分析", "国内外资料", "直觉")
LEVELS = ("大", "中", "小")
FAMILIARITIES = ("很熟悉", "熟悉", "较熟悉", "一般", "不熟悉")
ACCEPTABLE_AUTHORITY = 0.70


class AuthorityTermError(AnswersError):
    """Terms that the value table does not know, all at once.

    Attributes
    ----------
    indices : tuple of (int, int)
        ``(expert, column)``; `columns` names the columns, one past its end stands for a basis the table does not know.
    values : tuple
        The terms found, ``None`` where blank.
    columns : tuple of str
        Names of the columns.
    """

    def __init__(
        self, message: str, indices: Iterable[tuple[int, ...]], values: Iterable[object], columns: tuple[str, ...]
    ) -> None:
        super().__init__(message, indices, values)
        self.columns = columns


class AuthorityTableError(AnswersError):
    """A value table contradicts itself: values outside [0, 1], or the highest bases add up to more than 1."""


Values = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class AuthorityTable:
    """Values of the terms in which experts describe themselves; :meth:`of` builds one from mappings.

    Attributes
    ----------
    name, source : str
        What the draft prints, and where the values come from.
    bases : tuple of (str, tuple of (str, float))
        Per basis of judgement, the value of each level of influence (大/中/小).
    familiarity : tuple of (str, float)
        Value of each degree of familiarity.

    Raises
    ------
    AuthorityTableError
        Values outside [0, 1], or bases whose highest levels add up to more than 1.
    """

    name: str
    source: str
    bases: tuple[tuple[str, Values], ...]
    familiarity: Values

    def __post_init__(self) -> None:
        values = [v for _, levels in self.bases for _, v in levels] + [v for _, v in self.familiarity]
        if not all((self.bases, self.familiarity, *(levels for _, levels in self.bases))):
            raise AuthorityTableError(f"table {self.name}: a basis or the familiarity has no terms")
        if not all(0 <= v <= 1 for v in values):
            raise AuthorityTableError(f"table {self.name}: values must lie in [0, 1]", values=values)
        highest = sum(max(v for _, v in levels) for _, levels in self.bases)
        if highest > 1 + 1e-9:
            raise AuthorityTableError(f"table {self.name}: Ca could reach {highest:g} > 1", values=(highest,))

    @classmethod
    def of(
        cls, name: str, source: str, bases: Mapping[str, Mapping[str, float]], familiarity: Mapping[str, float]
    ) -> AuthorityTable:
        """Build a table from mappings ``{basis: {level: value}}`` and ``{degree: value}``."""
        return cls(
            name,
            source,
            tuple((basis, tuple(levels.items())) for basis, levels in bases.items()),
            tuple(familiarity.items()),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the bases, then 熟悉程度."""
        return (*(basis for basis, _ in self.bases), "熟悉程度")


def _levels(*values: float) -> dict[str, float]:
    return dict(zip(LEVELS, values, strict=True))


def _familiarity(*values: float) -> dict[str, float]:
    return dict(zip(FAMILIARITIES, values, strict=True))


_CUSTOMARY_BASES = {
    "实践经验": _levels(0.5, 0.4, 0.3),
    "理论分析": _levels(0.3, 0.2, 0.1),
    "国内外资料": _levels(0.1, 0.1, 0.1),
    "直觉": _levels(0.1, 0.1, 0.1),
}
_GRADED_BASES = _CUSTOMARY_BASES | {"国内外资料": _levels(0.1, 0.1, 0.05), "直觉": _levels(0.1, 0.1, 0.05)}

AUTHORITY_TABLES: tuple[AuthorityTable, ...] = (
    AuthorityTable.of(
        "customary",
        "customary in Chinese Delphi studies; its terms stand in the worked sums of table 4 of a BMJ Open Delphi study"
        " (16*0.5 + 9*0.3 + 7*0.2 + 5*0.1 + …; familiarity 1, 0.8, 0.6)",
        _CUSTOMARY_BASES,
        _familiarity(1.0, 0.8, 0.6, 0.4, 0.2),
    ),
    AuthorityTable.of(
        "customary-0.9",
        "bases as 'customary'; familiarity in steps from 0.9 to 0.1, a common variant without a single source",
        _CUSTOMARY_BASES,
        _familiarity(0.9, 0.7, 0.5, 0.3, 0.1),
    ),
    AuthorityTable.of(
        "graded-sources",
        "as 'customary', but a small influence of the literature or of intuition counts half; a common variant"
        " without a single source",
        _GRADED_BASES,
        _familiarity(1.0, 0.8, 0.6, 0.4, 0.2),
    ),
)
"""Named value tables; a committee's own table is an :class:`AuthorityTable` of its own."""


def authority_table(name: str) -> AuthorityTable:
    """Look a value table up by name.

    Raises
    ------
    UnknownSettingError
        No such table.
    """
    for table in AUTHORITY_TABLES:
        if table.name == name:
            return table
    raise UnknownSettingError("authority table", name, (t.name for t in AUTHORITY_TABLES))


@dataclass(frozen=True, slots=True, eq=False)
class Authority:
    """Authority coefficients of a panel.

    Attributes
    ----------
    experts : tuple of str
    ca, cs, cr : ndarray, shape (experts,)
        Judgement, familiarity and authority coefficient; read-only.
    mean_ca, mean_cs, mean_cr : float
        Of the panel.
    table : AuthorityTable
        Values used.
    limit : float
        Smallest acceptable coefficient, by custom 0.70.
    below : tuple of int
        Experts under the limit.
    """

    experts: tuple[str, ...]
    ca: FloatArray
    cs: FloatArray
    cr: FloatArray
    mean_ca: float
    mean_cs: float
    mean_cr: float
    table: AuthorityTable
    limit: float
    below: tuple[int, ...]

    @property
    def acceptable(self) -> bool:
        """Whether the panel's mean coefficient reaches the limit."""
        return self.mean_cr >= self.limit - 1e-12


def authority(
    bases: Sequence[Mapping[str, str | None]],
    familiarity: Sequence[str | None],
    table: str | AuthorityTable = "customary",
    *,
    experts: Sequence[str] | None = None,
    limit: float = ACCEPTABLE_AUTHORITY,
) -> Authority:
    """Compute the authority coefficients Cr = (Ca + Cs)/2 of each expert and of the panel.

    Parameters
    ----------
    bases : sequence of mapping
        Per expert, the level of influence (大/中/小) of each basis of judgement.
    familiarity : sequence of str
        Per expert, one of the table's degrees of familiarity.
    table : str or AuthorityTable
        A named table, see :data:`AUTHORITY_TABLES`, or a table of one's own.
    experts : sequence of str, optional
        Labels; running numbers when not given.
    limit : float
        Acceptable coefficient.

    Returns
    -------
    Authority

    Raises
    ------
    AuthorityTermError
        Blank or unknown terms, all of them with positions.
    LabelsError
        Numbers of bases, familiarities and experts differ, or there is none.
    UnknownSettingError
        Unknown table name.
    """
    values = authority_table(table) if isinstance(table, str) else table
    labels = tuple(experts) if experts is not None else tuple(str(k + 1) for k in range(len(bases)))
    if not bases or not len(bases) == len(familiarity) == len(labels):
        raise LabelsError(f"{len(bases)} bases, {len(familiarity)} familiarities, {len(labels)} experts", values=labels)
    columns = values.columns
    known_familiarity = dict(values.familiarity)
    wrong: dict[tuple[int, ...], object] = {}
    ca, cs = np.zeros(len(labels)), np.zeros(len(labels))
    for i, (levels, degree) in enumerate(zip(bases, familiarity, strict=True)):
        for j, (basis, pairs) in enumerate(values.bases):
            known, level = dict(pairs), levels.get(basis)
            if level is None or level not in known:
                wrong[i, j] = level
            else:
                ca[i] += known[level]
        unknown = sorted(set(levels) - set(columns[:-1]))
        if unknown:
            wrong[i, len(columns)] = "、".join(unknown)
        if degree is None or degree not in known_familiarity:
            wrong[i, len(columns) - 1] = degree
        else:
            cs[i] = known_familiarity[degree]
    if wrong:
        places = ", ".join(
            f"expert {i} {columns[j] if j < len(columns) else 'unknown basis'} {value!r}"
            for (i, j), value in wrong.items()
        )
        raise AuthorityTermError(f"terms not in table {values.name}: {places}", wrong, wrong.values(), columns)
    cr = (ca + cs) / 2
    return Authority(
        experts=labels,
        ca=frozen_array(ca),
        cs=frozen_array(cs),
        cr=frozen_array(cr),
        mean_ca=float(ca.mean()),
        mean_cs=float(cs.mean()),
        mean_cr=float(cr.mean()),
        table=values,
        limit=limit,
        below=tuple(int(k) for k in np.flatnonzero(cr < limit - 1e-12)),
    )
