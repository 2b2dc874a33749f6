"""Steps of the large route against a second way: decimals, shares of typed bounds, names, cells of a piece."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")

from drafting.model.identity import name_key  # noqa: E402
from drafting.model.printed import decimals_of  # noqa: E402
from drafting.workbook.survey.texts import Texts  # noqa: E402

numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-(10**6), 10**6, places=3).map(float),
    st.integers(-(10**17), 10**17).map(float),
    st.sampled_from([0.1 + 0.2, 1e15, 123456789012345.6, 5e-324, 1e-7, 0.0, -0.0]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(numbers, max_size=6), st.sampled_from([6, 15]))
def test_decimals_are_those_of_the_printed_numbers(values, most):
    printed = [Decimal(repr(v)).normalize().as_tuple().exponent for v in values]
    expected = min(max([0, *(-e for e in printed)]), most)
    assert decimals_of(np.array(values, dtype=np.float64), most) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["ＡＢ", "企业 1", "㈱甲", "Ab-1", "豈"]))))
def test_names_are_compared_as_in_small_surveys(words):
    cells = Texts(pa.array(words, pa.string()))
    names = cells.names()
    assert cells.keys(names) == [name_key(n) for n in names]
