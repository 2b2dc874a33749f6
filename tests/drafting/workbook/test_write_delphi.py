"""Delphi and split questionnaires: what may be filled in, what is shown, what is hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from drafting.findings import Provenance
from drafting.model.experts import DelphiAnswer, DelphiRound
from drafting.model.inputs import Inputs
from drafting.pipeline.questionnaires import write_ahp, write_delphi
from drafting.project.folder import Project, load_project
from drafting.workbook.project.blank import prefilled
from drafting.workbook.questionnaires.delphi_sheets import ASKED
from tests.drafting.weights_projects import CODES, TRUE, a_round, inputs, panel

DAY = date(2026, 3, 1)


SIX = CODES[:6]
"""As many as are needed for a group whose figures may be shown, and one who has not answered."""


class Mail(Mapping[str, Any]):
    """Questionnaires by expert, opened when they are looked at."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self.files = {p.stem: p for p in files}

    def __getitem__(self, code: str) -> Any:
        return load_workbook(self.files[code])

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def of_six(**settings: object) -> Inputs:
    return replace(inputs(**settings), experts=panel(SIX))


def sent(tmp_path: Path, given: Inputs, number: int, **options: Any) -> Mail:
    return Mail(write_delphi(Project(tmp_path, given, Provenance()), number, today=DAY, **options).files)


def headings(sheet: Any) -> dict[str, int]:
    return {sheet.cell(4, c).value: c for c in range(1, sheet.max_column + 1) if sheet.cell(4, c).value}


def test_round_one_asks_and_shows_nothing(tmp_path: Path) -> None:
    books = sent(tmp_path, of_six(), 1)
    assert sorted(books) == sorted(SIX)
    book = books["专家03"]
    assert book.sheetnames == ["填写说明", "专家", "一级指标权重", "二级指标权重", "其他意见"]
    assert book["专家"]["A2"].value == "专家03"
    sheet = book["二级指标权重"]
    heads = headings(sheet)
    assert list(heads) == ["一级指标", "二级指标", "权重", "意见"]
    for row in range(5, 14):
        for column in range(1, sheet.max_column + 1):
            cell = sheet.cell(row, column)
            assert cell.protection.locked is (column not in (heads["权重"], heads["意见"]))
        assert sheet.cell(row, heads["权重"]).value is None
    assert sheet.protection.sheet
    assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
    sums = [sheet.cell(r, 4).value for r in range(5, 14) if sheet.cell(r, 4).value]
    assert len(sums) == 3
    assert all("/ 100" in s for s in sums)


def test_a_questionnaire_sent_back_blank_is_no_answer(tmp_path: Path) -> None:
    from tests.drafting.weights_projects import project

    folder = project(tmp_path)
    target = folder / "德尔菲" / "第1轮" / "专家01.xlsx"
    target.parent.mkdir(parents=True)
    written = write_delphi(load_project(folder), 1, today=DAY)
    target.write_bytes(written.files[0].read_bytes())
    read = load_project(folder)
    assert read.inputs is not None
    assert read.inputs.delphi == ()
    assert not [f for f in read.findings if f.severity == "error"]
    assert {f.code for f in read.findings} & {"delphi-group-blank", "delphi-empty"}


def test_group_figures_are_hidden_below_five_answers(tmp_path: Path) -> None:
    for count, shown in ((4, False), (5, True)):
        given = replace(of_six(), delphi=(a_round(1, {c: dict(TRUE) for c in CODES[:count]}),))
        books = sent(tmp_path / str(count), given, 2)
        first = books["专家01"]
        sheet = first["一级指标权重"]
        heads = headings(sheet)
        assert sheet.cell(5, heads["上轮本人"]).value == 50
        assert (sheet.cell(5, heads["中位数"]).value == 50) is shown
        assert (sheet.cell(5, heads["下四分位"]).value == "—") is not shown
        silent = books["专家06"]["一级指标权重"]  # did not answer, and still sees what may be seen
        assert silent.cell(5, heads["上轮本人"]).value == "—"
        assert (silent.cell(5, heads["中位数"]).value == 50) is shown
        story = [c.value for c in first["上轮反馈"][3]]
        assert ("50×5" in story) is shown


def test_only_those_outside_the_quartiles_are_asked_for_a_reason(tmp_path: Path) -> None:
    answers = {c: {**TRUE, "水资源消耗": (10, 90) if c == "专家01" else (70, 30)} for c in SIX}
    books = sent(tmp_path, replace(of_six(), delphi=(a_round(1, answers),)), 2)
    for code in ("专家01", "专家02"):
        sheet = books[code]["二级指标权重"]
        heads = headings(sheet)
        rows = [r for r in range(5, 14) if sheet.cell(r, heads["意见"]).fill.fgColor.rgb == ASKED]
        assert [sheet.cell(r, heads["二级指标"]).value for r in rows] == (
            ["单位产品取水量", "水重复利用率"] if code == "专家01" else []
        )


def test_a_round_needs_the_one_before(tmp_path: Path) -> None:
    written = write_delphi(Project(tmp_path, inputs(), Provenance()), 2, today=DAY)
    assert written.files == ()
    assert [f.code for f in written.findings] == ["questionnaires-no-previous"]
    assert not (tmp_path / "记录" / "停止规则.json").exists()


def test_without_a_panel_nothing_is_written(tmp_path: Path) -> None:
    empty = Project(tmp_path, replace(inputs(), experts=()), Provenance())
    for written in (write_delphi(empty, 1, today=DAY), write_ahp(empty)):
        assert written.files == ()
        assert [f.code for f in written.findings] == ["questionnaires-no-experts"]


def test_the_rule_is_not_frozen_after_the_fact(tmp_path: Path) -> None:
    given = replace(of_six(), delphi=(a_round(1, {c: dict(TRUE) for c in SIX}),))
    written = write_delphi(Project(tmp_path, given, Provenance()), 2, today=DAY)
    assert [f.code for f in written.findings] == ["stopping-rule-not-frozen"]
    assert not (tmp_path / "记录" / "停止规则.json").exists()


def test_the_record_is_dated_and_made_once(tmp_path: Path) -> None:
    sent(tmp_path, of_six(), 1)
    sent(tmp_path, of_six(), 1)
    (entry,) = json.loads((tmp_path / "记录" / "停止规则.json").read_text("utf-8"))["entries"]
    assert (entry["day"], entry["before_round"]) == ("2026-03-01", 1)


@pytest.mark.parametrize(("scale", "offered"), [(5, ["5", "4", "3", "2", "1"]), (100, None)])
def test_ratings_have_a_drop_down_or_limits(tmp_path: Path, scale: int, offered: list[str] | None) -> None:
    book = sent(tmp_path, of_six(rating_scale=scale), 1, rating=True)["专家01"]
    sheet = book["重要性评分"]
    assert list(headings(sheet)) == ["一级指标", "二级指标", "重要性", "修改意见"]
    (validation,) = sheet.data_validations.dataValidation
    if offered:
        assert validation.formula1.strip('"').split(",") == offered
    else:
        assert (validation.type, validation.formula1, validation.formula2) == ("decimal", "0", "100")


def test_ratings_of_the_round_before_come_back(tmp_path: Path) -> None:
    codes = [i.code for i in inputs().system.active]
    answers = tuple(
        DelphiAnswer(e, (), {k: float(1 + (n + i) % 5) for n, k in enumerate(codes)}) for i, e in enumerate(CODES[:5])
    )
    sheet = sent(tmp_path, replace(of_six(), delphi=(DelphiRound(1, answers),)), 2, rating=True)["专家01"]["重要性评分"]
    heads = headings(sheet)
    # every candidate got each of 1…5 once: median 3, quartiles 2 and 4
    for row in range(5, 14):
        assert [sheet.cell(row, heads[h]).value for h in ("中位数", "下四分位", "上四分位")] == [3, 2, 4]


def test_codes_that_a_file_system_would_confuse_get_files_of_their_own(tmp_path: Path) -> None:
    given = replace(inputs(), experts=panel(("甲/乙", "甲乙", "CON", "../上级")))
    names = sorted(sent(tmp_path, given, 1))
    assert names == sorted(["甲乙", "甲乙（2）", "专家CON", "上级"])


def test_groups_are_dealt_from_ten_indicators_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/ahp.md: 有十个以上指标的组."""
    from drafting.pipeline import questionnaires

    groups = {f"{n} 项": tuple(map(str, range(n))) for n in (9, 10, 11)}
    monkeypatch.setattr(questionnaires, "_compared", lambda _: groups)
    assert set(questionnaires._dealt(replace(inputs(), experts=panel(SIX)))) == {"10 项", "11 项"}


@pytest.mark.slow
def test_a_split_questionnaire_asks_part_of_the_pairs_evenly(tmp_path: Path) -> None:
    given = replace(prefilled(), experts=panel(SIX))
    written = write_ahp(Project(tmp_path, given, Provenance()), split=True)
    assert [f.code for f in written.findings] == ["split-dealt"]
    counts: dict[tuple[int, int], int] = {}
    for path in written.files:
        sheet = load_workbook(path)["污染物产生与排放"]
        for i in range(14):
            own = 0
            for j in range(14):
                cell = sheet.cell(4 + i, 2 + j)
                if i == j:
                    continue
                asked = cell.value != "—"
                own += asked
                if j > i:
                    assert cell.protection.locked is not asked
                    counts[i, j] = counts.get((i, j), 0) + asked
                    assert asked is (sheet.cell(4 + j, 2 + i).value != "—")
            assert own == 6  # every indicator in as many comparisons as any other
    assert sum(counts.values()) == 6 * 42
    assert max(counts.values()) - min(counts.values()) <= 1
    assert load_workbook(written.files[0])["一级指标"]["C4"].value is None  # nine are not split


@pytest.mark.slow
def test_a_split_questionnaire_reads_back_as_an_incomplete_matrix(tmp_path: Path) -> None:
    import numpy as np

    from drafting.workbook.project.blank import write_project

    write_project(tmp_path / "项目.xlsx", replace(prefilled(), experts=panel(CODES[:2])))
    written = write_ahp(load_project(tmp_path), split=True)
    (tmp_path / "判断矩阵").mkdir()
    for path in written.files:
        book = load_workbook(path)
        for sheet in book.worksheets[2:]:
            for row in sheet.iter_rows(min_row=4):
                for cell in row:
                    if not cell.protection.locked:
                        cell.value = 1
        book.save(tmp_path / "判断矩阵" / path.name)
    read = load_project(tmp_path)
    assert read.inputs is not None
    assert not [f for f in read.findings if f.code.startswith("judgement-")]
    (split, _) = (m for m in read.inputs.judgements if m.group == "污染物产生与排放")
    assert int(np.isnan(split.values).sum()) == 2 * (91 - 42)
