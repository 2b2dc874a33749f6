"""Rows of a survey that are no enterprises – 合计, 平均值, 注：… – left out before anything else is read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from drafting.model.identity import name_key
from drafting.workbook.cells import text
from drafting.workbook.vocabulary import asides, is_aside


def aside_rows(
    names: Sequence[str], keys: Sequence[str], labels: Sequence[Sequence[object]], declared: Set[str]
) -> Mapping[int, str]:
    """Find the rows that are no enterprises, by position, with what they are called.

    ``labels``: cells of the columns before the names: a row may be called there where it has no name.
    ``declared``: keys of real enterprises that are called like that.
    """
    found = {index: names[index] for index in asides(keys, declared)}
    if labels and "" in keys:
        for index in (i for i, key in enumerate(keys) if not key):
            said = next((s for cells in labels if (s := text(cells[index]))), "")
            if said and is_aside(name_key(said), endings=True):
                found[index] = said
    return found
