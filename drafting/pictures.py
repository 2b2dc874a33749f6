"""The pictures of the 编制说明 and the page, drawn from the results: no enterprise and no expert is named in any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from drafting.document.tree import Image

if TYPE_CHECKING:
    from drafting.journey import Journey

WIDTH = 150.0
"""Width of a picture in millimetres."""


class PicturesError(RuntimeError):
    """Pictures cannot be drawn; the message says why, in Chinese."""


def draw_pictures(journey: Journey, form: str) -> Mapping[str, Sequence[Image]]:
    """
    Draw the pictures by subject: ``weights``, ``levels``, ``trial``.

    Parameters
    ----------
    form
        ``png`` or ``svg``.

    Raises
    ------
    PicturesError
        If Matplotlib or a Chinese font is missing.
    """
    try:
        from drafting.charts.fonts import ChartError
    except ImportError as error:
        raise PicturesError("没有安装作图所需的 Matplotlib。") from error
    try:
        return {
            "weights": tuple(_weights(journey, form)),
            "levels": tuple(_levels(journey, form)),
            "trial": tuple(_trial(journey, form)),
        }
    except ChartError as error:
        raise PicturesError(str(error)) from error


def _weights(journey: Journey, form: str) -> Iterator[Image]:
    from drafting.charts.weights import convergence, weight_bars

    weights = journey.results.weights
    for n, group in enumerate((weights.first_level, *weights.second_level) if weights else (), 1):
        if len(group.weights) < 2:
            continue
        words = "、".join(f"{w.name}{w.published}" for w in group.weights)
        yield Image(f"image:weights-{n}", f"{group.group}的权重", f"条形图：{words}。", weight_bars(group, form), WIDTH)
        rounds = convergence(group, form)
        if rounds is not None:
            alt = f"折线图：{group.group}各指标在各轮咨询中的中位数和四分位区间。"
            yield Image(f"image:rounds-{n}", f"{group.group}：各轮意见的收敛", alt, rounds, WIDTH)


def _levels(journey: Journey, form: str) -> Iterator[Image]:
    from drafting.analysis.pictures import pictures
    from drafting.charts.levels import overview, pages

    inputs, levels = journey.project.inputs, journey.results.levels
    if inputs is None or inputs.survey is None or levels is None:
        return
    for n, (category, of) in enumerate(pages(pictures(inputs, levels)), 1):
        names = "、".join(p.name for p in of)
        alt = f"各企业的调研值与三级基准值：{names}。数值见正文中定量指标基准值的确定一表。"
        yield Image(f"image:levels-{n}", f"{category}：调研值与基准值", alt, overview(category, of, form), WIDTH)


def _trial(journey: Journey, form: str) -> Iterator[Image]:
    return iter(())
