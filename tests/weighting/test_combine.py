"""Combining weight vectors, and global products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighting import CoefficientError, UnknownSettingError, WeightVectorError, combine, global_weights

METHODS = ("additive", "multiplicative", "minimum-deviation")


@st.composite
def weight_vectors(draw: st.DrawFn, smallest: float = 0.0) -> np.ndarray:
    k, n = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    rows = [draw(st.lists(st.floats(smallest, 1), min_size=n, max_size=n)) for _ in range(k)]
    array = np.array(rows) + 1e-3
    return array / array.sum(axis=1, keepdims=True)


def shares(draw_from: np.random.Generator, k: int) -> np.ndarray:
    return draw_from.dirichlet(np.ones(k))


def test_additive_by_hand() -> None:
    result = combine([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], "additive", [0.75, 0.25], labels=["层次分析法", "熵权法"])
    assert result.weights == pytest.approx([0.425, 0.275, 0.3])
    assert result.coefficients.tolist() == [0.75, 0.25]
    assert result.labels == ("层次分析法", "熵权法")


def test_multiplicative_by_hand() -> None:
    # products .04 and .24 with equal exponents ½: roots .2 and .4899
    result = combine([[0.1, 0.9], [0.4, 0.6]], "multiplicative")
    roots = np.sqrt([0.04, 0.54])
    assert result.weights == pytest.approx(roots / roots.sum())


def test_minimum_deviation_by_cramers_rule() -> None:
    a, b = np.array([0.40, 0.35, 0.25]), np.array([0.25, 0.30, 0.45])
    aa, ab, bb = a @ a, a @ b, b @ b
    determinant = aa * bb - ab * ab
    raw = np.array([aa * bb - ab * bb, aa * bb - ab * aa]) / determinant
    result = combine([a, b], "minimum-deviation")
    assert result.raw_coefficients == pytest.approx(raw)
    assert result.weights == pytest.approx((raw[0] * a + raw[1] * b) / raw.sum())
    assert not result.sign_changed


def test_minimum_deviation_says_when_a_sign_was_changed() -> None:
    # w1·w1 = .38 < w1·w2 = .45: the first raw coefficient is negative
    result = combine([[0.5, 0.3, 0.2], [0.8, 0.1, 0.1]], "minimum-deviation")
    assert result.raw_coefficients is not None
    assert result.raw_coefficients[0] < 0
    assert result.sign_changed
    assert result.coefficients.sum() == pytest.approx(1)


@given(weight_vectors(), st.integers(0, 2**32 - 1), st.sampled_from(METHODS))
def test_weights_add_up_to_one(vectors: np.ndarray, seed: int, method: str) -> None:
    alpha = None if method == "minimum-deviation" else shares(np.random.default_rng(seed), len(vectors))
    result = combine(vectors, method, alpha)
    assert result.weights.sum() == pytest.approx(1, abs=1e-12)
    assert (result.weights >= 0).all()
    assert result.coefficients.sum() == pytest.approx(1, abs=1e-12)


@given(weight_vectors(), st.integers(0, 2**32 - 1), st.sampled_from(["additive", "minimum-deviation"]))
def test_convex(vectors: np.ndarray, seed: int, method: str) -> None:
    alpha = shares(np.random.default_rng(seed), len(vectors)) if method == "additive" else None
    weights = combine(vectors, method, alpha).weights
    assert (weights >= vectors.min(axis=0) - 1e-12).all()
    assert (weights <= vectors.max(axis=0) + 1e-12).all()


@given(weight_vectors(), st.sampled_from(METHODS), st.integers(2, 4))
def test_agreement_is_kept(vectors: np.ndarray, method: str, times: int) -> None:
    same = np.tile(vectors[0], (times, 1))
    np.testing.assert_allclose(combine(same, method).weights, vectors[0], atol=1e-9)


@given(weight_vectors(), st.sampled_from(METHODS), st.data())
def test_order_of_items_does_not_matter(vectors: np.ndarray, method: str, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(vectors.shape[1])))
    np.testing.assert_allclose(
        combine(vectors[:, order], method).weights, combine(vectors, method).weights[order], atol=1e-7
    )


@given(weight_vectors(), st.sampled_from(["additive", "multiplicative"]))
def test_whole_coefficient_returns_the_vector(vectors: np.ndarray, method: str) -> None:
    alpha = np.eye(len(vectors))[-1]
    np.testing.assert_allclose(combine(vectors, method, alpha).weights, vectors[-1], atol=1e-12)


def test_a_vector_without_say_has_none_even_with_zeros() -> None:
    assert combine([[0, 1], [0.4, 0.6]], "multiplicative", [0, 1]).weights == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize(
    ("vectors", "indices", "values"),
    [
        ([[0.5, 0.5], [0.5, 0.4]], ((1,),), (0.9,)),
        ([[50, 50]], ((0,),), (100,)),
        ([[1.5, -0.5]], ((0, 1),), (-0.5,)),
        ([0.5, 0.5], (), ()),
        ([], (), ()),
        ([[0.5, 0.5], [1.0]], (), ()),
    ],
)
def test_what_is_no_weight_vector(vectors: object, indices: tuple[object, ...], values: tuple[float, ...]) -> None:
    with pytest.raises(WeightVectorError) as caught:
        combine(vectors)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.indices == indices
    assert caught.value.values == pytest.approx(values)


def test_nan_is_no_weight() -> None:
    with pytest.raises(WeightVectorError) as caught:
        combine([[0.5, np.nan]])
    assert caught.value.indices == ((0, 1),)


@pytest.mark.parametrize("alpha", [[0.5, 0.6], [0.5], [1.5, -0.5], [np.nan, 1]])
def test_coefficients(alpha: list[float]) -> None:
    with pytest.raises(CoefficientError):
        combine([[0.5, 0.5], [0.4, 0.6]], "additive", alpha)


def test_other_wrong_settings() -> None:
    with pytest.raises(CoefficientError):
        combine([[0.5, 0.5], [0.4, 0.6]], "minimum-deviation", [0.5, 0.5])
    with pytest.raises(UnknownSettingError):
        combine([[1.0]], "harmonic")
    with pytest.raises(WeightVectorError):
        combine([[1, 0], [0, 1]], "multiplicative")  # the product vanishes
    with pytest.raises(WeightVectorError):
        combine([[1.0]], labels=["a", "b"])


class TestGlobal:
    def test_by_hand(self) -> None:
        """GB/T 43329—2023 D.2: an indicator contributes w_i · w_ij."""
        products = global_weights([0.5, 0.3, 0.2], [[0.6, 0.4], [0.5, 0.5], [1.0]])
        assert np.concatenate(products) == pytest.approx([0.3, 0.2, 0.15, 0.15, 0.2])
        assert [len(group) for group in products] == [2, 2, 1]

    def test_wrong_input(self) -> None:
        with pytest.raises(WeightVectorError):
            global_weights([0.5, 0.5], [[1.0]])
        with pytest.raises(WeightVectorError):
            global_weights([0.5, 0.5], [[1.0], [0.5, 0.4]])
