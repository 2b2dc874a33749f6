"""Pictures of the weights: real pictures, the same bytes twice, no codes in public, no empty boxes."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from drafting.model.results import Weight, WeightGroup

matplotlib = pytest.importorskip("matplotlib", reason="charts need the extra “charts”")

from drafting.charts import fonts  # noqa: E402  # after the check for Matplotlib
from drafting.charts.weights import consensus_map, convergence, weight_bars  # noqa: E402

NAMES = ("单位产品综合能耗", "余热利用率", "清洁能源占比")
VECTORS = {"专家01": [0.6, 0.3, 0.1], "专家02": [0.5, 0.2, 0.3], "甲乙丙": [0.4, 0.4, 0.2]}


def group(**details: object) -> WeightGroup:
    weights = tuple(
        Weight(f"N{k}", n, x, Decimal(str(x))) for k, (n, x) in enumerate(zip(NAMES, (0.5, 0.3, 0.2), strict=True))
    )
    items = [{"item": n, "lower": w.exact - 0.05, "upper": w.exact + 0.04} for n, w in zip(NAMES, weights, strict=True)]
    rounds = {
        str(r): [{"item": n, "median": 30 + k, "q1": 25 + k + r, "q3": 40 + k - r} for k, n in enumerate(NAMES)]
        for r in (1, 2)
    }
    content = {
        "bootstrap": {"items": items, "samples": 2000, "level": 0.95}, "vectors": VECTORS, "rounds": rounds,
        "consensus": {"s_star": 0.8}, **details,
    }  # fmt: skip
    return WeightGroup("能源消耗", weights, "专家咨询法", content)


@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("picture", [weight_bars, convergence, consensus_map])
def test_pictures_are_pictures_and_the_same_twice(picture: object, form: str) -> None:
    one, two = picture(group(), form), picture(group(), form)  # type: ignore[operator]  # one of three functions
    assert one == two
    assert one.startswith(b"\x89PNG" if form == "png" else b"<?xml")
    if form == "png":
        from matplotlib.image import imread

        image = imread(io.BytesIO(one))
        assert image.shape[1] == pytest.approx(6.3 * 200, abs=2)
        assert image[..., :3].std() > 0.02  # something is drawn


def test_public_maps_carry_no_code_and_internal_ones_do() -> None:
    # an SVG with outlined letters carries every label as a comment, too
    public, internal = (consensus_map(group(), "svg", internal=i) for i in (False, True))
    assert public is not None
    assert internal is not None
    for code in VECTORS:
        assert code.encode() not in public
        assert code.encode() in internal


def test_what_cannot_be_drawn_is_left_out() -> None:
    assert convergence(group(rounds={})) is None
    assert consensus_map(group(vectors={"专家01": [1, 0, 0]})) is None
    assert weight_bars(group(bootstrap=None))


def test_combined_weights_take_their_pictures_from_the_parts() -> None:
    details = group().details
    combined = WeightGroup("能源消耗", group().weights, "组合", {"parts": {"专家咨询法": details}})
    assert convergence(combined)
    assert consensus_map(combined)


def test_without_a_chinese_font_there_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts._find.cache_clear()
    monkeypatch.setattr(fonts, "_of_the_system", lambda: iter(()))
    monkeypatch.setattr(fonts, "_of_mplfonts", lambda: iter(()))
    with pytest.raises(fonts.MissingFontError, match="没有找到中文字体"):
        weight_bars(group())
    fonts._find.cache_clear()


def test_the_packaged_font_serves_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mplfonts", reason="the packaged fonts come with the extra “charts”")
    fonts._find.cache_clear()
    monkeypatch.setattr(fonts, "_of_the_system", lambda: iter(()))
    assert fonts.chinese_family() == "Noto Sans CJK SC"
    assert weight_bars(group())
    fonts._find.cache_clear()


def test_a_character_that_the_font_lacks_is_an_error_never_a_box() -> None:
    odd = WeightGroup("能源\ue000消耗", group().weights, "给定")
    with pytest.raises(fonts.MissingFontError) as error:
        weight_bars(odd)
    assert "\ue000" in error.value.characters


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda _: None)
    with pytest.raises(fonts.MissingLibraryError, match="matplotlib"):
        fonts.chinese_family()
