"""Findings by cause, and their places as ranges."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from drafting.desk.causes import Section, causes
from drafting.desk.places import areas, ranges
from drafting.findings import Cell, Kind, Severity, address, finding
from drafting.findings.finding import catalogue
from drafting.findings.tables import told_by_table


def cells(text: str) -> set[tuple[int, int]]:
    """The cells of a range, by a way of its own."""
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(text)
    return {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}


@given(st.sets(st.tuples(st.integers(1, 12), st.integers(24, 32)), max_size=60))
def test_ranges_hold_each_cell_once(found: set[tuple[int, int]]) -> None:
    written = ranges(address(*at) for at in found)
    covered = [cell for text in written for cell in cells(text)]
    assert sorted(covered) == sorted(found)


def test_runs_become_ranges_across_neighbouring_columns_only() -> None:
    assert ranges(["B2", "B3", "C2", "C3", "E2", "E3", "G9"]) == ("B2:C3", "E2:E3", "G9")
    assert ranges([f"B{n}" for n in range(2, 486)]) == ("B2:B485",)


def test_areas_are_by_sheet_and_a_file_alone_has_no_range() -> None:
    found = areas([Cell("a.xlsx", "甲", "A1"), Cell("b.xlsx"), Cell("a.xlsx", "甲", "A2"), Cell()])
    assert [a.text() for a in found] == ["a.xlsx·甲·A1:A2", "b.xlsx"]


def unheaded(n: int) -> list[object]:
    return [
        finding("survey-column-unknown", Cell("调研数据.xlsx", "表", address(1, c)), found=f"备用{c}", near="")
        for c in range(1, n + 1)
    ]


def test_43_unused_columns_are_one_cause_that_names_the_first() -> None:
    (cause,) = causes(unheaded(43))
    assert cause.message == "调研数据的列“备用1”、“备用2”、“备用3”等 43 项不对应任何二级指标，未读取。"
    assert cause.place() == "调研数据.xlsx·表·A1:AQ1"


def test_different_reasons_are_different_causes() -> None:
    found = [
        finding("survey-not-a-number", Cell("a", "b", f"C{n}"), heading="甲", found="x", reason=reason)
        for n, reason in enumerate(["不是数", "是日期", "不是数"])
    ]
    assert [len(c.findings) for c in causes(found)] == [2, 1]


def test_where_words_belong_together_the_first_message_stands_whole() -> None:
    found = [
        finding("levels-alike", Cell(), indicator=i, stratum="", better="Ⅰ", worse="Ⅱ", value=v, cause="取值少")
        for i, v in (("甲", "1"), ("乙", "2"), ("丙", "3"))
    ]
    (cause,) = causes(found)
    assert cause.message.startswith("指标“甲”的Ⅰ级与Ⅱ级基准值相同（1）")
    assert cause.message.endswith("另有 2 处同样：乙、丙。")


def test_lists_within_a_list_are_kept_apart() -> None:
    """Three pairs of experts whose answers are alike read as one list of six."""
    pairs = ("甲、乙", "丙、丁", "戊、己")
    (cause,) = causes([finding("questionnaire-same-answers", Cell(), codes=codes) for codes in pairs])
    assert cause.message.endswith("另有 2 处同样：丙、丁；戊、己。")


def alike(*indicators: str) -> list[object]:
    return [
        finding("levels-alike", Cell(), indicator=i, stratum="", better="Ⅰ", worse="Ⅱ", value=str(v), cause="取值少")
        for v, i in enumerate(indicators)
    ]


def test_the_same_of_several_tables_is_told_by_table_and_never_by_a_bare_number() -> None:
    (cause,) = causes(
        told_by_table({"坯板": alike("甲"), "饰面": [replace(alike("甲")[0], message="又一", values={"value": "9"})]})
    )
    assert cause.message.startswith("表“坯板”：指标“甲”")
    assert cause.message.endswith("另有 1 处同样：表“饰面”。")
    found = [replace(one, values={**one.values, "indicator": "甲", "value": str(n)}, message=f"第{n}")
             for n, one in enumerate(alike("甲", "甲"))]  # fmt: skip
    (cause,) = causes(found)
    assert cause.message == "第0另有 1 处同样。"


def test_a_list_of_names_keeps_the_table_before_it() -> None:
    found = told_by_table({"坯板": unheaded(3), "饰面": []})
    (cause,) = causes(found)
    assert cause.message.startswith("表“坯板”：调研数据的列“备用1”、“备用2”、“备用3”不对应")


@given(st.data())
def test_no_finding_is_lost_or_counted_twice_and_sections_are_in_order(data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.sampled_from(sorted(catalogue())), max_size=30))
    found = []
    for number, code in enumerate(codes):
        words = {n: data.draw(st.sampled_from(["甲", "“乙”", "{x}", "3", ""])) for n in catalogue()[code].placeholders}
        found.append(finding(code, Cell("f.xlsx", "s", address(number + 1, 1)), **words))
    made = causes(found)
    assert sorted(id(f) for c in made for f in c.findings) == sorted(map(id, found))
    assert [c.section for c in made] == sorted(c.section for c in made)
    for cause in made:
        assert cause.message
        if cause.severity is Severity.ERROR:
            assert cause.section is Section.FORBIDS
        elif cause.kind is not Kind.TELLS:
            assert cause.section is Section.ASKS
