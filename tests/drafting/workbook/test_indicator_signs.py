"""Comparison signs of typed baselines against the direction of the indicator, found at the cell."""

from __future__ import annotations

import pytest

S = "二级指标"
AT_LARGER = 3  # row of an indicator that is larger-is-better and set by policy; its baselines stand in H, I, J


def _signs(folder, *values, limit=None, direction=None):
    for column, value in zip("HIJ", values, strict=True):
        folder.put(S, f"{column}{AT_LARGER}", value)
    if limit is not None:
        folder.put(S, f"N{AT_LARGER}", limit)
    if direction is not None:
        folder.put(S, f"E{AT_LARGER}", direction)
    found = folder.load().findings
    return [(f.code, f.severity.value, f.place.cell) for f in found if f.code.startswith("operator-")]


def test_signs_all_against_the_direction_are_an_error_at_the_first_cell(folder):
    found = _signs(folder, "≥0.5", "≥0.4", "≥0.3", direction="越小越好")
    assert found == [("operator-against-direction", "error", "H3")]


def test_the_message_names_sign_and_direction(folder):
    _signs(folder, "≤30", "＜20", "不超过10")
    (one,) = (f for f in folder.load().findings if f.code == "operator-against-direction")
    assert "“≤30”用的是 ≤" in one.message
    assert "越大越好" in one.message


def test_a_row_that_mixes_signs_is_only_warned_about(folder):
    assert _signs(folder, "≥30", "≥20", "≤10") == [("operator-mixed", "warning", "J3")]


def test_signs_of_values_by_class_count_too(folder):
    found = _signs(folder, "≥99/≥98/≥96", "≤1", "≤2", direction="越小越好")
    assert found == [("operator-mixed", "warning", "H3")]


def test_a_formula_against_the_direction_is_found(folder):
    found = _signs(folder, "≤30-2n", "≤20-2n", "≤10-2n")
    assert found == [("operator-against-direction", "error", "H3")]


def test_a_mandatory_limit_against_the_direction_is_an_error_at_its_cell(folder):
    assert _signs(folder, "≥30", "≥20", "≥10", limit="≤5") == [("operator-against-direction", "error", "N3")]


@pytest.mark.parametrize("values", [("30", "20", "10"), (">30", "≥20", "不低于10"), ("≥30", "同Ⅰ级", "—")])
def test_right_and_absent_signs_are_nothing_to_say(folder, values):
    assert _signs(folder, *values) == []
