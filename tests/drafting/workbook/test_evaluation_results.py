"""The result workbook of ``drafting evaluate``: ranks, summaries by group, text that stays text."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.analysis.trial.try_out import try_out
from drafting.model.results import EnterpriseResult, Trial
from drafting.model.terms import GRADES, Grade
from drafting.workbook import evaluation_results
from drafting.workbook.evaluation_results import ranks, write_evaluation
from tests.drafting.analysis import trial_projects as tp

HOSTILE = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


def one(name: str, grade: Grade | None, *y: int, excluded: bool = False, **more: Any) -> EnterpriseResult:
    indices = {g: None if excluded else Decimal(v) for g, v in zip(GRADES, y or (0, 0, 0), strict=True)}
    return EnterpriseResult(name, indices, grade, excluded, more.pop("reasons", ()), **more)


def book_of(trial: Trial, folder: Path, title: str = "评价结果：区域.xlsx") -> Any:
    path = folder / "评价结果.xlsx"
    write_evaluation(path, trial, title=title)
    return openpyxl.load_workbook(path)


def trial_of(names: tuple[str, ...], values: list[float], **survey: Any) -> Trial:
    """One indicator: at most 1, 2, 3 for the grades."""
    inputs = tp.project([tp.indicator("N1", cells=("≤1", "≤2", "≤3"))], {"N1": values}, **survey)
    weights, baselines = tp.runs(inputs)
    trial, _ = try_out(inputs, weights, baselines, inputs.survey, tp.NOWHERE)  # type: ignore[arg-type]  # has a survey
    assert trial is not None
    people = tuple(
        EnterpriseResult(name, e.y, e.grade, e.excluded, e.reasons, e.stratum, e.region)
        for name, e in zip(names, trial.enterprises, strict=True)
    )
    return Trial(people, trial.distribution, trial.details)


def groups(sheet: Any, head: str) -> dict[Any, list[Any]]:
    """Rows of one block of 汇总 under its heading."""
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    start = next(n for n, row in enumerate(rows) if row[0] == head)
    found = {}
    for row in rows[start + 1 :]:
        if row[0] is None:
            break
        found[row[0]] = row[1:]
    return found


# --- ranks ---
def test_grade_comes_first_then_the_index_of_that_grade_then_the_others() -> None:
    people = [
        one("无级", None, 10, 80, 99),
        one("Ⅲ级，指数高", Grade.III, 84, 100, 100),
        one("Ⅱ级", Grade.II, 20, 90, 100),
        one("Ⅰ级", Grade.I, 85, 100, 100),
        one("Ⅱ级，Y_Ⅱ 高", Grade.II, 10, 95, 100),
        one("不参与", None, excluded=True),
        one("无级，Y_Ⅲ 高", None, 0, 0, 99),
    ]
    assert ranks(people) == [5, 4, 3, 1, 2, None, 6]


def test_equals_share_a_rank_and_the_next_one_counts_them() -> None:
    people = [one("甲", Grade.II, 50, 90, 100), one("乙", Grade.II, 50, 90, 100), one("丙", None, 0, 0, 50)]
    assert ranks(people) == [1, 1, 3]


def test_close_indices_are_told_apart_exactly() -> None:
    """Two indices that are one and the same as floats."""
    near = [Decimal("90.00000000000000000001"), Decimal(90)]
    people = [EnterpriseResult(str(y), dict.fromkeys(GRADES, y), Grade.II, False, ()) for y in near]
    assert float(near[0]) == float(near[1])
    assert ranks(people) == [1, 2]


people_st = st.lists(
    st.builds(
        lambda grade, y, out: one("甲", None if out else grade, *sorted(y), excluded=out),
        st.sampled_from([*GRADES, None]), st.tuples(*[st.integers(0, 3)] * 3), st.booleans(),
    ),
    max_size=9,
)  # fmt: skip


@given(people_st, st.randoms())
def test_a_rank_counts_who_is_better_and_does_not_depend_on_the_order(people: list[Any], random: Any) -> None:
    """Second route: a rank is one more than the number of better enterprises, compared pair by pair."""

    def better(a: EnterpriseResult, b: EnterpriseResult) -> bool:
        baselines = [len(GRADES) if e.grade is None else GRADES.index(e.grade) for e in (a, b)]
        if baselines[0] != baselines[1]:
            return baselines[0] < baselines[1]
        order = [GRADES[min(baselines[0], 2)], *GRADES]
        mine, other = ([e.y[g] for g in order] for e in (a, b))
        return mine > other

    taking_part = [e for e in people if not e.excluded]
    wanted = [None if e.excluded else 1 + sum(better(o, e) for o in taking_part) for e in people]
    assert ranks(people) == wanted
    shuffled = list(range(len(people)))
    random.shuffle(shuffled)
    assert ranks([people[k] for k in shuffled]) == [wanted[k] for k in shuffled]


# --- the workbook ---
def test_summary_by_region_and_stratum_by_hand(tmp_path: Path) -> None:
    trial = trial_of(
        tuple("甲乙丙丁戊己"), [1, 2, 3, 4, 9, 1], regions=("东", "东", "西", "西", "", "东"),
        strata=("大", "小", "大", "小", "大", "小"), violations=np.array([0, 0, 0, 0, 0, 1], dtype=np.bool_),
    )  # fmt: skip
    sheet = book_of(trial, tmp_path)["汇总"]
    assert groups(sheet, "全部企业") == {"合计": [1, 1, 1, 2, 1, pytest.approx(3 / 5)]}
    assert groups(sheet, "地区") == {
        "东": [1, 1, 0, 0, 1, 1], "西": [0, 0, 1, 1, 0, 0.5], "（未填）": [0, 0, 0, 1, 0, 0],
    }  # fmt: skip
    assert groups(sheet, "分组") == {
        "大": [1, 0, 1, 1, 0, pytest.approx(2 / 3)],
        "小": [0, 1, 0, 1, 1, 0.5],
    }
    blocked = [[c.value for c in row[:5]] for row in sheet.iter_rows() if row[0].value == "指标N1"]
    assert blocked == [["指标N1", "Ⅲ级", 2, 0.4, 2], ["指标N1", "Ⅱ级", 3, 0.6, 3], ["指标N1", "Ⅰ级", 4, 0.8, 4]]
    heads = [c.value for c in book_of(trial, tmp_path)["评价结果"][1]]
    assert heads[:5] == ["排名", "企业", "地区", "分组", "等级"]


def test_without_groups_there_is_neither_column_nor_block(tmp_path: Path) -> None:
    book = book_of(trial_of(("甲", "乙"), [1, 9]), tmp_path)
    assert [c.value for c in book["评价结果"][1]][:3] == ["排名", "企业", "等级"]
    assert not {"地区", "分组"} & {c.value for c in book["汇总"]["A"]}


def test_rows_stand_by_rank_and_the_excluded_last(tmp_path: Path) -> None:
    trial = trial_of(("甲", "乙", "丙", "丁"), [9, 1, 1, 2], violations=np.array([0, 1, 0, 0], dtype=np.bool_))
    rows = [[c.value for c in row] for row in book_of(trial, tmp_path)["评价结果"].iter_rows(min_row=2)]
    assert [row[:6] for row in rows] == [
        [1, "丙", "Ⅰ级", 100, 100, 100], [2, "丁", "Ⅱ级", 0, 100, 100], [3, "甲", "未达Ⅲ级", 0, 0, 0],
        [None, "乙", "不参与评价", None, None, None],
    ]  # fmt: skip
    assert "指标N1" in rows[2][6]
    assert rows[3][6]


def test_everybody_excluded_leaves_the_share_open(tmp_path: Path) -> None:
    trial = trial_of(("甲",), [1], violations=np.array([True]))
    sheet = book_of(trial, tmp_path)["汇总"]
    assert groups(sheet, "全部企业") == {"合计": [0, 0, 0, 0, 1, None]}


@pytest.mark.parametrize("dressed", [True, False])
def test_names_that_look_like_formulas_stay_text(
    dressed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not dressed:
        monkeypatch.setattr(evaluation_results, "_DRESSED", 0)
    size = len(HOSTILE)
    trial = trial_of(HOSTILE, [1] * size, regions=HOSTILE, strata=HOSTILE[::-1])
    book = book_of(trial, tmp_path, title="=1+1")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert not [c.coordinate for c in cells if c.data_type == "f"]
    risky = [c for c in cells if c.value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert len(risky) >= 1 + 5 * (size - 2)  # title; names, regions, strata; both summaries
    assert all(c.quotePrefix for c in risky)
    assert {c.value.strip() for c in book["评价结果"]["B"][1:]} == {name.strip() for name in HOSTILE}
    with zipfile.ZipFile(tmp_path / "评价结果.xlsx") as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >]", archive.read(name)), name


def test_characters_that_no_workbook_holds_are_replaced_and_long_reasons_cut(tmp_path: Path) -> None:
    person = one("甲\x07乙", None, 0, 0, 0, reasons=("长" * 40_000,))
    trial = Trial((person,), {"I": 0, "II": 0, "III": 0, "none": 1, "excluded": 0})
    row = [c.value for c in book_of(trial, tmp_path)["评价结果"][2]]
    assert row[1] == "甲\ufffd乙"
    assert len(row[-1]) == 32_000
