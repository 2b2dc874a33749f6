"""The chance level of S*: held against a simulation of its own with other random numbers and an eigenvalue routine."""

from __future__ import annotations

import numpy as np
import pytest

from weighting import PanelError, chance_consensus, consensus
from weighting.errors import OptionError
from weighting.group import consensus_of_many

SCALE = np.array([1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)])


def thrown(rng: np.random.Generator, items: int) -> np.ndarray:
    """Weights of one expert who throws dice for every comparison."""
    matrix = np.ones((items, items))
    for i in range(items):
        for j in range(i + 1, items):
            matrix[i, j] = rng.choice(SCALE)
            matrix[j, i] = 1 / matrix[i, j]
    values, vectors = np.linalg.eig(matrix)
    vector = np.abs(vectors[:, values.real.argmax()].real)
    return np.asarray(vector / vector.sum())


def second_route(experts: int, items: int, answers: str, panels: int) -> np.ndarray:
    rng = np.random.default_rng([7, experts, items])
    one = thrown if answers == "comparisons" else lambda r, n: r.dirichlet(np.ones(n))
    return np.array([consensus(np.stack([one(rng, items) for _ in range(experts)])).s_star for _ in range(panels)])


@pytest.mark.parametrize("answers", ["comparisons", "allocations"])
def test_one_cell_of_the_table(answers: str) -> None:
    found = chance_consensus(5, 4, answers)  # type: ignore[arg-type]  # the two words
    drawn = second_route(5, 4, answers, 150)
    assert found.mean == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(150) + 0.01)
    assert found.mean < found.upper < 1


def test_ninety_five_of_a_hundred_random_panels_stay_below_the_upper_end() -> None:
    """Other random numbers; over many sizes of panel, so that the noise of one cell of the table does not count."""
    below = []
    for experts in (2, 3, 4, 5, 7, 9, 12, 15):
        for items in (3, 5, 8):
            rng = np.random.default_rng([11, experts, items])
            drawn = consensus_of_many(rng.dirichlet(np.ones(items), size=(4000, experts)))
            below.append(float((drawn <= chance_consensus(experts, items, "allocations").upper).mean()))
    assert np.mean(below) == pytest.approx(0.95, abs=0.006)
    assert min(below) > 0.92


@pytest.mark.slow
@pytest.mark.parametrize("answers", ["comparisons", "allocations"])
@pytest.mark.parametrize("experts", [3, 5, 8, 12, 20])
@pytest.mark.parametrize("items", [3, 5, 9])
def test_the_table(experts: int, items: int, answers: str) -> None:
    found = chance_consensus(experts, items, answers)  # type: ignore[arg-type]  # the two words
    drawn = second_route(experts, items, answers, 120)
    assert found.mean == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(120) + 0.01)
    assert 0.85 <= (drawn <= found.upper).mean() <= 1


def test_twelve_experts_with_dice_are_no_high_consensus() -> None:
    """S* of 0.85 and more was called 很高 for random comparisons of nine items."""
    from drafting.analysis.weights.agreement import BY_CHANCE, agreement

    rng = np.random.default_rng(3)
    vectors = {f"专家{k:02d}": thrown(rng, 9) for k in range(1, 13)}
    found, said = agreement(vectors, "一级指标", tuple("甲乙丙丁戊己庚辛壬"))
    agreed = found.consensus
    assert agreed is not None
    assert agreed.s_star > 0.75
    assert agreed.level == BY_CHANCE
    assert "consensus-by-chance" in [f.code for f in said]


def test_a_panel_that_agrees_is_above_chance() -> None:
    from drafting.analysis.weights.agreement import agreement

    near = np.random.default_rng(1).dirichlet(np.array([50, 25, 15, 10]) * 4.0, size=8)
    found, _ = agreement({str(k): v for k, v in enumerate(near)}, "组", tuple("甲乙丙丁"), "allocations")
    agreed = found.consensus
    assert agreed is not None
    assert agreed.level == "很高"
    assert agreed.s_star > agreed.chance_upper


def test_the_same_every_time_and_refused_without_a_panel() -> None:
    assert chance_consensus(7, 3) == chance_consensus(7, 3)
    with pytest.raises(PanelError):
        chance_consensus(1, 3)
    with pytest.raises(OptionError):
        chance_consensus(3, 3, "votes")  # type: ignore[arg-type]  # wrong on purpose
