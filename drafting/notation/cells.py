"""What a baseline or target cell says: the one reader of cells, for sentences and for the baselines of a row."""

from __future__ import annotations

from functools import lru_cache

from drafting.model.bound_value import Bound


@lru_cache(maxsize=1 << 13)
def parse_bound(text: str) -> Bound:
    """Read a baseline or target cell. Never raises, whatever the text; what is no bound comes back as TEXT.

    Full-width forms, line breaks inside the cell, thousands separators and Chinese numerals are understood; numbers
    that belong to a name (GB 18484—2020, 15分钟政务服务圈) are not taken for bounds. Words around the number are kept
    as `subject` and `remark`; a baseline of an indicator is read with its row by
    :func:`drafting.notation.cells_row.read_baseline`, which judges nothing
    that has more of them than the row's own name.
    """
    from drafting.notation.cells_meaning import bound_of

    return bound_of(text)
