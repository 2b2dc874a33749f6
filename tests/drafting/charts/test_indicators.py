"""Pictures of baselines on the page: read back from their paths they say what was counted; hostile words stay words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from drafting.charts.indicators import category_figures, curve_page
from drafting.charts.places import nice, number
from drafting.model.drawing import Plot
from drafting.model.pictures import Cut, IndicatorPicture, Mark, beside
from drafting.model.terms import Direction, Grade
from drafting.render.html import render_html
from tests.drafting.render.small_draft import small_draft

GRADES = (Grade.I, Grade.II, Grade.III)


def picture(values, direction=Direction.SMALLER, *, shares=(0.05, 0.2, 0.5), marks=(), **other):
    """A picture of a plain sample: distinct values from the best on, and the share that reaches each, by counting."""
    better = sorted(values, reverse=direction is Direction.LARGER)
    distinct = list(dict.fromkeys(better))
    reached = [sum(reaches(v, d, direction) for v in values) / len(values) for d in distinct]
    cuts = []
    for grade, share in zip(GRADES, shares, strict=False):
        value = better[-(-len(values) * round(share * 100) // 100) - 1]
        real = sum(reaches(v, value, direction) for v in values) / len(values)
        cuts.append(Cut(grade, f"{'≤' if direction is Direction.SMALLER else '≥'}{value:g}", value, real, None, None))
    fields = {"code": "N1", "name": "综合能耗", "category": "能源消耗", "unit": "kgce/t", "cuts": tuple(cuts)} | other
    return IndicatorPicture(
        direction=direction, n=len(values), values=np.array(distinct, dtype=float), shares=np.array(reached),
        marks=marks, **fields,
    )  # fmt: skip


def reaches(value, bound, direction):
    return value <= bound if direction is Direction.SMALLER else value >= bound


def figure(of: IndicatorPicture, *, internal: bool = False):
    return category_figures([of], internal=internal)[0].figures[0]


def paths(plot: Plot, look: str) -> list[str]:
    return [s.path for s in plot.shapes if s.look == look]


def points(path: str) -> np.ndarray:
    return np.array([[float(n) for n in pair.split(",")] for pair in re.findall(r"-?[\d.]+,-?[\d.]+", path)])


def height_at(line: np.ndarray, x: float) -> float:
    """Highest point of a staircase up to a place across (smaller y is higher)."""
    return float(line[line[:, 0] <= x + 0.2][:, 1].min())


@given(
    st.lists(st.integers(1, 60).map(lambda n: n / 4), min_size=8, max_size=60),
    st.sampled_from([Direction.SMALLER, Direction.LARGER]),
)
@settings(deadline=None, max_examples=60)
def test_the_drawn_curve_gives_the_share_that_counting_gives(values, direction):
    of = picture(values, direction)
    plot = figure(of).distribution
    line = points(paths(plot, "line")[0])
    base, top = line[0, 1], height_at(line, line[-1, 0])
    for cut in of.cuts:
        drawn = next(s.path for s in plot.shapes if s.look == f"cut g{GRADES.index(cut.grade) + 1}")
        x = float(re.match(r"M(-?[\d.]+) ", drawn)[1])
        assert (base - height_at(line, x)) / (base - top) == pytest.approx(cut.share / of.shares[-1], abs=0.003)
    assert (np.diff(line, axis=0) == 0).any(axis=1).all()  # steps: nothing between two values is claimed
    assert (np.diff(line[:, 0]) >= 0).all()
    assert (np.diff(line[:, 1]) <= 0).all()  # a share never falls towards the worse values


@given(st.lists(st.integers(1, 60).map(float), min_size=8, max_size=60))
@settings(deadline=None, max_examples=40)
def test_the_benchmark_curve_is_the_same_turned(values):
    of = picture(values)
    found = figure(of)
    across, up = points(paths(found.distribution, "line")[0]), points(paths(found.curve, "line")[0])
    low, high, _ = of.window()
    for value in {c.value for c in of.cuts}:
        x = 46 + (value - low) / (high - low) * (448 - 46)
        share = (across[0, 1] - height_at(across, x)) / (168 - 14)
        y = 204 - (value - low) / (high - low) * (204 - 24)
        right = up[np.abs(up[:, 1] - y) < 0.2][:, 0].max()  # where the curve leaves the level of the value
        assert (right - 66) / (448 - 66) == pytest.approx(share, abs=0.003)


@pytest.mark.parametrize(
    "values",
    [[3.0], [2.0] * 9, [0.0] * 8, [-5.0, -1.0, 0.0, 4.0], [1e12 + n for n in range(9)], [1e-9 * n for n in range(1, 9)],
     [*(n / 10 for n in range(1, 40)), 1e6], [1e308, 1e300, 5.0]],
    ids=["one", "equal", "zeros", "negative", "large", "small", "far", "huge"],
)  # fmt: skip
@pytest.mark.parametrize("direction", [Direction.SMALLER, Direction.LARGER])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_awkward_values_are_drawn_inside_the_picture(values, direction):
    found = figure(picture(values, direction))
    for plot in (found.strip, found.distribution, found.curve):
        for shape in plot.shapes:
            assert "nan" not in shape.path
            assert "inf" not in shape.path
            if shape.look == "line":
                line = points(shape.path)
                assert (line >= 0).all()
                assert (line <= (plot.width, plot.height)).all()


def test_what_lies_beyond_the_picture_is_said_and_not_drawn():
    values = [*(n / 10 for n in range(1, 40)), 1e6]
    of = picture(values)
    found = figure(of)
    assert "另有 1 家的值在图外" in found.remark
    line = points(paths(found.distribution, "line")[0])
    assert line[-1, 1] == line[-2, 1] > 14  # level to the edge, below 100 %


@pytest.mark.parametrize("values", [[5.0] * 30 + [9.0], [5.0 + n / 1000 for n in range(40)]])
def test_labels_of_close_cuts_do_not_cover_each_other(values):
    found = figure(picture(values))
    for plot in (found.distribution, found.curve):
        heights = sorted(s.y for s in plot.shapes if s.look.startswith("word"))
        assert len(heights) == 3
        assert min(np.diff(heights)) >= 19
    across = sorted(s.x for s in found.strip.shapes if s.look.startswith("word"))
    assert min(np.diff(across)) >= 30


@pytest.mark.parametrize("direction", [Direction.SMALLER, Direction.LARGER])
@pytest.mark.parametrize(
    "shares", [(0.05, 0.2, 1.0), (0.9, 0.95, 1.0), (0.05, 0.9, 0.95), (0.77, 0.92, 1.0), (1.0, 1.0, 1.0)]
)
def test_no_dot_lies_under_a_label(shares, direction):
    found = figure(picture([float(n) for n in range(100, 120)], direction, shares=shares)).distribution
    plates = [re.findall(r"-?[\d.]+", path) for path in paths(found, "plate")]
    assert len(plates) == 3
    dots = [s.path for s in found.shapes if s.look.startswith("dot")]
    assert len(dots) == 3
    for left, top, right, bottom in ((float(n) for n in plate[:4]) for plate in plates):
        for dot in dots:
            edge, y, radius = (float(n) for n in re.findall(r"-?[\d.]+", dot)[:3])
            beside_it = edge > right or edge + 2 * radius < left
            assert beside_it or y + radius < top or y - radius > bottom


heights = st.lists(st.floats(0, 1), min_size=1, max_size=3).map(sorted)


@settings(max_examples=100, deadline=None)
@given(heights, st.lists(st.lists(st.floats(0, 1), max_size=3), min_size=3, max_size=3), st.floats(0.02, 0.12))
def test_labels_keep_away_from_points_and_from_each_other(wanted, points, room):
    points = points[: len(wanted)]
    found = beside(wanted, 0.12, 0.05, 0.95, points, room)
    assert (np.diff(found) >= 0.12 - 1e-6).all()
    assert all(0.05 - 1e-9 <= at <= 0.95 + 1e-9 for at in found)
    clear = all(abs(at - p) >= room for at, of in zip(found, points, strict=True) for p in of)
    if not clear:  # then there is no way on a coarser grid either
        grid = np.linspace(0.05, 0.95, 46)
        free = [[g for g in grid if all(abs(g - p) >= room for p in of)] for of in points]
        lowest = -1.0
        for of in free:
            lowest = next((g for g in of if g >= lowest + 0.12), np.inf)
        assert lowest == np.inf


def test_enterprises_are_named_inside_only():
    of = picture([float(n) for n in range(1, 30)], marks=(Mark(2.0, 0.06, "某某钢铁"), Mark(3.0, 0.1, "另一家", True)))
    words = {internal: str(figure(of, internal=internal)) for internal in (False, True)}
    assert "某某钢铁" not in words[False].replace(str(of), "")
    assert "待核实：2，某某钢铁" in words[True]
    assert "已剔除：3，另一家" in words[True]


def test_hostile_words_stay_words_and_the_page_names_everything():
    hostile = '<script>alert(1)</script>" onload="x'
    marks = (Mark(2.0, 0.06, hostile),)
    of = picture([float(n) for n in range(1, 30)], marks=marks, name=hostile, unit=hostile, category=hostile)
    cut = Cut(Grade.I, "≤2", 2.0, 0.05, 1.0, None)
    more = picture([1.0, 2.0, 4.0] * 9, Direction.LARGER, code="N2", cuts=(cut,), stratum="大型")
    draft = small_draft()
    for edition in ("public", "internal"):
        document = draft.__class__(**{f: getattr(draft, f) for f in draft.__dataclass_fields__} | {"edition": edition})
        html = render_html(document, pictures=(of, more))
        assert "<script>alert" not in html
        page = lxml_html.document_fromstring(html)
        assert len(page.xpath("//script")) == 1
        assert not page.xpath("//@onload")
        assert len(page.xpath('//section[@id="levels"]//details')) == 2
        assert len(page.xpath('//section[@id="levels"]//svg[@role="img"][@aria-label]')) == 6
        cells = [c.text_content() for c in page.xpath('//section[@id="levels"]//tbody/tr[last()]/*')]
        assert cells[-4:] == ["Ⅰ级", "≤2", "5.0%", "1～—"]
        titles = " ".join(page.xpath('//section[@id="levels"]//svg//title/text()'))
        assert (hostile in titles) == (edition == "internal")


@pytest.mark.parametrize("direction", [Direction.SMALLER, Direction.LARGER])
def test_words_of_a_curve_do_not_touch(direction):
    """80% and 100%, which ends with the picture, ran into one another; so did the grades where values lie close."""
    values = [50 + n / 40 for n in range(30)] + [60 + n for n in range(10)]
    for plot in (
        figure(picture(values, direction)).curve,
        curve_page("能源消耗", [picture(values, direction), picture(values, direction, code="N2")]),
    ):
        boxes = [_box(s) for s in plot.shapes if s.text]
        for n, (left, right, top, bottom) in enumerate(boxes):
            assert right <= plot.width + 1
            assert bottom <= plot.height + 4
            for other in boxes[:n]:
                apart = left >= other[1] or other[0] >= right or top >= other[3] or other[2] >= bottom
                assert apart, (boxes[n], other)
        shares = [s.text for s in plot.shapes if s.text.endswith("%") and "级" not in s.text]
        assert shares[:5] == ["0%", "20%", "40%", "60%", "100%"]


def _box(shape) -> tuple[float, float, float, float]:
    """Edges of a word of 11 to 12 units' height: half a unit to a Latin letter and figure, a whole one to a Han."""
    wide = sum(11.0 if ord(c) >= 0x2000 else 5.7 for c in shape.text)
    left = {"end": shape.x - wide, "middle": shape.x - wide / 2}.get(shape.anchor, shape.x)
    return left, left + wide, shape.y - 9, shape.y


@given(st.floats(-1e15, 1e15), st.floats(1e-12, 1e15))
@settings(deadline=None, max_examples=100)
def test_numbers_of_an_axis_are_round_inside_and_distinct(low, span):
    high = low + span
    if high - low < 1e-9 * max(abs(low), abs(high)):  # nothing to tell apart in sixteen digits
        return
    found = nice(low, high)
    assert 2 <= len(found) <= 7
    assert all(low - span * 1e-6 <= v <= high + span * 1e-6 for v in found)
    words = [number(v, low, high) for v in found]
    assert len(set(words)) == len(words)
    for word, value in zip(words, found, strict=True):
        assert float(word) == pytest.approx(value, abs=span / 50)


def test_a_large_survey_gives_a_small_page():
    values = np.sort(np.random.default_rng(1).lognormal(0, 0.5, 200_000))
    marks = tuple(Mark(float(v), 0.001, f"企业{n}") for n, v in enumerate(values[:5000]))
    shares = np.arange(1, len(values) + 1) / len(values)
    cut = Cut(Grade.I, "≤0.4", float(values[9999]), 0.05, None, None)
    of = IndicatorPicture("N1", "能耗", "能源消耗", "", Direction.SMALLER, len(values), values, shares, (cut,), marks)
    found = figure(of, internal=True)
    for plot in (found.strip, found.distribution, found.curve):
        assert sum(len(s.path) + len(s.title) for s in plot.shapes) < 100_000
    assert "待核实 5000 个" in found.remark
    assert any("等" in s.title for s in found.distribution.shapes)
    line = points(paths(found.distribution, "line")[0])
    x = float(re.match(r"M(-?[\d.]+) ", paths(found.distribution, "cut g1")[0])[1])
    assert (168 - height_at(line, x)) / 154 == pytest.approx(0.05, abs=0.004)


@pytest.mark.parametrize("direction", [Direction.SMALLER, Direction.LARGER])
def test_marked_values_out_of_sight_stand_at_the_edge(direction):
    values = [5.0 + n / 10 for n in range(40)]
    marks = (Mark(1.4, 0.0, "甲", True), Mark(80.0, 0.0, "乙", True))
    plot = figure(picture(values, direction, marks=marks), internal=True).distribution
    crosses = {s.title: float(re.match(r"M(-?[\d.]+)", s.path)[1]) for s in plot.shapes if s.title.startswith("已剔除")}
    best, worst = crosses["已剔除：1.4，甲"], crosses["已剔除：80，乙"]
    if direction is Direction.LARGER:
        best, worst = worst, best
    assert 40 < best < 60
    assert 425 < worst < 448
    assert len([s for s in plot.shapes if s.look == "excluded"]) == 4  # a cross and a point each
