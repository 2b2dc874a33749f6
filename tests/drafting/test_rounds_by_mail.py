"""Mailed rounds cannot go wrong: whatever comes back is held against what was sent out, or named."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from drafting import build, load_project
from drafting.analysis.weights.weigh import weigh
from drafting.cli.app import run
from drafting.findings import Finding
from drafting.model.system import FIRST_LEVEL
from drafting.pipeline.questionnaires import Written, write_ahp, write_delphi, write_revisions
from drafting.verification.verify import verify
from drafting.workbook.questionnaires.delphi_sheets import Line, add_feedback
from tests.drafting import weights_projects as committee
from tests.drafting.weights_projects import CODES, TRUE, edit, fill_allocation, fill_judgements
from weighting.feedback import ItemFeedback

pytestmark = pytest.mark.slow

DAY = date(2026, 3, 1)
EIGHT = CODES[:8]


def sent(folder: Path, number: int = 0, *, rating: bool = False) -> Written:
    project = load_project(folder)
    return write_delphi(project, number, rating=rating, today=DAY) if number else write_ahp(project, today=DAY)


def back(folder: Path, number: int, codes: tuple[str, ...], shift: int = 0, opinion: str = "") -> None:
    for k, code in enumerate(codes):
        step = (k - 6) / 4 + shift
        answers = {g: (t[0] + step, *t[1:-1], t[-1] - step) for g, t in TRUE.items()}
        blank = folder / "成果" / "问卷" / f"德尔菲第{number}轮" / f"{code}.xlsx"
        fill_allocation(blank, folder / "德尔菲" / f"第{number}轮" / f"{code}.xlsx", answers, opinion)


def matrices_back(folder: Path, codes: tuple[str, ...]) -> None:
    for k, code in enumerate(codes):
        answers = {g: (t[0] + 7 * k, *t[1:]) for g, t in TRUE.items()}
        blank = folder / "成果" / "问卷" / "层次分析法" / f"{code}.xlsx"
        fill_judgements(blank, folder / "判断矩阵" / f"{code}.xlsx", answers)


def of(folder: Path, *codes: str) -> list[Finding]:
    return [f for f in load_project(folder).findings if f.code in codes]


@pytest.fixture(scope="module")
def _study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Round 1 came back from everybody, round 2 is out; three experts have returned matrices."""
    folder = committee.project(tmp_path_factory.mktemp("study") / "甲行业", weight_method="专家咨询法")
    sent(folder, 1)
    back(folder, 1, CODES, opinion="能耗占成本一半")
    sent(folder, 2)
    sent(folder)
    matrices_back(folder, CODES[:3])
    return folder


@pytest.fixture
def study(_study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_study, tmp_path / "甲行业"))


# --- identity -----------------------------------------------------------------------------------------------------
def test_what_was_sent_out_comes_back_without_a_word(study: Path) -> None:
    said = {f.code for f in load_project(study).findings}
    assert not {c for c in said if c.startswith(("questionnaire", "answers-w", "items"))}


def test_a_file_of_round_one_in_round_two_is_refused(study: Path) -> None:
    (study / "德尔菲" / "第2轮").mkdir()
    shutil.copy(study / "德尔菲" / "第1轮" / "专家07.xlsx", study / "德尔菲" / "第2轮")
    (said,) = of(study, "questionnaire-other-round")
    assert said.place.file == "德尔菲/第2轮/专家07.xlsx"
    assert "第 1 轮" in said.message
    inputs = load_project(study).inputs
    assert inputs is not None
    assert [r.number for r in inputs.delphi] == [1]
    assert inputs.unusable["德尔菲第2轮"] == ("专家07",)


def test_a_file_with_only_the_code_changed_is_another_experts(study: Path) -> None:
    path = study / "判断矩阵" / "专家04.xlsx"
    shutil.copy(study / "判断矩阵" / "专家01.xlsx", path)
    edit(path, "专家", {"A2": "专家04"})
    (said,) = of(study, "questionnaire-other-expert")
    assert (said.severity, said.place.file) == ("error", "判断矩阵/专家04.xlsx")
    assert "专家01" in said.message


def test_a_questionnaire_of_another_project_is_refused(study: Path, tmp_path: Path) -> None:
    other = committee.project(tmp_path / "乙行业")
    sent(other)
    matrices_back(other, CODES[3:4])
    shutil.copy(other / "判断矩阵" / "专家04.xlsx", study / "判断矩阵")
    (said,) = of(study, "questionnaire-other-project")
    assert said.place.file == "判断矩阵/专家04.xlsx"
    assert "“”" not in said.message  # neither has a title: their numbers tell them apart
    assert len(set(re.findall(r"项目号 (\w+)", said.message))) == 2


def test_a_matrix_among_the_weights_is_another_instrument(study: Path) -> None:
    shutil.copy(study / "判断矩阵" / "专家01.xlsx", study / "德尔菲" / "第1轮" / "专家01.xlsx")
    assert [f.place.file for f in of(study, "questionnaire-other-instrument")] == ["德尔菲/第1轮/专家01.xlsx"]


OLDER = ("questionnaire-older-issue", "questionnaire-older-groups", "questionnaire-older-same")


def judged(folder: Path) -> dict[str, list[str]]:
    inputs = load_project(folder).inputs
    assert inputs is not None
    found: dict[str, list[str]] = {}
    for matrix in inputs.judgements:
        found.setdefault(matrix.group, []).append(matrix.expert)
    return found


def test_an_older_issue_answers_the_groups_that_are_asked_as_they_were(study: Path) -> None:
    sent(study)
    assert not of(study, *OLDER)  # making the same again makes no new issue
    before = judged(study)
    rewrite(study, lambda sheet: sheet.append([sheet.cell(2, 1).value, "N9", "新增指标", "kg/t", "越小越好", "否"]))
    assert not of(study, *OLDER)
    sent(study)
    said = of(study, *OLDER)
    assert [(f.code, f.severity) for f in said] == [("questionnaire-older-groups", "error")] * 3
    assert all("“能源消耗”的新增指标" in f.message for f in said)
    assert not of(study, "judgement-label-missing", "judgement-sheet-missing")  # one cause, one remark
    del before["能源消耗"]
    assert judged(study) == before


def test_returned_matrices_stay_valid_when_a_group_is_given_and_questionnaires_are_made_again(study: Path) -> None:
    before = judged(study)

    def given(sheet: Any) -> None:
        heads = [c.value for c in sheet[1]]
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, 1).value == "能源消耗":
                sheet.cell(row, heads.index("权重") + 1).value = "1/n"

    rewrite(study, given)
    sent(study)
    assert {(f.code, f.severity) for f in of(study, *OLDER)} == {("questionnaire-older-same", "note")}
    assert judged(study) == before
    inputs = load_project(study).inputs
    assert inputs is not None
    assert not inputs.unusable


def test_dealing_out_the_pairs_later_leaves_whole_matrices_valid(study: Path) -> None:
    many = [[f"M{k}", f"指标{k}"] for k in range(9)]
    rewrite(study, lambda sheet: [sheet.append([sheet.cell(2, 1).value, *m, "kg/t", "越小越好", "否"]) for m in many])
    sent(study)
    for path in (study / "判断矩阵").iterdir():
        path.unlink()
    blank = study / "成果" / "问卷" / "层次分析法" / "专家01.xlsx"
    fill_judgements(blank, study / "判断矩阵" / "专家01.xlsx", {g: t for g, t in TRUE.items() if g != "能源消耗"})
    before = judged(study)
    write_ahp(load_project(study), split=True, today=DAY)
    assert [f.code for f in of(study, *OLDER)] == ["questionnaire-older-same"]
    assert judged(study) == before


def test_ratings_of_an_older_issue_stay_unless_the_scale_is_another(tmp_path: Path) -> None:
    folder = committee.project(tmp_path / "甲行业")
    sent(folder, 1, rating=True)
    for code in CODES[:2]:
        blank = folder / "成果" / "问卷" / "重要性评分第1轮" / f"{code}.xlsx"
        rated(blank, folder / "重要性评分" / "第1轮" / f"{code}.xlsx", [5, 4, 3, 5, 4, 5, 4, 4, 2])
    rewrite(folder, lambda sheet: sheet.append([sheet.cell(2, 1).value, "N9", "新增指标", "kg/t", "越小越好", "否"]))
    sent(folder, 1, rating=True)
    said = of(folder, *OLDER, "questionnaire-older-ratings")
    assert [(f.code, f.severity) for f in said] == [("questionnaire-older-ratings", "warning")] * 2
    inputs = load_project(folder).inputs
    assert inputs is not None
    assert [len(a.ratings) for a in inputs.ratings[0].answers] == [9, 9]
    book = load_workbook(folder / "项目.xlsx")
    book["方法设置"][_setting(folder, "评分上限")] = 9
    book.save(folder / "项目.xlsx")
    sent(folder, 1, rating=True)
    assert [f.code for f in of(folder, *OLDER)] == ["questionnaire-older-issue"] * 2
    inputs = load_project(folder).inputs
    assert inputs is not None
    assert not inputs.ratings


def test_stripped_properties_leave_the_visible_line_to_decide(study: Path) -> None:
    path = study / "判断矩阵" / "专家02.xlsx"
    strip(path)
    (said,) = of(study, "questionnaire-line-only")
    assert said.severity == "note"
    shutil.copy(path, study / "判断矩阵" / "专家05.xlsx")
    edit(study / "判断矩阵" / "专家05.xlsx", "专家", {"A2": "专家05"})
    assert [f.place.file for f in of(study, "questionnaire-other-expert")] == ["判断矩阵/专家05.xlsx"]


def strip(path: Path) -> None:
    """Save as a program does that knows no custom properties."""
    book = load_workbook(path)
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]
    book.save(path)
    with zipfile.ZipFile(path) as package:
        assert "docProps/custom.xml" not in package.namelist()


def forget(path: Path) -> None:
    """As a file was before questionnaires had an identity."""
    strip(path)
    book = load_workbook(path)
    sheet = book["专家"]
    for row in sheet.iter_rows(min_row=3):
        for cell in row:
            cell.value = None
    book.save(path)


def test_without_any_identity_a_round_begun_before_is_read_with_a_warning(study: Path) -> None:
    for path in (study / "判断矩阵").iterdir():
        forget(path)
    assert {f.severity for f in of(study, "questionnaire-no-identity")} == {"error"}
    (study / "记录" / "问卷发放.json").unlink()
    assert [f.severity for f in of(study, "questionnaire-unmarked")] == ["warning"] * 3
    sent(study)  # the others are asked now, in a round that had begun
    assert len(of(study, "questionnaire-unmarked")) == 3
    assert not of(study, "questionnaire-no-identity")
    inputs = load_project(study).inputs
    assert inputs is not None
    assert len(inputs.judgements) == 3 * len(TRUE)


def test_the_same_bytes_in_two_rounds_are_one_file(study: Path) -> None:
    (study / "记录" / "问卷发放.json").unlink()
    forget(study / "德尔菲" / "第1轮" / "专家03.xlsx")
    (study / "德尔菲" / "第2轮").mkdir()
    shutil.copy(study / "德尔菲" / "第1轮" / "专家03.xlsx", study / "德尔菲" / "第2轮")
    assert [f.place.file for f in of(study, "questionnaire-same-file")] == ["德尔菲/第2轮/专家03.xlsx"]


def test_one_file_under_two_codes_is_pointed_out(study: Path) -> None:
    (study / "记录" / "问卷发放.json").unlink()
    for path in (study / "判断矩阵").iterdir():
        forget(path)
    shutil.copy(study / "判断矩阵" / "专家01.xlsx", study / "判断矩阵" / "专家04.xlsx")
    edit(study / "判断矩阵" / "专家04.xlsx", "专家", {"A2": "专家04"})
    (said,) = of(study, "questionnaire-same-answers")
    assert "专家01、专家04" in said.message


def test_a_file_with_two_experts_is_nobodys(study: Path) -> None:
    edit(study / "判断矩阵" / "专家01.xlsx", "专家", {"A2": "专家01、专家02"})
    assert [f.place.cell for f in of(study, "expert-two-codes")] == ["A2"]


def test_a_damaged_record_is_said_and_left_alone(study: Path) -> None:
    path = study / "记录" / "问卷发放.json"
    path.write_bytes(b"{")
    assert of(study, "questionnaire-record-unreadable")
    written = sent(study)
    assert [f.code for f in written.findings] == ["questionnaire-record-unreadable"]
    assert (written.files, path.read_bytes()) == ((), b"{")


# --- what lies in the folders -------------------------------------------------------------------------------------
def test_nothing_is_passed_over_in_silence(study: Path) -> None:
    folder = study / "判断矩阵"
    for name in ("专家05.xls", "专家06.ods", "专家07.et", "专家08.wps", "照片.jpg", "Thumbs.db"):
        (folder / name).write_bytes(b"x")
    (folder / "补交").mkdir()
    shutil.copy(folder / "专家01.xlsx", folder / "补交")
    shutil.copy(folder / "专家01.xlsx", study / "德尔菲" / "专家09.xlsx")
    said = {(f.code, f.place.file.rsplit("/", 1)[-1]) for f in load_project(study).findings}
    for name in ("专家05.xls", "专家06.ods", "专家07.et", "专家08.wps"):
        assert ("answers-wrong-format", name) in said
    assert ("answers-not-a-workbook", "照片.jpg") in said
    assert ("answers-subfolder", "补交") in said
    assert ("answers-outside-round", "专家09.xlsx") in said
    assert not [f for f in said if f[1] == "Thumbs.db"]
    inputs = load_project(study).inputs
    assert inputs is not None
    assert inputs.unusable["判断矩阵"] == ("专家05", "专家06", "专家07", "专家08")


def test_a_gap_between_rounds_is_said(study: Path) -> None:
    (study / "德尔菲" / "第1轮").rename(study / "德尔菲" / "第3轮")
    (said,) = of(study, "rounds-gap")
    assert "第 1、2 轮" in said.message


# --- items renamed, reordered, removed ----------------------------------------------------------------------------
def rewrite(study: Path, change: Any) -> None:
    book = load_workbook(study / "项目.xlsx")
    change(book["二级指标"])
    book.save(study / "项目.xlsx")


def test_a_renamed_and_reordered_indicator_keeps_its_answers(study: Path) -> None:
    before = load_project(study).inputs

    def change(sheet: Any) -> None:
        heads = [c.value for c in sheet[1]]
        name = heads.index("二级指标") + 1
        assert sheet.cell(2, name).value == "单位产品综合能耗"
        rows = [[c.value for c in sheet[2]], [c.value for c in sheet[3]]]
        for row, values in zip((3, 2), rows, strict=True):
            for column, value in enumerate(values, 1):
                sheet.cell(row, column).value = value
        sheet.cell(3, name).value = "吨产品综合能耗"

    rewrite(study, change)
    after = load_project(study)
    assert before is not None
    assert after.inputs is not None
    assert len(after.inputs.judgements) == len(before.judgements) == 3 * len(TRUE)
    assert len(after.inputs.delphi[0].answers) == len(CODES)
    assert {a.group for a in after.inputs.delphi[0].answers[0].allocations} == set(TRUE)
    matrix = next(m for m in after.inputs.judgements if m.group == "能源消耗")
    old = next(m for m in before.judgements if m.group == "能源消耗")
    order = [old.labels.index(label) for label in matrix.labels]
    assert np.array_equal(matrix.values, old.values[np.ix_(order, order)])
    said = [f for f in after.findings if f.code == "items-renamed"]
    assert len(said) == 3 + len(CODES)
    assert "“单位产品综合能耗”现名“吨产品综合能耗”" in said[0].message


def test_an_item_removed_since_leaves_the_rest_of_the_matrix_and_no_rescaled_points(study: Path) -> None:
    rewrite(study, lambda sheet: sheet.delete_rows(3))
    project = load_project(study)
    assert project.inputs is not None
    energy = [m for m in project.inputs.judgements if m.group == "能源消耗"]
    assert {m.values.shape for m in energy} == {(2, 2)}
    assert all("余热利用率" in f.message for f in project.findings if f.code == "items-removed")
    assert {f.severity for f in project.findings if f.code == "allocation-items-removed"} == {"error"}
    assert all("能源消耗" not in {x.group for x in a.allocations} for a in project.inputs.delphi[0].answers)


# --- rating and weighting apart -----------------------------------------------------------------------------------
def rated(blank: Path, target: Path, values: list[int]) -> None:
    book = load_workbook(blank)
    sheet = book["重要性评分"]
    heads = {sheet.cell(4, c).value: c for c in range(1, sheet.max_column + 1)}
    for row, value in enumerate(values, start=5):
        sheet.cell(row, heads["重要性"]).value = value
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def test_a_round_of_ratings_is_no_round_of_weights(tmp_path: Path) -> None:
    folder = committee.project(tmp_path / "甲行业", weight_method="专家咨询法")
    sent(folder, 1, rating=True)
    for k, code in enumerate(CODES):
        blank = folder / "成果" / "问卷" / "重要性评分第1轮" / f"{code}.xlsx"
        rated(blank, folder / "重要性评分" / "第1轮" / f"{code}.xlsx", [5, 4, 3, 5, 4, 5, 4, 4, 2 + k % 2])
    assert not (folder / "记录" / "停止规则.json").exists()  # nothing to stop yet
    sent(folder, 1)
    back(folder, 1, CODES)
    project = load_project(folder)
    assert project.inputs is not None
    assert ([r.number for r in project.inputs.delphi], [r.number for r in project.inputs.ratings]) == ([1], [1])
    assert project.inputs.frozen_rule is not None
    weights, found = weigh(project.inputs, project.provenance, brief=True)
    assert weights is not None
    stopping, response = weights.delphi.stopping, weights.delphi.response
    assert stopping is not None
    assert response is not None
    assert (stopping.instrument, stopping.verdict.rounds_held) == ("德尔菲", 1)
    assert stopping.verdict.stop is False
    assert {key: r.name for key, r in response.items()} == {"1": "德尔菲第1轮", "重要性评分1": "重要性评分第1轮"}
    assert "stopping-rule-not-frozen" not in {f.code for f in found}


def test_ratings_in_the_folder_of_the_weights_are_still_read(tmp_path: Path) -> None:
    folder = committee.project(tmp_path / "甲行业")
    sent(folder, 1, rating=True)
    for code in CODES[:2]:
        blank = folder / "成果" / "问卷" / "重要性评分第1轮" / f"{code}.xlsx"
        rated(blank, folder / "德尔菲" / "第1轮" / f"{code}.xlsx", [5, 4, 3, 5, 4, 5, 4, 4, 2])
    inputs = load_project(folder).inputs
    assert inputs is not None
    assert (inputs.delphi, [(r.number, r.name) for r in inputs.ratings]) == ((), [(1, "德尔菲第1轮")])


# --- who answered -------------------------------------------------------------------------------------------------
def test_not_returned_unusable_and_withdrawn_are_three_things(study: Path) -> None:
    (study / "德尔菲" / "第1轮" / "专家12.xlsx").unlink()
    (study / "德尔菲" / "第1轮" / "专家11.xlsx").write_bytes(b"PK")
    (study / "德尔菲" / "第1轮" / "专家10.xlsx").unlink()
    book = load_workbook(study / "项目.xlsx")
    sheet = book["专家组"]
    heads = [c.value for c in sheet[1]]
    sheet.cell(11, heads.index("退出") + 1).value = 1
    assert sheet.cell(11, 1).value == "专家10"
    book.save(study / "项目.xlsx")
    project = load_project(study)
    assert project.inputs is not None
    _, found = weigh(project.inputs, project.provenance, brief=True)
    said = {f.code: f.values["experts"] for f in found if f.values.get("what") == "德尔菲第1轮问卷"}
    assert said == {"experts-not-answered": "专家12", "experts-unusable": "专家11", "experts-withdrew": "专家10"}


def test_who_has_left_gets_no_questionnaire_and_may_return(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def leaves(since: int | None) -> None:
        edit(study / "项目.xlsx", "专家组", {_left_cell(study, "专家03"): since})

    leaves(2)
    shutil.rmtree(study / "成果" / "问卷" / "德尔菲第2轮")
    written = sent(study, 2)
    assert {p.stem for p in written.files} == set(CODES) - {"专家03"}
    assert ["专家03" in f.message for f in written.findings if f.code == "questionnaires-withdrew"] == [True]
    back(study, 2, tuple(c for c in CODES if c != "专家03"))
    run(["weights", str(study)])
    assert capsys.readouterr().out.count("专家03（已退出）") == 2  # in its round, and among those who are missing
    leaves(None)
    sent(study, 2)
    back(study, 2, CODES)
    assert not [f for f in load_project(study).findings if f.code.startswith("questionnaire")]
    assert not _weighing(study, "expert-returned")
    leaves(2)  # and forgotten to say so
    (said,) = _weighing(study, "expert-returned")
    assert "“专家03”写明从第 2 轮起退出，却有德尔菲第2轮的答复" in said.message


def _left_cell(study: Path, code: str) -> str:
    sheet = load_workbook(study / "项目.xlsx")["专家组"]
    column = next(c.column_letter for c in sheet[1] if c.value == "退出")
    return f"{column}{next(c.row for c in sheet['A'] if c.value == code)}"


def _weighing(study: Path, code: str) -> list[Finding]:
    project = load_project(study)
    assert project.inputs is not None
    return [f for f in weigh(project.inputs, project.provenance, brief=True)[1] if f.code == code]


# --- opinions, self-assessment ------------------------------------------------------------------------------------
def feedback_texts(folder: Path, number: int, code: str) -> str:
    book = load_workbook(folder / "成果" / "问卷" / f"德尔菲第{number}轮" / f"{code}.xlsx")
    return "\n".join(str(c.value) for row in book["上轮反馈"].iter_rows() for c in row if c.value)


def test_every_opinion_reaches_the_others_and_private_ones_nobody(tmp_path: Path) -> None:
    folder = committee.project(tmp_path / "甲行业", weight_method="专家咨询法")
    sent(folder, 1)
    back(folder, 1, CODES)
    first = folder / "德尔菲" / "第1轮"
    for k, code in enumerate(EIGHT):  # inside the quartiles or not: all of them
        edit(first / f"{code}.xlsx", "一级指标权重", {"D5": f"意见{k}，专家03 也这么看" if k == 1 else f"意见{k}"})
    edit(first / "专家09.xlsx", "一级指标权重", {"D5": "仅供组织者：不便公开"})
    edit(first / "专家10.xlsx", "其他意见", {"A2": "建议新增指标", "B2": "单位产品碳排放量"})
    edit(first / "专家11.xlsx", "其他意见", {"B2": "只说给编制组", "C2": "仅供组织者"})
    written = sent(folder, 2)
    texts = feedback_texts(folder, 2, "专家12")
    assert all(f"意见{k}" in texts for k in range(8))
    assert "不便公开" not in texts
    assert "只说给编制组" not in texts
    assert "单位产品碳排放量" in texts
    assert "专家03" not in texts
    assert "某专家 也这么看" in texts
    assert "意见0" not in feedback_texts(folder, 2, "专家01")  # one's own is no news
    codes = [f.code for f in written.findings]
    assert codes.count("opinion-identifies") == 1
    assert codes.count("proposals-received") == 1
    project = load_project(folder)
    assert project.inputs is not None
    weights, _ = weigh(project.inputs, project.provenance, brief=True)
    assert weights is not None
    printed = json.dumps(weights.delphi.opinions, ensure_ascii=False)
    assert "意见7" in printed
    assert "不便公开" not in printed


def test_opinions_that_no_cell_holds_go_on_below_it() -> None:
    """Once the spreadsheet library cut what a cell does not hold, without a word."""
    said = ["甲" * 32_767, "短", "乙\n\n丙" * 40, *(f"第{k}位专家的意见{'长' * 90}" for k in range(500))]
    shown = ItemFeedback("N1", None, 503, True, None, None, None, (), None, tuple(said))
    sheet = add_feedback(Workbook(), [Line("能源消耗", "N1", ("能源消耗",), shown)], ("一级指标",), ("丁" * 40_000,))
    cells = [str(row[3].value) for row in sheet.iter_rows(min_row=3)]
    assert "".join("".join(cells).split()) == "".join("".join(f"·{x}" for x in (*said, "丁" * 40_000)).split())
    assert max(map(len, cells)) < 2_000
    assert sum(f"· 第{k}位专家的意见{'长' * 90}" in cell for k in range(500) for cell in cells) == 500  # in one piece
    assert [row[0].value for row in sheet.iter_rows(min_row=3) if row[0].value] == ["能源消耗", "其他意见"]


def test_the_self_assessment_is_asked_once_in_the_form(tmp_path: Path) -> None:
    folder = committee.project(tmp_path / "甲行业")
    book = load_workbook(folder / "项目.xlsx")
    sheet = book["专家组"]
    for column in range(5, 10):
        sheet.cell(2, column).value = None
    book.save(folder / "项目.xlsx")
    sent(folder)
    matrices_back(folder, CODES[:2])
    mine, typed = (load_workbook(folder / "判断矩阵" / f"{c}.xlsx")["专家"] for c in CODES[:2])
    asked = {mine.cell(r, 1).value: r for r in range(3, 12)}
    assert {"实践经验", "熟悉程度"} <= set(asked)
    assert "熟悉程度" not in {typed.cell(r, 1).value for r in range(3, 12)}
    edit(folder / "判断矩阵" / "专家01.xlsx", "专家",
         {f"B{asked[w]}": v for w, v in {"实践经验": "大", "理论分析": "中", "国内外资料": "中", "直觉": "小",
                                          "熟悉程度": "熟悉"}.items()})  # fmt: skip
    inputs = load_project(folder).inputs
    assert inputs is not None
    assert (inputs.experts[0].practice, inputs.experts[0].familiarity) == ("大", "熟悉")


# --- the rest -----------------------------------------------------------------------------------------------------
def test_a_filled_questionnaire_is_not_overwritten(study: Path) -> None:
    path = study / "成果" / "问卷" / "层次分析法" / "专家05.xlsx"
    edit(path, FIRST_LEVEL, {"C4": 3})
    kept = path.read_bytes()
    written = sent(study)
    assert path.read_bytes() == kept
    assert [f for f in written.findings if f.place.file.endswith("专家05.xlsx")]


def test_a_copy_to_revise_says_what_the_program_found_and_keeps_its_issue(study: Path) -> None:
    edit(study / "判断矩阵" / "专家02.xlsx", FIRST_LEVEL, {"C4": 9, "D4": 9, "D5": 9})
    (path,) = write_revisions(load_project(study)).files
    book = load_workbook(path)
    words = " ".join(str(c.value) for row in book["填写说明"].iter_rows() for c in row if c.value)
    assert "程序算得" in words
    assert "CR=" in words
    shutil.copy(path, study / "判断矩阵" / "专家02.xlsx")
    assert not [f for f in load_project(study).findings if f.code.startswith("questionnaire")]


def test_the_heading_of_the_codes_renamed_is_a_finding(study: Path) -> None:
    edit(study / "项目.xlsx", "专家组", {"A1": "姓名"})
    assert [f.place.cell for f in of(study, "heading-missing", "heading-misspelt")] == ["A1"]


# --- what a round that is too small is called ---------------------------------------------------------------------
@pytest.mark.parametrize("method", ["专家咨询法", "组合"])
def test_too_few_answers_make_the_weights_provisional_for_that_reason(study: Path, method: str) -> None:
    """Two of twelve in round 2: the draft and the record say so, and the record verifies."""
    edit(study / "项目.xlsx", "方法设置", {_setting(study, "权重方法"): method})
    back(study, 2, CODES[:2], shift=10)
    build(study)
    record = json.loads((study / "成果" / "结果.json").read_text("utf-8"))
    assert record["weights"]["provisional"] is True
    (draft,) = (study / "成果").glob("清洁生产*.md")
    assert "最近一轮的参与人数低于事先确定的最低参与，所列权重为暂定值" in draft.read_text("utf-8")
    assert "尚待修改，所列" not in draft.read_text("utf-8")
    assert [d.path for d in verify(study / "成果" / "结果.json").differences] == []


def _setting(study: Path, name: str) -> str:
    rows = load_workbook(study / "项目.xlsx")["方法设置"].iter_rows()
    return next(row[1].coordinate for row in rows if row[0].value == name)
