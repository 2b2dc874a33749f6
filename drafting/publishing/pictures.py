"""The pictures of the 编制说明 and the page, drawn from the results; those of papers name no enterprise, no expert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from drafting.analysis.baselines.pictures import pictures
from drafting.charts.indicators import MOST_CURVES, curve_page, distribution, overview, pages
from drafting.charts.raster import ChartError, png
from drafting.charts.trial import barrier_chart, distribution_bars, heat_map
from drafting.charts.weights import convergence, weight_bars
from drafting.document.editions import INTERNAL
from drafting.document.small_samples import FEWEST
from drafting.document.tree import Image
from drafting.model.drawing import Plot
from drafting.words import OUTCOMES

if TYPE_CHECKING:
    from drafting.model.pictures import IndicatorPicture
    from drafting.run import Run

SUBJECTS = ("weights", "levels", "indicators", "curves", "trial", "barriers")


class PicturesError(RuntimeError):
    """Pictures cannot be drawn; the message says why, in Chinese."""


def draw_pictures(run: Run, subject: str, edition: str = INTERNAL) -> Sequence[Image]:
    """Draw the pictures of one subject.

    ``subject``: one of :data:`SUBJECTS`, or ``enterprises``: the map by enterprise, for the internal page only.
    ``edition``: see :func:`baseline_pictures`.
    """
    of_values = {"levels": _baselines, "indicators": _indicators, "curves": _curves}
    others = {"weights": _weights, "trial": _trial, "barriers": _barriers, "enterprises": _enterprises}
    draw = others[subject] if subject in others else partial(of_values[subject], edition=edition)
    tables = run.of_tables
    if not tables:
        return tuple(draw(run))
    return tuple(
        replace(image, anchor=f"{image.anchor}@{n}", caption=f"{image.caption}（{key}）")
        for n, (key, one) in enumerate(tables.items(), 1) for image in draw(one)
    )  # fmt: skip


def as_png(images: Mapping[str, Sequence[Image]]) -> Mapping[str, Sequence[Image]]:
    """Give pictures the bytes that Word needs, all in one run.

    Raises PicturesError if Typst or a Chinese font is missing.
    """
    plots = [image.plot for of in images.values() for image in of if image.plot is not None]
    try:
        data = iter(png(plots))
    except ChartError as error:
        raise PicturesError(str(error)) from error
    return {
        subject: tuple(replace(image, data=next(data)) if image.plot is not None else image for image in of)
        for subject, of in images.items()
    }


def _image(anchor: str, caption: str, alt: str, plot: Plot) -> Image:
    return Image(anchor, caption, alt, width_mm=plot.width_mm, plot=plot)


def _weights(run: Run) -> Iterator[Image]:
    weights = run.results.weights
    for n, group in enumerate((weights.first_level, *weights.second_level) if weights else (), 1):
        if len(group.weights) < 2:
            continue
        words = "、".join(f"{w.name}{w.published}" for w in group.weights)
        yield _image(f"image:weights-{n}", f"{group.group}的权重", f"条形图：{words}。", weight_bars(group))
        rounds = convergence(group)
        if rounds is not None:
            alt = f"折线图：{group.group}各指标在各轮咨询中的中位数和四分位区间。"
            yield _image(f"image:rounds-{n}", f"{group.group}：各轮意见的收敛", alt, rounds)


def _baselines(run: Run, edition: str) -> Iterator[Image]:
    for n, (category, of) in enumerate(pages(baseline_pictures(run, edition)), 1):
        names = "、".join(p.name for p in of)
        alt = f"各企业的调研值与三级基准值：{names}。数值见编制说明中定量指标基准值的确定一表。"
        yield _image(f"image:levels-{n}", f"{category}：调研值与基准值", alt, overview(category, of))


def _indicators(run: Run, edition: str) -> Iterator[Image]:
    """Draw the distribution of each indicator with its cuts, their shares and intervals, and what is to be verified."""
    for n, picture in enumerate(baseline_pictures(run, edition), 1):
        cuts = "，".join(f"{c.grade.chinese}{c.text}" for c in picture.cuts)
        alt = f"达到比例随指标值变化的曲线，{picture.n}家企业；{cuts}。" if cuts else f"{picture.n}家企业的分布曲线。"
        drawn = distribution(picture)
        yield _image(f"image:indicator-{n}", f"{picture.title}：达到各值的企业比例", alt, drawn)


def _curves(run: Run, edition: str) -> Iterator[Image]:
    """Draw the benchmark curves: share of the enterprises, from the best on, against the value."""
    for n, (category, of) in enumerate(pages(baseline_pictures(run, edition), MOST_CURVES), 1):
        names = "、".join(p.name for p in of)
        alt = f"企业由好到差累计的比例与指标值，各级基准值以虚线标出：{names}。"
        yield _image(f"image:curves-{n}", f"{category}：对标曲线", alt, curve_page(category, of))


def baseline_pictures(run: Run, edition: str = INTERNAL) -> Sequence[IndicatorPicture]:
    """Prepare the picture of each indicator's baselines over the surveyed values; a public one not of few of them."""
    inputs, baselines = run.project.inputs, run.results.baselines
    made = pictures(inputs, baselines) if inputs is not None and baselines is not None else ()
    return tuple(p for p in made if edition == INTERNAL or p.n >= FEWEST)


def _trial(run: Run) -> Iterator[Image]:
    """Draw how the grades fall; the map by enterprise is not for papers."""
    trial = run.results.trial
    if trial is None:
        return
    words = "、".join(f"{OUTCOMES.get(key, key)}{count}家" for key, count in trial.distribution.items())
    yield _image("image:trial", "试评价的等级分布", f"条形图：{words}。", distribution_bars(trial))


def _barriers(run: Run) -> Iterator[Image]:
    """Draw what keeps enterprises from a grade."""
    trial = run.results.trial
    barriers = barrier_chart(trial) if trial is not None else None
    if barriers is not None:
        alt = "条形图：各等级未达到的企业最多的指标，数值见编制说明中制约评级的主要指标一表。"
        yield _image("image:barriers", "制约评级的主要指标", alt, barriers)


def _enterprises(run: Run) -> Iterator[Image]:
    drawn = heat_map(run.results.trial) if run.results.trial else None
    if drawn is not None:
        yield _image("image:enterprises", "企业与指标（内部资料）", "热力图：各企业每项指标达到的等级。", drawn)
