"""Rows of a survey that are no enterprises – 合计, 平均值, 注：… – left out before anything else is read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from drafting.model.identity import name_key, name_keys
from drafting.workbook import headings as h
from drafting.workbook.cells import text
from drafting.workbook.report import Report
from drafting.workbook.rows import report_asides
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.merges import Settled
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.vocabulary import asides, is_aside


@dataclass(frozen=True, slots=True)
class Named:
    """A table of enterprises with their names, and the names reduced for comparison; blank where a row has none."""

    table: SurveyTable
    names: Sequence[str]
    keys: Sequence[str]


def aside_rows(
    names: Sequence[str], keys: Sequence[str], labels: Sequence[Sequence[object]], declared: Set[str]
) -> Mapping[int, str]:
    """Find the rows that are no enterprises, by position, with what they are called.

    Parameters
    ----------
    labels
        Cells of the columns before the names: a row may be called there where it has no name.
    declared
        Keys of real enterprises that are called like that.
    """
    found = {index: names[index] for index in asides(keys, declared)}
    if labels and "" in keys:
        for index in (i for i, key in enumerate(keys) if not key):
            said = next((s for cells in labels if (s := text(cells[index]))), "")
            if said and is_aside(name_key(said), endings=True):
                found[index] = said
    return found


def without_asides(settled: Settled, meaning: Meaning, declared: Set[str], report: Report) -> Named:
    """Leave out the rows that are no enterprises, with one finding that names them."""
    table = settled.table
    column = meaning.special[h.ENTERPRISE]
    names = [text(v) for v in table.cells(column)]
    keys = name_keys(names)
    if table.by_file:
        return Named(table, names, keys)
    labels = [table.cells(c) for c in meaning.labels(table)]
    out = {**{index: names[index] for index in settled.sections}, **aside_rows(names, keys, labels, declared)}
    if not out:
        return Named(table, names, keys)
    rows = sorted(out)
    report_asides(table.place, column, [table.rows[i] for i in rows], [out[i] for i in rows], "企业", report)
    kept = np.ones(len(names), dtype=np.bool_)
    kept[rows] = False
    stay = np.flatnonzero(kept).tolist()
    return Named(table.picked(kept), [names[i] for i in stay], [keys[i] for i in stay])
