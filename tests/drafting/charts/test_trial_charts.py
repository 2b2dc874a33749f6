"""Pictures of the trial: real pictures, the same bytes twice, enterprises named only in the internal one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drafting.analysis.trial.try_out import try_out
from drafting.charts.files import write_trial_charts
from drafting.charts.trial import barrier_chart, distribution_bars, heat_map, price_curve
from drafting.model.drawing import Plot
from drafting.model.results import Results, Trial
from drafting.publishing.pictures import as_png, draw_pictures
from tests.drafting.analysis import trial_projects as tp

POINTS = [(0.0, (0, 7, 36)), (60.5, (5, 20, 80)), (131.0, (11, 43, 106))]


def trial_of(values: list[float | str | None] | None = None, name: str = "综合能耗", **survey: Any) -> Trial:
    """Two indicators, twelve enterprises of two strata."""
    found = values or [*range(1, 11), None, "—"]
    size = len(found)
    indicators = [
        tp.indicator("N1", cells=("≤2", "≤4", "≤8"), weight="0.5", name=name, limiting=True),
        tp.indicator("N2", cells=("≤2", "≤4", "≤6"), weight="0.5", name="取水量"),
    ]
    survey.setdefault("strata", tuple("大小"[n % 2] for n in range(size)))
    inputs = tp.project(indicators, {"N1": found, "N2": found[::-1]}, **survey)
    weights, baselines = tp.runs(inputs)
    trial, _ = try_out(inputs, weights, baselines, inputs.survey, tp.NOWHERE)  # type: ignore[arg-type]  # has a survey
    assert trial is not None
    return trial


class Run:
    """What the pictures look at of a run."""

    def __init__(self, trial: Trial | None) -> None:
        self.results = Results(trial=trial)
        self.of_tables: dict[str, Run] = {}


def words_of(plot: Plot | None) -> str:
    assert plot is not None
    return "|".join((plot.title, *(s.text for s in plot.shapes if s.text), plot.remark))


def numbers(path: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_parts_of_a_bar_are_as_long_as_the_shares() -> None:
    trial = trial_of()
    plot = distribution_bars(trial)
    areas = [numbers(s.path) for s in plot.shapes if s.look.startswith("share ")]
    parts = [a for a in areas if a[3] - a[1] > 15]  # the smaller ones are the legend's
    first = [p for p in parts if p[1] == parts[0][1]]
    counts = [n for n in trial.distribution.values() if n]
    whole = sum(p[2] - p[0] for p in first)
    assert [(p[2] - p[0]) / whole for p in first] == pytest.approx([n / sum(counts) for n in counts], abs=0.002)


def test_a_price_curve_passes_through_its_points() -> None:
    plot = price_curve(POINTS, 212)
    dots = [numbers(s.path) for s in plot.shapes if s.look == "dot g3"]
    heights = [d[1] for d in dots]
    assert (heights[0] - heights[1]) / (heights[1] - heights[2]) == pytest.approx((80 - 36) / (106 - 80), abs=0.02)
    assert "Ⅲ级及以上 50%" in words_of(plot)


def test_bars_show_the_distribution_overall_and_by_stratum() -> None:
    trial = trial_of()
    said = words_of(distribution_bars(trial))
    for words in ("全部企业（12）", "大（6）", "小（6）", "未达Ⅲ级", "不参与评价"):
        assert words in said
    assert "大（" not in words_of(distribution_bars(trial_of(strata=None)))


def test_barriers_name_the_indicators_and_mark_the_limiting_one() -> None:
    said = words_of(barrier_chart(trial_of()))
    assert "综合能耗＊" in said
    assert "取水量＊" not in said
    assert "取水量" in said
    assert "未达到Ⅲ级的企业数，按指标" in said
    assert "卡" not in said  # stands in a paper that a committee signs


def test_the_picture_of_barriers_stands_on_half_a_page() -> None:
    """Twelve bars for each of three grades filled a page of the 编制说明 alone."""
    trial = trial_of()
    one = trial.details.binding["III"][0]
    many = {
        g: tuple(replace(one, indicator="单位产品主要原材料消耗量" if n else "电耗") for n in range(12))
        for g in ("I", "II", "III")
    }
    plot = barrier_chart(replace(trial, details=replace(trial.details, binding=many)))
    assert plot is not None
    assert 140 * plot.height / plot.width < 243 / 2  # millimetres; the type area is 243 mm high


def test_no_barriers_where_everybody_reaches_everything() -> None:
    assert barrier_chart(trial_of([1.0, 1.0])) is None
    assert heat_map(Trial((), {"I": 0, "II": 0, "III": 0, "none": 0, "excluded": 0})) is None


def test_enterprises_are_named_in_the_internal_picture_only() -> None:
    trial = trial_of()
    public = words_of(distribution_bars(trial)) + words_of(barrier_chart(trial))
    internal = words_of(heat_map(trial))
    for one in trial.enterprises:
        assert one.enterprise not in public
        assert one.enterprise in internal
    assert "内部资料" in internal


def test_public_files_hold_no_map_and_no_name(tmp_path: Path) -> None:
    """The internal ones are tested through the command."""
    public = write_trial_charts(trial_of(), tmp_path)
    assert {p.stem for p in public} == {"试评价-等级分布", "试评价-卡住企业的指标"}
    assert len(public) == 4
    assert not any("企业000".encode() in path.read_bytes() for path in public)


def test_pictures_of_the_papers_have_titles_and_words_instead() -> None:
    trial = trial_of()
    of = {subject: draw_pictures(Run(trial), subject) for subject in ("trial", "barriers")}  # type: ignore[arg-type]  # all that is looked at
    found = [image for images in as_png(of).values() for image in images]
    assert [image.anchor for image in found] == ["image:trial", "image:barriers"]
    for image in found:
        assert image.caption
        assert image.alt
        assert image.data.startswith(b"\x89PNG")
    assert f"未达Ⅲ级{trial.distribution['none']}家" in found[0].alt
    assert not draw_pictures(Run(None), "trial")  # type: ignore[arg-type]  # as above
    (internal,) = draw_pictures(Run(trial), "enterprises")  # type: ignore[arg-type]  # as above
    assert "内部" in internal.caption


@pytest.mark.parametrize("name", ["含$油$量", r"$\frac$量", "$a_b^$", "100%以上"])
def test_names_are_words_never_formulas(name: str) -> None:
    """What opens a formula or a comment elsewhere is drawn as it stands."""
    assert name in words_of(barrier_chart(trial_of(name=name)))
