"""Parts of the fast reading of surveys against the plain way of saying the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.model.identity import name_key, name_keys
from drafting.workbook.cell_sets import CellSet
from drafting.workbook.survey.scales import two_scales

CELLS = st.frozensets(st.tuples(st.integers(1, 50), st.integers(1, 8)))


@given(CELLS, st.tuples(st.integers(1, 50), st.integers(1, 8)))
@settings(deadline=None, max_examples=60)
def test_a_cell_set_is_a_set(cells, other):
    found = CellSet.of(cells)
    assert found == cells
    assert len(found) == len(cells)
    assert (other in found) == (other in cells)
    assert sorted(r for r, c in cells if c == other[1]) == found.rows(other[1]).tolist()


@given(st.lists(st.text(alphabet="厂Ａａ１\u3000 \n\u00e9e\u0301", max_size=6)))
@settings(deadline=None, max_examples=80)
def test_names_reduced_together_are_those_reduced_one_by_one(names):
    assert name_keys(names) == [name_key(name) for name in names]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100, 120, 0.11, 130], (2,)),
        ([100, 120, 110, 0.13, 0.1], (3, 4)),
        ([100, 120, 110, 3.0, 2.5], None),  # a gap, but no factor between units
        ([100, 50, 20, 9, 4, 2, 1, 0.4, 0.1], None),  # wide, without a gap
        ([0, -5, 100, 120, 130, np.nan], None),
    ],
)
def test_two_scales(values, expected):
    found = two_scales(np.array(values, dtype=np.float64))
    assert (tuple(found[0]) if found else None) == expected
