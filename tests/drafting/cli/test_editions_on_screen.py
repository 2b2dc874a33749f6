"""What the screen says of enterprises that move between two editions."""

from __future__ import annotations

import pytest

from drafting.cli.screen import Screen
from drafting.cli.views_trial import show_beside
from drafting.model.results import Beside, Move, Trial
from drafting.model.terms import Grade

from .test_screen import Stream

REASONS = ("未达到Ⅰ级：综合评价指数Y_Ⅰ为80，小于85", "未达到Ⅱ级：限定性指标未达到Ⅱ级基准值：能耗")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(Grade.II, Grade.III, REASONS[1]), (Grade.I, Grade.III, REASONS[0]), (Grade.III, Grade.I, REASONS[0])],
)
def test_the_reason_is_that_of_the_better_grade(before: Grade, after: Grade, said: str) -> None:
    moves = (Move("甲", before, after, REASONS),)
    stream = Stream()
    show_beside(Screen(stream), Beside(Trial((), {}), moves, {(before, after): 1}))
    assert sum(said in line for line in stream.lines) == 1
    assert not any(other in line for line in stream.lines for other in REASONS if other != said)
