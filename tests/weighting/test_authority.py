"""Authority coefficients and their value tables."""

from __future__ import annotations

import dataclasses

import pytest

from weighting import (
    AUTHORITY_TABLES,
    AuthorityTable,
    AuthorityTableError,
    AuthorityTermError,
    LabelsError,
    UnknownSettingError,
    authority,
)


def bases(practice: str, theory: str, literature: str, intuition: str) -> dict[str, str]:
    return {"实践经验": practice, "理论分析": theory, "国内外资料": literature, "直觉": intuition}


def test_by_hand() -> None:
    result = authority([bases("大", "中", "小", "小"), bases("小", "小", "小", "小")], ["熟悉", "不熟悉"])
    assert result.ca == pytest.approx([0.5 + 0.2 + 0.1 + 0.1, 0.3 + 0.1 + 0.1 + 0.1])
    assert result.cs == pytest.approx([0.8, 0.2])
    assert result.cr == pytest.approx([0.85, 0.4])
    assert result.mean_cr == pytest.approx(0.625)
    assert (result.below, result.acceptable) == ((1,), False)


def test_first_round_of_a_published_panel() -> None:
    """BMJ Open Delphi study, table 4, round 1: Ca 0.944, Cs 0.775, Cr 0.860 (16 experts).

    Ca = (16·0.5 + 7·0.3 + 9·0.2 + 32·0.1)/16, Cs = (1·1 + 12·0.8 + 3·0.6)/16.
    """
    panel = [bases("大", "大" if k < 7 else "中", "大", "中") for k in range(16)]
    result = authority(panel, ["很熟悉"] + ["熟悉"] * 12 + ["较熟悉"] * 3)
    assert result.mean_ca == pytest.approx(0.944, abs=5e-4)
    assert result.mean_cs == pytest.approx(0.775, abs=5e-4)
    assert result.mean_cr == pytest.approx(0.860, abs=1e-3)  # printed from the rounded Ca and Cs: 0.8595
    assert result.acceptable


def test_limit_is_inclusive_although_sums_are_binary() -> None:
    # Ca 0.5+0.3+0.1+0.1 = 1, Cs 0.4 -> exactly 0.70
    result = authority([bases("大", "大", "大", "大")], ["一般"])
    assert result.below == ()
    assert result.acceptable


@pytest.mark.parametrize("table", AUTHORITY_TABLES, ids=lambda t: t.name)
def test_tables_are_complete_and_fall_with_the_level(table: AuthorityTable) -> None:
    assert table.columns == ("实践经验", "理论分析", "国内外资料", "直觉", "熟悉程度")
    for _, baselines in table.bases:
        values = [dict(baselines)[term] for term in ("大", "中", "小")]
        assert values == sorted(values, reverse=True)
        assert values[-1] > 0
    steps = [dict(table.familiarity)[term] for term in ("很熟悉", "熟悉", "较熟悉", "一般", "不熟悉")]
    assert steps == sorted(set(steps), reverse=True)
    assert sum(dict(baselines)["大"] for _, baselines in table.bases) == pytest.approx(1)
    assert table.source
    assert table == dataclasses.replace(table)
    assert hash(table)
    assert dataclasses.asdict(table)["name"] == table.name


def test_the_table_matters_and_is_named() -> None:
    one = authority([bases("大", "大", "小", "小")], ["熟悉"])
    other = authority([bases("大", "大", "小", "小")], ["熟悉"], "graded-sources")
    assert one.cr[0] == pytest.approx(0.9)
    assert other.cr[0] == pytest.approx(0.85)
    assert other.table.name == "graded-sources"


def test_all_wrong_terms_at_once() -> None:
    with pytest.raises(AuthorityTermError) as caught:
        authority([bases("大", "巨大", "小", "小"), {"实践经验": "大"}], ["熟悉", ""], experts=["E1", "E2"])
    assert caught.value.indices == ((0, 1), (1, 1), (1, 2), (1, 3), (1, 4))
    assert caught.value.values == ("巨大", None, None, None, "")
    assert caught.value.columns == ("实践经验", "理论分析", "国内外资料", "直觉", "熟悉程度")


def test_unknown_basis() -> None:
    with pytest.raises(AuthorityTermError) as caught:
        authority([bases("大", "大", "大", "大") | {"猜测": "大"}], ["熟悉"])
    assert caught.value.values == ("猜测",)


def test_lengths_and_names() -> None:
    with pytest.raises(LabelsError):
        authority([], [])
    with pytest.raises(LabelsError):
        authority([bases("大", "大", "大", "大")], ["熟悉", "熟悉"])
    with pytest.raises(UnknownSettingError):
        authority([bases("大", "大", "大", "大")], ["熟悉"], "school-x")


@pytest.mark.parametrize(
    ("bases_of_judgement", "familiarity"),
    [
        ({"a": {"大": 0.7}, "b": {"大": 0.7}}, {"熟悉": 1.0}),
        ({"a": {"大": 0.7}}, {"熟悉": float("nan")}),
        ({"a": {"大": -0.1}}, {"熟悉": 1.0}),
        ({"a": {}}, {"熟悉": 1.0}),
        ({}, {"熟悉": 1.0}),
        ({"a": {"大": 0.7}}, {}),
        ({"实践经验": {"大": 0.5}}, {"熟悉": 1.01}),
        ({"实践经验": {"大": 0.5}}, {"熟悉": -0.01}),
    ],
)
def test_own_table_is_checked(bases_of_judgement: dict[str, dict[str, float]], familiarity: dict[str, float]) -> None:
    with pytest.raises(AuthorityTableError):
        AuthorityTable.of("x", "", bases_of_judgement, familiarity)


@pytest.mark.parametrize(("table", "best"), [("customary", 10), ("customary-0.9", 9), ("graded-sources", 10)])
def test_familiarity_falls_in_equal_steps(table: str, best: int) -> None:
    """Five words in steps of 0.2 from the best, as the sources of the tables say: 1 to 0.2, or 0.9 to 0.1."""
    words = ("很熟悉", "熟悉", "较熟悉", "一般", "不熟悉")
    result = authority([bases("大", "大", "小", "小")] * 5, words, table)
    assert result.cs.tolist() == [(best - 2 * k) / 10 for k in range(5)]


def test_the_customary_values() -> None:
    """Judgement 大 中 小: practice 0.5 0.4 0.3, theory 0.3 0.2 0.1, sources and intuition 0.1 each; familiarity."""
    expected = {"实践经验": (0.5, 0.4, 0.3), "理论分析": (0.3, 0.2, 0.1), "国内外资料": (0.1,) * 3, "直觉": (0.1,) * 3}
    steps = {"customary": (1.0, 0.8, 0.6, 0.4, 0.2), "customary-0.9": (0.9, 0.7, 0.5, 0.3, 0.1)}
    for table in AUTHORITY_TABLES:
        halved = dict.fromkeys(("国内外资料", "直觉"), (0.1, 0.1, 0.05)) if table.name == "graded-sources" else {}
        assert {name: tuple(v for _, v in levels) for name, levels in table.bases} == expected | halved
        assert tuple(v for _, v in table.familiarity) == steps.get(table.name, steps["customary"])
