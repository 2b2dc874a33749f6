"""Baseline cells read with their row: understood wholly and judged, or the committee's text."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.model.bounds import BoundKind, parse_bound
from drafting.notation.cells_row import Reading, Row, marks_of, read_baseline
from drafting.notation.typography import changes, typeset

_DIRECTIONS = {"qualitative row": "qualitative", "larger is better": "larger", "larger": "larger"}
# What each real cell means, in the order of cells_real.json: kind, operator, number, upper, fault.
_MEANT = {
    "达到一般水平": ("text", None, None, None, ""),
    "达到三同时要求": ("text", None, None, None, ""),
    "达到一企一策要求": ("text", None, None, None, ""),
    "不低于一般企业水平": ("text", None, None, None, "no-number"),
    "≥1.5t/(m2·h)": ("quantity", ">=", "1.5", None, ""),
    "≤50 kgCO2/t": ("quantity", "<=", "50", None, ""),
    "≤0.9tCO2/MWh": ("quantity", "<=", "0.9", None, ""),
    "≤100吨标煤/万元": ("quantity", "<=", "100", None, ""),
    "3000吨标煤以下": ("quantity", "<=", "3000", None, ""),
    "≤120kgce/万m2": ("quantity", "<=", "120", None, ""),
    "不低于国家标准的90%": ("relative", None, None, None, "relative"),
    "低于全国同行业20分位值": ("relative", None, None, None, "relative"),
    "比2020年降低5%": ("relative", None, None, None, "relative"),
    "100mg/m3左右": ("text", None, None, None, "approximate"),
    "≤0.38a": ("text", None, None, None, "left-over"),
    "≤0.38①": ("quantity", "<=", "0.38", None, ""),
    "*≤0.38": ("quantity", "<=", "0.38", None, ""),
    "分别不低于21.4%、23.2%和25%": ("compound", None, None, None, "several"),
    "4:6": ("ratio", None, None, None, "no-limit"),
    "≤1 200": ("text", None, None, None, "left-over"),
    "300~500(不含)": ("two-sided", ">=", "300", "500", ""),
    "0.2%＜吸水率≤0.5%": ("two-sided", ">", "0.2", "0.5", "two-sided"),
    "6<pH<9": ("two-sided", ">", "6", "9", "two-sided"),
    "(0.25~1)m/s": ("range", None, "0.25", "1", ""),
    "山区≥60\n丘陵区≥40": ("by-class", None, None, None, "by-class"),
    "无低温热回收≤-110；有低温热回收≤-120": ("by-class", None, None, None, "by-class"),
    "不低于总销售额的3%且不少于1000万元人民币": ("relative", None, None, None, "relative"),
    "2025年前≤5800kW·h/t，2025年起≤5500kW·h/t": ("dated", None, None, None, "dated"),
}


def _meant(reading: Reading) -> tuple[str | None, ...]:
    bound = reading.bound
    number, upper = (None if n is None else str(n) for n in (bound.number, bound.upper))
    return bound.kind.value, bound.operator.value if bound.operator else None, number, upper, reading.fault


def test_real_cells_mean_what_is_recorded(cases: Path) -> None:
    cells = json.loads((cases / "cells_real.json").read_text("utf-8"))["cells"]
    assert {c["text"] for c in cells} == set(_MEANT)
    for cell in cells:
        row = Row("某指标", "", _DIRECTIONS.get(cell["row"], "smaller"))
        reading = read_baseline(cell["text"], row)
        assert _meant(reading) == _MEANT[cell["text"]], cell
        assert reading.bound.text == cell["text"]
        # What is not understood wholly is never judged.
        assert not (reading.fault and reading.bound.judged), cell


def test_units_of_real_cells_keep_every_letter() -> None:
    for text, unit in [("≥1.5t/(m2·h)", "t/(m2·h)"), ("≤50 kgCO2/t", "kgCO2/t"), ("≤100吨标煤/万元", "吨标煤/万元")]:
        assert parse_bound(text).unit == unit


@pytest.mark.parametrize(
    "text", ["达到一般水平", "≥90", "≤0.65kgce/t", "不低于千分之三", "每年2次", "6<pH<9", "≤0.38*"]
)
def test_every_cell_of_a_qualitative_row_is_text(text: str) -> None:
    reading = read_baseline(text, Row("管理", "", "qualitative"))
    assert (reading.bound.kind, reading.fault) == (BoundKind.TEXT, "")
    assert reading.bound.text == text


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [("≤0.5kg/t", "g/t", "500"), ("2万", "元", "20000"), ("3次以下", "次/年", "3"), ("≤5kW·h/t", "MJ/t", "18.0"),
     ("不低于千分之三", "%", "0.3"), ("≤24 t/(m3·d)", "t/(m3·h)", "1"), ("综合能耗≤5", "kgce/t", "5"),
     ("≤0.5某单位", "某单位", "0.5")],
)  # fmt: skip
def test_a_cell_in_another_unit_is_converted_or_shares_the_rows(text: str, unit: str, number: str) -> None:
    reading = read_baseline(text, Row("单位产品综合能耗", unit, "smaller"))
    assert (reading.fault, reading.bound.number) == ("", Decimal(number))
    assert reading.bound.text == text


@pytest.mark.parametrize(
    ("text", "name", "unit", "fault"),
    [
        ("≤50 gCO2/m2", "单位产品颗粒物产生量", "g/m2", "substance"),
        ("≤50 gCO2/m2", "单位产品碳排放量", "g/m2", ""),
        ("≤50 gCO2/m2", "单位产品二氧化碳排放量", "g/m²", ""),
        ("≤50 gCO2/m2", "单位产品颗粒物产生量", "gCO2/m²", ""),
        ("≤50 gCO2/m2", "单位产品颗粒物产生量", "gSO2/m²", "unit"),
        ("≤5 kgCOD/t", "单位产品取水量", "kg/t", "substance"),
        ("≤5 kgCOD/t", "单位产品化学需氧量产生量", "kg/t", ""),
        ("≤5 kg/t", "单位产品化学需氧量产生量", "kgCOD/t", ""),
        ("≤0.1 ngTEQ/m3", "二噁英排放浓度", "ng/m3", ""),
        ("≤5 mg/m3(SO2)", "颗粒物排放浓度", "mg/m3", "substance"),
        ("≤5 kgCO/t", "单位产品CO2排放量", "kg/t", "substance"),
        ("≤100 kgce/t", "单位产品取水量", "kg/t", "unit"),
        ("≤100吨标煤/万元", "万元产值物耗", "吨/万元", "unit"),
        ("≤1吨标煤/万元", "万元产值能耗", "GJ/万元", ""),
    ],
)  # fmt: skip
def test_a_unit_that_names_a_substance_needs_a_row_that_speaks_of_it(
    text: str, name: str, unit: str, fault: str
) -> None:
    """50 gCO2/m2 in a row about particles was judged as 50 g."""
    reading = read_baseline(text, Row(name, unit, "smaller"))
    assert (reading.fault, reading.bound.judged) == (fault, not fault)
    assert reading.bound.text == text


@pytest.mark.parametrize(
    ("text", "unit", "marks", "fault", "left"),
    [
        ("≥90a\n（干基）", "%", "", "left-over", "a(干基)"),
        ("≥90a（干基）", "", "", "left-over", "a(干基)"),
        ("≥90a\n（干基）", "%", "a", "left-over", "(干基)"),
        ("≥90%a\n（干基）", "%", "a", "", ""),
        ("≥90%（干基）", "%", "", "", ""),
        ("≥38kgce/t a（湿基）", "kgce/t", "a", "", ""),
        ("≥5a", "a", "a", "", ""),
    ],
)
def test_a_letter_before_a_bracket_is_a_mark_or_left_over_and_no_unit(
    text: str, unit: str, marks: str, fault: str, left: str
) -> None:
    """The remedy spoke of units where a letter was too many."""
    reading = read_baseline(text, Row("含水率", unit, "larger", frozenset(marks)))
    assert (reading.fault, reading.left) == (fault, left)
    assert reading.bound.text == text
    assert reading.bound.marks == (tuple(marks) if unit != "a" else ())


@pytest.mark.parametrize(
    ("text", "unit", "left"),
    [("≤5（新建企业）", "t", "(新建企业)"), ("≤50 kgCO2/t", "m3/t", "kgCO2/t"), ("≤5kWh/t", "kgce/t", "kWh/t"),
     ("≤0.38t", "", "t"), ("余热利用≥5", "%", "余热利用"), ("≤0.65以及其他", "", "以及其他"),
     ("≤5kg/t甲", "kg/t", "kg/t甲"), ("前100", "t", "前"), ("≤前5%", "%", "前")],
)  # fmt: skip
def test_what_is_left_over_makes_the_cell_text_and_is_named(text: str, unit: str, left: str) -> None:
    reading = read_baseline(text, Row("单位产品综合能耗", unit, "smaller"))
    assert reading.bound.kind is BoundKind.TEXT
    assert reading.fault in ("left-over", "unit")
    assert reading.left == left


def test_limits_by_date_are_judged_by_the_day_of_coming_into_force() -> None:
    text = "2025年前≤5800kW·h/t，2025年起≤5500kW·h/t"
    for day, number in ((date(2024, 12, 31), 5800), (date(2025, 1, 1), 5500), (date(2030, 1, 1), 5500)):
        reading = read_baseline(text, Row("电耗", "kW·h/t", "smaller", effective=day))
        assert (reading.fault, reading.bound.number, reading.bound.text) == ("", number, text)
    assert read_baseline(text, Row("电耗", "kW·h/t", "smaller")).fault == "dated"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("80~100(不含)", ">=80", "<100"), ("80~100（不含上限）", ">=80", "<100"), ("80~100(不含80)", ">80", "<=100"),
        ("80~100（不含下限）", ">80", "<=100"), ("80~100(不含两端)", ">80", "<100"), ("80~100(含100)", "80", "100"),
        ("100以下（不含本数）", "", "<100"), ("100以下(含100)", "", "<=100"), ("≤100（含）", "", "<=100"),
        ("<100(不含)", "", "<100"),
        # The bracket is of another matter, names another number or says the contrary: not judged.
        ("80~100(不含90)", "", ""), ("80~100(不含外购电)", "", ""), ("100以下(不含外购电)", "", ""),
        ("≤100（含税）", "", ""), ("≤100（不含）", "", ""), ("<100（含）", "", ""), ("100(不含)", "", ""),
        ("100以下(含90)", "", ""), ("千分之三以下（含3）", "", ""),
    ],
)  # fmt: skip
def test_a_bracket_says_whether_an_end_belongs_to_the_limit(text: str, low: str, high: str) -> None:
    """(不含外购电) made 80~100 leave out 100, and 100以下 less than 100."""
    reading = read_baseline(text, Row("单位产品综合能耗", "kgce/t", "smaller"))
    if not high:
        assert (reading.bound.kind, reading.fault) == (BoundKind.TEXT, "left-over")
        return
    of = reading.bound
    first, last = of.operator.value if of.operator else "", of.upper_operator.value if of.upper_operator else ""
    assert ((f"{first}{of.number}", f"{last}{of.upper}") if of.upper else ("", f"{first}{of.number}")) == (low, high)


@pytest.mark.parametrize(
    ("text", "number"),
    [("≥1次/半年", "2"), ("≥1次/两年", "0.5"), ("≥1次/双月", "6"), ("≥2次/年", "2"), ("≥3次", "3"), ("≥1次/旬", None),
     ("≥1次/某阶段", None)],
)  # fmt: skip
def test_a_count_in_another_period_is_converted_or_quoted(text: str, number: str | None) -> None:
    """次/半年 was judged as once a year: of an unknown period only the count was left."""
    reading = read_baseline(text, Row("监测频次", "次/年", "larger"))
    assert (None if reading.bound.number is None else str(reading.bound.number)) == number
    assert (reading.fault == "unit") is (number is None)


@pytest.mark.parametrize(
    ("text", "unit", "listed", "marks", "number"),
    [("≤0.38a", "kgce/t", "a", ("a",), "0.38"), ("≤0.38a", "kgce/t", "", (), None), ("≤0.38a", "a", "a", (), "0.38"),
     ("≤0.38①", "kgce/t", "", ("①",), "0.38"), ("≤0.38①②", "kgce/t", "①②", ("①", "②"), "0.38"),
     ("≤0.38注1", "kgce/t", "", ("注1",), "0.38"), ("≤0.38 kgce/t a", "kgce/t", "a", ("a",), "0.38")],
)  # fmt: skip
def test_marks_are_no_units(text: str, unit: str, listed: str, marks: tuple[str, ...], number: str | None) -> None:
    reading = read_baseline(text, Row("能耗", unit, "smaller", frozenset(listed)))
    assert reading.bound.marks == marks
    assert (None if reading.bound.number is None else str(reading.bound.number)) == number
    assert reading.bound.text == text


def test_names_lose_their_marks_but_not_their_letters() -> None:
    assert marks_of("*单位产品取水量①", Row()) == ("单位产品取水量", ("①",), True)
    assert marks_of("综合能耗a", Row()) == ("综合能耗a", (), False)
    assert marks_of("综合能耗a", Row(marks=frozenset("a"))) == ("综合能耗", ("a",), False)
    assert marks_of("*", Row()) == ("*", (), False)
    assert marks_of("备注", Row()) == ("备注", (), False)


def _quantitative(part: object) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == "quantitative":
            yield part
        for value in part.values():
            yield from _quantitative(value)
    elif isinstance(part, list):
        for value in part:
            yield from _quantitative(value)


def test_every_number_of_published_systems_and_of_the_example_is_judged(cases: Path) -> None:
    """Quoting everything is no answer."""
    judged, quoted = 0, []
    for row in _quantitative(json.loads((cases / "published_systems.json").read_text("utf-8"))):
        for text in filter(None, (row.get(grade) for grade in ("I", "II", "III"))):
            reading = read_baseline(text, Row(row["name"], row["unit"] or "", row["direction"]))
            judged += reading.bound.judged and not reading.fault
            quoted += [text] if reading.fault else []
    assert (judged, quoted) == (84, [])


_UNITS = st.sampled_from(["", "kgce/t", "%", "m³/t", "mg/m3", "次/年", "kW·h/t", "t/(m3·d)"])
_NUMBERS = st.decimals(min_value=0, max_value=10_000, allow_nan=False, places=2)


@given(_NUMBERS, st.sampled_from(["≤", "≥", "<", ">", "", "不低于", "不超过"]), _UNITS)
def test_print_gives_what_was_typed_and_reads_the_same(number: Decimal, sign: str, unit: str) -> None:
    text = f"{sign}{number}{unit}"
    first = read_baseline(text, Row("能耗", unit, "smaller"))
    assert (first.fault, first.bound.number) == ("", number)
    printed = first.bound.format()
    assert printed == text or changes(text)
    again = read_baseline(printed, Row("能耗", unit, "smaller"))
    assert _meant(again) == _meant(first)
    assert typeset(printed) == printed


@given(
    _NUMBERS, st.sampled_from(["≤", "≥", ""]), _UNITS, st.sampled_from("abcdefghknmstxyzABCKLMNXZ甲乙铁标个"),
    st.integers(0, 20),
)  # fmt: skip
def test_a_letter_too_many_is_never_dropped(number: Decimal, sign: str, unit: str, letter: str, at: int) -> None:
    text = f"{sign}{number}{unit}"
    at %= len(text) + 1
    spoilt = text[:at] + letter + text[at:]
    reading = read_baseline(spoilt, Row("某某", unit, "smaller"))
    if reading.bound.judged and not reading.fault:
        # It made a known unit (or a power of ten), and the reading says so.
        assert letter in (reading.bound.unit or parse_bound(spoilt).unit or "") or reading.bound.number != number


@given(st.text(max_size=40))
def test_no_text_raises_and_every_text_is_kept(text: str) -> None:
    for direction in ("smaller", "larger", "qualitative", ""):
        reading = read_baseline(text, Row("能耗", "kgce/t", direction, frozenset("a①")))
        assert reading.bound.text == text
        assert isinstance(reading.bound.format(), str)


@pytest.mark.parametrize(
    "text",
    ["1,234," * 30 + "x", "kg/" * 170, "≤5" + "m" * 500, "(" * 32_767, "≤1" * 16_383, "不低于" * 300, "a" * 999,
     "达到" + "水" * 990, "*" * 999, "①" * 999, "1/0", "注", "kgce/t", "=SUM(A1)", "比" * 990, "一" * 990 + "次"],
)  # fmt: skip
def test_hostile_cells_are_answered_at_once(text: str) -> None:
    begun = time.process_time()
    reading = read_baseline(text, Row("能耗", "kgce/t", "smaller", frozenset("a①")))
    assert time.process_time() - begun < 0.5
    assert not reading.bound.judged


def test_typography_changes_are_named() -> None:
    assert changes("≤０.5") == ("全角数字改为半角",)
    assert changes("≤5m2/t") == ("单位中的 2、3 改为上标",)
    assert changes("≤5 kgCO2/t") == ("CO2 改为 CO₂",)
    assert changes("1~2") == ("~ 改为 ～",)
    assert changes("≤0.65 kgce/t") == ()
    assert typeset("符合GB 16780—2021、GB/T 3-1 的规定") == "符合GB 16780—2021、GB/T 3-1 的规定"
