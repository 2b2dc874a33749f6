"""The files of the distribution: measured where Matplotlib really draws, no dot lies over a label."""

from __future__ import annotations

from itertools import pairwise

import pytest

from drafting.charts import distribution as charts
from drafting.charts.fonts import ChartError, chinese_family
from drafting.model.terms import Direction
from tests.drafting.render.test_plots import picture


@pytest.mark.parametrize("direction", [Direction.SMALLER, Direction.LARGER])
@pytest.mark.parametrize("shares", [(0.05, 0.2, 1.0), (0.9, 0.95, 1.0), (0.05, 0.9, 0.95), (0.77, 0.92, 1.0)])
def test_no_dot_lies_over_a_label(monkeypatch, shares, direction):
    agg = pytest.importorskip("matplotlib.backends.backend_agg")
    try:
        chinese_family()
    except ChartError as error:
        pytest.skip(str(error))
    seen = []
    draw = charts.draw

    def keep(paint, **options):
        return draw(lambda figure: (paint(figure), seen.append(figure))[0], **options)

    monkeypatch.setattr(charts, "draw", keep)
    assert charts.distribution(picture([float(n) for n in range(100, 120)], direction, shares=shares))
    axes = seen[0].axes[0]
    renderer = agg.FigureCanvasAgg(seen[0]).get_renderer()
    seen[0].draw(renderer)
    labels = [t for t in axes.texts if "级" in t.get_text()]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert (len(labels), len(dots)) == (3, 3)
    boxes = [label.get_bbox_patch().get_window_extent(renderer) for label in labels]
    for dot in dots:
        x, y = axes.transData.transform((dot.get_xdata()[0], dot.get_ydata()[0]))
        radius = dot.get_markersize() / 2 * seen[0].dpi / 72
        for box in boxes:
            outside = (x + radius < box.x0, x - radius > box.x1, y + radius < box.y0, y - radius > box.y1)
            assert any(outside)
    ordered = sorted(boxes, key=lambda b: b.y0)
    assert all(a.y1 <= b.y0 for a, b in pairwise(ordered))
