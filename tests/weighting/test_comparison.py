"""Judgement matrices: what is accepted, what is mended in plain sight, what is refused and how it is named."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from weighting import (
    DiagonalError,
    DisconnectedError,
    JudgementError,
    NotANumberError,
    PairwiseMatrix,
    ReciprocityError,
    ShapeError,
    WeightingError,
    analyse,
    islands,
    priorities,
)

NAN = float("nan")


def test_upper_triangle_is_enough() -> None:
    matrix = PairwiseMatrix([[1, 2, 6], [None, 1, 3], [None, None, 1]])
    assert matrix.values.tolist() == [[1, 2, 6], [0.5, 1, 3], [1 / 6, 1 / 3, 1]]
    assert matrix == PairwiseMatrix.from_upper([2, 6, 3])
    assert hash(matrix) == hash(PairwiseMatrix.from_upper([2, 6, 3]))
    assert matrix != PairwiseMatrix.from_upper([2, 6, 4])
    assert matrix != matrix.values.tolist()


@pytest.mark.parametrize("written", [1 / 3, 0.333, 0.3333, 0.33, None])
def test_reciprocals_as_people_write_them(written: float | None) -> None:
    matrix = PairwiseMatrix([[1, 3], [written, 1]])
    assert matrix.values.tolist() == [[1, 3], [1 / 3, 1]]
    assert analyse([[1, 3], [written, 1]]).weights.tolist() == [0.75, 0.25]


def test_the_larger_cell_is_kept_wherever_it_stands() -> None:
    assert PairwiseMatrix([[1, 0.14], [7, 1]]).values.tolist() == [[1, 1 / 7], [7, 1]]


def test_every_step_of_the_scale_may_be_rounded_to_two_decimals_and_no_neighbour_passes() -> None:
    for k in range(2, 10):
        assert PairwiseMatrix([[1, k], [round(1 / k, 2), 1]]).values[1, 0] == 1 / k
        for other in {k - 1, k + 1} - {1}:
            with pytest.raises(ReciprocityError):
                PairwiseMatrix([[1, k], [round(1 / other, 2) if other < 7 else 1 / other, 1]])


def test_half_a_unit_of_the_second_decimal_is_a_rounding_and_more_is_a_contradiction() -> None:
    """0.5 is printed for 0.495 … 0.505 and for nothing else; what is printed must face a 2."""
    for apart in (-0.0049, 0.0049):
        assert PairwiseMatrix([[1, 2], [0.5 + apart, 1]]).values[1, 0] == 0.5
        assert priorities([[1, 2], [0.5 + apart, 1]]).tolist() == priorities([[1, 2], [0.5, 1]]).tolist()
    for apart in (-0.0051, 0.0051):
        for made in (PairwiseMatrix, priorities):
            with pytest.raises(ReciprocityError):
                made([[1, 2], [0.5 + apart, 1]])


def test_a_contradiction_names_both_cells_of_every_pair() -> None:
    values = [[1, 3, 5], [3, 1, 2], [0.2, 0.25, 1]]
    with pytest.raises(ReciprocityError, match=r"\(0, 1\) and \(1, 0\)") as caught:
        priorities(values)
    assert caught.value.indices == (((0, 1), (1, 0)), ((1, 2), (2, 1)))
    assert caught.value.values == ((3.0, 3.0), (2.0, 0.25))
    with pytest.raises(ReciprocityError) as caught:
        priorities([np.ones((3, 3)), values])
    assert caught.value.indices[0] == ((1, 0, 1), (1, 1, 0))


@pytest.mark.parametrize("bad", [0.0, -3.0, float("inf"), -float("inf"), 1e-320])
def test_judgements_are_positive_and_finite(bad: float) -> None:
    with pytest.raises(JudgementError) as caught:
        analyse([[1, 2, bad], [0.5, 1, 2], [None, 0.5, 1]])
    assert (caught.value.indices, caught.value.values) == (((0, 2),), (bad,))


def test_large_ratios_leave_less_room_for_rounding() -> None:
    # 1/20 printed with two decimals is 0.05. 0.054 is the reciprocal of 18.5: another judgement, though 0.004 away.
    assert PairwiseMatrix([[1, 20], [0.051, 1]]).values[1, 0] == 1 / 20
    with pytest.raises(ReciprocityError) as caught:
        PairwiseMatrix([[1, 20], [0.054, 1]])
    assert caught.value.values == ((20, 0.054),)


def test_a_pair_of_negative_reciprocals_is_no_loophole() -> None:
    with pytest.raises(JudgementError) as caught:
        priorities([[[1, 2], [0.5, 1]], [[1, -2], [-0.5, 1]]])
    assert caught.value.indices == ((1, 0, 1), (1, 1, 0))


def test_diagonal() -> None:
    with pytest.raises(DiagonalError) as caught:
        PairwiseMatrix([[1, 2], [0.5, 2]])
    assert (caught.value.indices, caught.value.values) == (((1, 1),), (2.0,))
    assert PairwiseMatrix([[None, 2], [0.5, NAN]]).values.tolist() == [[1, 2], [0.5, 1]]


def test_text_is_no_number() -> None:
    with pytest.raises(NotANumberError) as caught:
        PairwiseMatrix([[1, "three"], [None, 1]])  # type: ignore[list-item]  # the point of the test
    assert (caught.value.indices, caught.value.values) == (((0, 1),), ("three",))


def test_a_ratio_is_taken_as_text_wherever_a_number_is() -> None:
    whole = PairwiseMatrix([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    for cells in (
        [["1", "3", "5"], ["1/3", "1", "2"], ["1/5", " 1 / 2", "1"]],
        [[1, 3, 5], ["1/3", None, 2], [None] * 3],
    ):
        assert np.array_equal(PairwiseMatrix(cells).values, whole.values)  # type: ignore[arg-type]  # the point
        assert np.array_equal(priorities(cells), priorities(whole.values))  # type: ignore[arg-type]
    for wrong in ("1/0", "1/x", "/", "1/3/5", "9" * 5000 + "/7"):
        with pytest.raises(NotANumberError) as caught:
            PairwiseMatrix([[1, wrong], [None, 1]])  # type: ignore[list-item]
        assert (caught.value.indices, caught.value.values) == (((0, 1),), (wrong,))


def test_only_the_cells_that_are_no_numbers_are_named() -> None:
    cells = [[1, Fraction(1, 3), "x"], [np.int64(3), 1, Decimal("0.5")], [None, 2, 1]]
    with pytest.raises(NotANumberError) as caught:
        priorities(cells)  # type: ignore[arg-type]  # the point of the test
    assert (caught.value.indices, caught.value.values) == (((0, 2),), ("x",))


@pytest.mark.parametrize("values", [np.array([[1, 2 + 1j], [0.5, 1]]), np.full((2, 2), "2020-01-01", "M8[D]")])
def test_complex_numbers_and_dates_are_no_ratios(values: np.ndarray) -> None:
    with pytest.raises(NotANumberError) as caught:
        priorities(values)
    assert caught.value.indices


@pytest.mark.parametrize(
    "values", [[[1, 2, 3], [0.5, 1, 2]], [[1, 2], [0.5]], [1, 2], np.ones((2, 2, 2, 2)), np.ones((0, 0)), [], 3]
)
def test_shapes(values: object) -> None:
    with pytest.raises(ShapeError):
        priorities(values)  # type: ignore[arg-type]  # the point of the test


def test_islands_are_named() -> None:
    values = np.full((5, 5), NAN)
    np.fill_diagonal(values, 1)
    values[0, 3], values[1, 4], values[4, 2] = 2, 3, 4
    matrix = PairwiseMatrix(values, "abcde")
    assert matrix.islands == ((0, 3), (1, 2, 4))
    for method in ("eigenvector", "geometric-mean", "column-mean"):
        with pytest.raises(DisconnectedError) as caught:
            priorities(matrix, method)
        assert (caught.value.islands, caught.value.matrix) == (((0, 3), (1, 2, 4)), None)
    with pytest.raises(DisconnectedError) as caught:
        analyse(np.stack([np.ones((5, 5)), matrix.values]))
    assert (caught.value.islands, caught.value.matrix) == (((0, 3), (1, 2, 4)), 1)
    assert islands(np.ones((1, 1), dtype=bool)) == ((0,),)


def test_errors_are_value_errors_of_one_family() -> None:
    for kind in (DiagonalError, DisconnectedError, JudgementError, NotANumberError, ReciprocityError, ShapeError):
        assert issubclass(kind, WeightingError)
        assert issubclass(kind, ValueError)


def test_labels() -> None:
    matrix = PairwiseMatrix.from_judgements({("水", "能"): 3, (2, 0): 0.5, ("能", "废"): None}, ["水", "能", "废"])
    assert matrix.values.tolist()[0] == [1, 3, 2]
    assert matrix.missing == ((1, 2),)
    assert not matrix.is_complete
    assert matrix.with_judgement(1, 2, 0.5).is_complete
    assert matrix.with_judgement(1, 0, None).missing == ((0, 1), (1, 2))
    assert matrix.permuted([2, 0, 1]).labels == ("废", "水", "能")
    assert matrix.permuted([2, 0, 1]).values[1, 2] == 3
    assert analyse(matrix).labels == ("水", "能", "废")
    assert analyse([matrix, matrix]).labels == ("水", "能", "废")
    assert PairwiseMatrix([[1]]).labels == ("1",)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PairwiseMatrix([[1, 2], [0.5, 1]], ["a"]),
        lambda: PairwiseMatrix([[1, 2], [0.5, 1]], ["a", "a"]),
        lambda: PairwiseMatrix.from_upper([1, 2]),
        lambda: PairwiseMatrix.from_judgements({("a", "x"): 1}, ["a", "b"]),
        lambda: priorities([PairwiseMatrix.from_upper([2], "ab"), PairwiseMatrix.from_upper([2], "ac")]),
        lambda: PairwiseMatrix(np.ones((2, 2, 2))),
    ],
)
def test_labels_and_counts_must_fit(make: object) -> None:
    with pytest.raises(ShapeError):
        make()  # type: ignore[operator]  # parametrised callables


def test_matrices_are_read_only_and_their_source_is_left_alone() -> None:
    source = np.array([[1, 3], [0.33, 1]])
    matrix = PairwiseMatrix(source)
    source[0, 1] = 9
    assert matrix.values[0, 1] == 3
    with pytest.raises(ValueError, match="read-only"):
        matrix.values[0, 1] = 2
    with pytest.raises(AttributeError):
        matrix.labels = ("x", "y")  # type: ignore[misc]  # frozen
    given = np.array([[1, 3], [0.33, 1]])
    analyse(given)
    assert given.tolist() == [[1, 3], [0.33, 1]]


def test_the_upper_triangle_of_every_size_and_no_other_number_of_judgements() -> None:
    """n(n − 1)/2 judgements, and what lies between."""
    sizes = {n * (n - 1) // 2: n for n in range(2, 26)}
    for count in range(1, 25 * 12 + 1):
        if count in sizes:
            assert PairwiseMatrix.from_upper([1.0] * count).n == sizes[count]
        else:
            with pytest.raises(ShapeError):
                PairwiseMatrix.from_upper([1.0] * count)


def test_equal_cells_on_both_sides_are_no_reciprocals() -> None:
    for value in (2.0, 0.5, 9.0):
        with pytest.raises(ReciprocityError):
            PairwiseMatrix([[1, value], [value, 1]])


def test_rows_of_different_length_are_named_as_such() -> None:
    with pytest.raises(ShapeError, match="length"):
        priorities([[1, 2], [1]])


def test_a_frame_keeps_its_labels_whatever_the_order_of_its_rows() -> None:
    frame = pd.DataFrame([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]], index=list("abc"), columns=list("abc"))
    for table in (frame, frame.loc[list("cab")], frame.reset_index(drop=True)):
        found = analyse(table)
        assert found.labels == ("a", "b", "c")
        assert found.weights.tolist() == pytest.approx([0.6, 0.3, 0.1])
    shown = analyse(frame).to_frame()
    assert shown.columns.tolist() == ["a", "b", "c", "cr", "gci"]
    assert shown.iloc[0].tolist() == pytest.approx([0.6, 0.3, 0.1, 0, 0], abs=1e-12)
    with pytest.raises(ShapeError) as caught:
        analyse(frame.rename(index={"a": "x"}))
    assert caught.value.values == ("a", "x")
