"""The picture in which baselines are moved: where things lie; what a value gets is looked up in a table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from drafting.analysis.baselines.pictures import pictures
from drafting.analysis.baselines.steps import Steps, steps_of
from drafting.analysis.trial.live import Live
from drafting.charts.places import Scale, nice, number, path
from drafting.model.coded import JSON
from drafting.model.pictures import IndicatorPicture
from drafting.model.results import IndicatorBaselines
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Direction
from drafting.run import Run
from drafting.words import percent

WIDE, TALL = 720, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 704.0, 34.0, 284.0
_MOST_RUG = 1_500


@dataclass(frozen=True, slots=True)
class Board:
    """The picture of one indicator.

    Attributes
    ----------
    line, area, rug : str
        Paths.
    ticks : tuple of (x, text)
    x : Scale
        From values to places.
    step : Decimal
        What an arrow key moves.
    lowest, highest : float
        Values at the edges.
    beyond : int
        Enterprises whose value lies beyond the worse edge.
    """

    line: str
    area: str
    rug: str
    ticks: tuple[tuple[float, str], ...]
    x: Scale
    y: Scale
    step: Decimal
    lowest: float
    highest: float
    beyond: int
    steps: Steps
    picture: IndicatorPicture

    @property
    def legend(self) -> str:
        """What is drawn here, which is less than on the pictures of papers."""
        picture = self.picture
        counted = f"n={picture.n}" + ("（按权数计比例）" if picture.weighted else "")
        beyond = f"；另有 {self.beyond} 家的值在图外" if self.beyond else ""
        return f"{counted}；曲线为达到各值的企业比例{'，短线为各企业的值' if self.rug else ''}{beyond}"

    wide = WIDE
    tall = TALL
    left, right, top, bottom = _LEFT, _RIGHT, _TOP, _BOTTOM

    def table(self) -> dict[str, JSON]:
        """What the script looks up: steps of value and share from the best on, the edges, the step of a key.

        A share is told as pages write it, in tenths of a percent: a script that rounds by itself writes 6.3% where
        everything else writes 6.2%. A step that shows nothing new is left out.
        """
        values, shares = shown_steps(self.steps)
        return {
            "values": values, "shares": shares, "low": self.lowest, "high": self.highest,
            "left": _LEFT, "right": _RIGHT, "top": _TOP, "bottom": _BOTTOM, "turned": self.x.turned,
            "smaller": self.steps.direction is Direction.SMALLER, "step": str(self.step), "n": self.picture.n,
        }  # fmt: skip


def shown_steps(steps: Steps) -> tuple[list[float], list[int]]:
    """The steps at which the written share changes, in tenths of a percent."""
    values: list[float] = []
    shares: list[int] = []
    for value, share in zip(steps.values, steps.shares, strict=True):
        tenths = int(percent(share).removesuffix("%").replace(".", ""))
        if not shares or shares[-1] != tenths:
            values.append(value)
            shares.append(tenths)
    return values, shares


def board_of(live: Live, run: Run, indicator: Indicator, one: IndicatorBaselines) -> Board | None:
    """Prepare the picture; None where the survey has no values to move along."""
    inputs, baselines = run.project.inputs, run.results.baselines
    sample = live.shares.sample(one.code)
    steps = steps_of(sample, one.direction) if sample is not None else None
    if inputs is None or baselines is None or steps is None:
        return None
    picture = next((p for p in pictures(inputs, baselines) if p.code == one.code and not p.stratum), None)
    if picture is None:
        return None
    low, high, beyond = picture.window()
    x = Scale(low, high, _LEFT, _RIGHT, turned=one.direction is Direction.LARGER)
    y = Scale(0.0, 1.0, _BOTTOM, _TOP)
    values, shares = picture.staircase(low, high)
    line = path(x.all(values), y.all(shares))
    inside = picture.values[(picture.values >= low) & (picture.values <= high)]
    if len(inside) > _MOST_RUG:  # a black bar; some of them would look like all
        inside = inside[:0]
    rug = "".join(f"M{at:g} {_BOTTOM:g}v7" for at in np.round(x.all(inside) * 4) / 4)
    area = f"{line}V{_BOTTOM:g}H{x.all(values)[0]:.2f}Z"
    ticks = tuple((round(x(v), 1), number(v, low, high)) for v in nice(low, high))
    return Board(
        line=line,
        area=area,
        rug=rug,
        ticks=ticks,
        x=x,
        y=y,
        step=_step(one, indicator),
        lowest=low,
        highest=high,
        beyond=beyond,
        steps=steps,
        picture=picture,
    )


def _step(one: IndicatorBaselines, indicator: Indicator) -> Decimal:
    """The last decimal of the published values."""
    places = indicator.decimals
    if places is None:
        found = [
            baseline.value.as_tuple().exponent
            for g in GRADES
            if (baseline := one.by_grade.get(g)) and baseline.value is not None
        ]
        places = max((-e for e in found if isinstance(e, int)), default=1)
    return Decimal(1).scaleb(-max(places, 0))
