"""The standard as data, held against the text of GB/T 43329—2023 (Tables A.1, A.2, B.1; 5.2, 5.3, A.3)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from drafting.catalogue import catalogue, outline
from drafting.model.expression import parse_expression
from drafting.standard import standard


def test_table_a1_has_the_printed_group_sizes() -> None:
    # counted in the printed Table A.1, rows "……" left out
    assert [len(catalogue().of(c.name)) for c in standard().categories] == [2, 5, 2, 4, 4, 14, 1, 2, 2]


def test_table_a1_marks_three_limiting_indicators() -> None:
    marked = [i.name for i in catalogue().indicators if i.limiting]
    assert marked == ["单位产品综合能耗", "单位产品取水量", "单位产品有毒有害物质限量"]


def test_codes_are_unique_and_carry_the_prefix_of_their_category() -> None:
    prefixes = {c.name: c.prefix for c in standard().categories}
    codes = [i.code for i in catalogue().indicators]
    assert len(set(codes)) == len(codes) == 36
    assert all(i.code == f"{prefixes[i.category]}{i.number}" for i in catalogue().indicators)


def test_names_units_and_bases_stand_in_the_printed_standard(shared: Path) -> None:
    printed = _bare((shared / "reference" / "GB-T-43329-2023.txt").read_text("utf-8"))
    table = printed[
        printed.index("表A.1行业清洁生产评价指标体系框架示例一级指标") : printed.index(
            "A.2行业清洁生产评价指标选取参考依据表A.2"
        )
    ]
    for indicator in catalogue().indicators:
        mark = "^a" if indicator.limiting else ""
        assert _bare(indicator.name + mark + indicator.unit) in table, indicator
    for basis in catalogue().bases:
        assert _bare(basis.category + basis.text) in printed, basis
    for formula in catalogue().formulas:
        for symbol in formula.symbols:
            assert _bare(f"{symbol.symbol}——{symbol.meaning},单位为{symbol.unit}") in printed, symbol
    for part in (p for top in outline() for p in (top, *top.parts)):
        assert _bare(part.remark) in printed


def test_candidates_stand_in_their_clause(shared: Path) -> None:
    printed = _bare((shared / "reference" / "GB-T-43329-2023.txt").read_text("utf-8"))
    named = {i.name for i in catalogue().indicators}
    assert len(catalogue().candidates) == 6 + 3 + 5 + 1 + 4
    for candidate in catalogue().candidates:
        text = printed[printed.index(candidate.clause + _bare(candidate.category)) :].split("因行业性质不同")[0]
        assert candidate.name in text, candidate
        assert candidate.name not in named


def test_limiting_rules_are_those_of_5_3() -> None:
    pollutants = ("二氧化硫", "氮氧化物", "挥发性有机物", "颗粒物", "化学需氧量", "氨氮")
    expected = {"单位产品综合能耗", "单位产品取水量", "单位产品有毒有害物质限量", "行业准入性指标"}
    expected |= {f"单位产品{p}{how}" for p in pollutants for how in ("产生量", "排放量")}
    assert {rule.name for rule in catalogue().limiting} == expected
    for rule in catalogue().limiting:
        assert rule.patterns == () or catalogue().limiting_rule(rule.name) is rule


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("吨水泥综合能耗", "单位产品综合能耗"),
        ("单位产品新鲜水用量", "单位产品取水量"),
        ("单位产品COD产生量", "单位产品化学需氧量产生量"),
        ("单位产品VOCs排放量", "单位产品挥发性有机物排放量"),
        ("单位产品重金属排放量", None),
        ("工业用水重复利用率", None),
    ],
)
def test_limiting_rules_recognise_names_of_practice(name: str, rule: str | None) -> None:
    found = catalogue().limiting_rule(name)
    assert (found.name if found else None) == rule


def test_formulas_divide_a_total_by_the_output() -> None:
    for formula in catalogue().formulas:
        left, right = formula.latex.split(" = ")
        total, output = re.fullmatch(r"\\frac\{(.+)\}\{(.+)\}", right).groups()
        assert [s.symbol for s in formula.symbols] == [left, total, output]
        assert parse_expression(formula.expression).names[-1] == "合格产品产量"
    assert catalogue().formula("A.5").clause == "A.3.5"
    with pytest.raises(KeyError):
        catalogue().formula("A.6")
    assert {i.formula for i in catalogue().indicators} - {""} == {f.number for f in catalogue().formulas}


def test_outline_holds_every_item_of_b2(shared: Path) -> None:
    with (shared / "reference" / "clauses.csv").open(encoding="utf-8") as file:
        items = {r["clause"]: r["requirement"] for r in csv.DictReader(file) if r["clause"].startswith("B.2-")}
    parts = [p for top in outline() for p in (top, *top.parts)]
    assert {f"B.2-{p.clause[4]}": p.title for p in parts} == {
        k: v.replace("（", "").replace("）", "") for k, v in items.items()
    }
    nested = next(p for p in outline() if p.parts)
    assert (nested.title, [p.title for p in nested.parts]) == (
        "评价指标体系", ["指标选取说明", "指标基准值及说明", "指标权重及确定方法", "指标体系表"]
    )  # fmt: skip
    assert len({p.key for p in parts}) == len(parts)


def _bare(text: str) -> str:
    """Without white space and with one kind of comma and brackets: the reference text is an extract of a scan."""
    return re.sub(r"\s+", "", text).replace(",", "，").replace("(", "（").replace(")", "）")
