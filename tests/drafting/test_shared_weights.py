"""Weights typed as shares (0.8/n) from the sheet to the verification: one weight everywhere, whatever the method."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drafting import load_project
from drafting.document.compose import compose
from drafting.document.tree import plain
from drafting.panel.definition import define
from drafting.pipeline.running import run_project
from drafting.record.results import record
from drafting.verification import verify
from drafting.workbook.questionnaires.writing import compared_of
from tests.drafting.survey_projects import write_csv, write_project

LEVELS = {"Ⅰ级基准值": "≤1", "Ⅱ级基准值": "≤2", "Ⅲ级基准值": "≤3", "基准值来源": "政策", "来源依据": "公开文本"}
METALS = ("铜利用", "镍利用", "金利用")


def project(folder: Path, method: str = "给定", weights: tuple[str | float, ...] = ("0.8/n",) * 3 + (0.2,)) -> Path:
    """Three metals that share 0.8 and a rest of 0.2; enterprise C plates one metal."""
    names = (*METALS, "综合利用")
    rows: list[dict[str, Any]] = [
        {"一级指标": "资源综合利用", "代码": f"Z{n}", "二级指标": name, "权重": w, **LEVELS}
        for n, (name, w) in enumerate(zip(names, weights, strict=True), 1)
    ]
    made = write_project(folder, rows, categories={"资源综合利用": 1}, settings={"权重方法": method})
    table = [["企业", *names], ["A", 1, 1, 1, 1], ["B", 1, 1, 3, 1], ["C", 1, "不适用", "不适用", 2]]
    write_csv(made, table)
    return made


@pytest.mark.parametrize("method", ["给定", "层次分析法", "专家咨询法", "组合"])
def test_a_share_is_given_whatever_the_method(tmp_path: Path, method: str) -> None:
    run = run_project(project(tmp_path, method), until="trial")
    assert not {f.code for f in run.findings} & {"judgements-missing", "delphi-missing", "weights-group-missing"}
    weights, trial = run.results.weights, run.results.trial
    assert weights is not None
    assert trial is not None
    (group,) = weights.second_level
    assert (group.method, [str(w.published) for w in group.weights]) == ("给定", ["0.8/n", "0.8/n", "0.8/n", "0.2"])
    assert sum(w.decimal for w in group.weights) == 1
    # D.2 by hand: B lacks a third of 0.8 at I; C has one metal, so n is 1 and it weighs 0.8.
    assert [float(e.y[g]) for e in trial.enterprises for g in e.y] == pytest.approx(
        [100, 100, 100, 100 * (1 - 0.8 / 3), 100 * (1 - 0.8 / 3), 100, 80, 100, 100]
    )
    assert {code: str(w) for code, w in trial.weights.items()} == {w.key: str(w.published) for w in group.weights}


def test_no_step_asks_for_a_group_that_is_given(tmp_path: Path) -> None:
    inputs = load_project(project(tmp_path, "专家咨询法")).inputs
    assert inputs is not None
    assert compared_of(inputs) == {}
    assert define(inputs)[0].groups == ()
    assert inputs.system.given == {"一级指标", "资源综合利用"}


def test_rounds_that_were_held_all_the_same_change_nothing(tmp_path: Path) -> None:
    """The draft used to print the panel's weights while the trial used the shares."""
    from dataclasses import replace
    from types import MappingProxyType

    from drafting.analysis.weights.weigh import weigh
    from drafting.findings import Provenance
    from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound

    inputs = load_project(project(tmp_path, "专家咨询法")).inputs
    assert inputs is not None
    said = MappingProxyType({"Z1": 40.0, "Z2": 30.0, "Z3": 20.0, "Z4": 10.0})
    answers = tuple(DelphiAnswer(f"E{n}", (Allocation("资源综合利用", said),)) for n in range(6))
    weights, found = weigh(replace(inputs, delphi=(DelphiRound(1, answers),)), Provenance())
    assert weights is not None
    (said,) = [f.message for f in found if f.code == "answers-overruled"]
    assert said == "“资源综合利用”的权重已在 项目.xlsx 中给定，6 位专家对该组的专家咨询问卷没有使用。"
    assert [str(w.published) for w in weights.second_level[0].weights] == ["0.8/n", "0.8/n", "0.8/n", "0.2"]


def test_the_draft_says_once_what_n_is(tmp_path: Path) -> None:
    run = run_project(project(tmp_path), until="trial")
    assert run.project.inputs is not None
    draft = compose(run.project.inputs, run.results)
    (table,) = [b for b in _tables(draft) if b.anchor == "table:system"]
    assert [c.text for row in table.body for c in row if c.text.endswith("/n")] == ["0.8/n"] * 3
    said = [plain(note.runs) for note in table.notes if "项数" in plain(note.runs)]
    assert said == ["二级指标权重0.8/n中的n，为同一一级指标下权重以该式给出、且适用于被评价企业的二级指标项数。"]


def _tables(draft: Any) -> list[Any]:
    from drafting.document.tree import Table, blocks

    return [b for b in blocks(draft) if isinstance(b, Table)]


def test_the_record_keeps_text_and_value_and_is_verified(tmp_path: Path) -> None:
    made = record(run_project(project(tmp_path), until="trial", deep=True))
    group = next(g for g in made["data"]["groups"] if g["group"] == "资源综合利用")
    assert group["typed"] == ["0.8/n", "0.8/n", "0.8/n", "0.2"]
    assert group["values"] == [{"share": "4/5"}] * 3 + [{"number": "1/5"}]
    file = tmp_path / "结果.json"
    file.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    assert verify(file).differences == []


@pytest.mark.parametrize("where", ["draft", "trial"])
def test_verify_notices_a_draft_and_a_trial_with_different_weights(tmp_path: Path, where: str) -> None:
    made = record(run_project(project(tmp_path), until="trial"))
    if where == "draft":
        made["weights"]["second_level"]["资源综合利用"][0]["printed"] = "0.26"
    else:
        made["trial"]["weights"]["second_level"]["Z1"] = "0.26"
    file = tmp_path / "结果.json"
    file.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    named = "weights.second_level.资源综合利用.Z1.printed" if where == "draft" else "trial.weights.second_level.Z1"
    assert [d.path for d in verify(file).differences] == [named]


def test_a_record_of_before_shares_had_a_type_is_still_verified(tmp_path: Path) -> None:
    """Such records carry the formula's tree; their draft printed the panel's weights, their trial used the shares."""
    made = record(run_project(project(tmp_path), until="trial"))
    for group in made["data"]["groups"]:
        shared = [v is not None and "share" in v for v in group.pop("values")]
        group["formulas"] = [["/", "0.8", ["name", "n"]] if s else None for s in shared]
        group["typed"] = [None if s else t for s, t in zip(shared, group["typed"], strict=True)]
    del made["trial"]["weights"]
    for rows in (made["weights"]["first_level"], *made["weights"]["second_level"].values()):
        for row in rows:
            del row["printed"]
    file = tmp_path / "结果.json"
    file.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    found = {d.path for d in verify(file).differences}
    assert {p for p in found if p.startswith("trial.")} == set()
    # Now as that version wrote it: another set of weights printed.
    for row, weight in zip(made["weights"]["second_level"]["资源综合利用"], ("0.4", "0.3", "0.2", "0.1"), strict=True):
        row["weight"] = weight
    file.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    assert "weights.second_level.资源综合利用.Z1.weight" in {d.path for d in verify(file).differences}


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("0.8/m", "weight-formula-wrong", "没有说明“m”是什么"),
        ("1/0", "weight-formula-wrong", "除数为 0"),
        ("0/n", "weight-formula-wrong", "份额为 0"),
        ("1/n²", "weight-formula-wrong", "不是一个数除以 n"),
        ("0.8/n左右", "weight-formula-wrong", "“左右”没有读懂"),
        ("0.5/n", "weights-sum", "0.7"),
        ("高", "weight-wrong", "高"),
        ("9" * 5000 + "/n", "weight-formula-wrong", "过长"),
    ],
)
def test_a_wrong_share_is_named_with_its_cause(tmp_path: Path, typed: str, code: str, words: str) -> None:
    weights = (typed, "0.5/n" if typed == "0.5/n" else "0.8/n", "0.5/n" if typed == "0.5/n" else "0.8/n", 0.2)
    read = load_project(project(tmp_path, weights=weights))
    found = [f for f in read.findings if f.code == code]
    assert len(found) == 1
    assert words in found[0].message
    assert (found[0].place.sheet, found[0].severity.value) == ("二级指标", "error")
    assert len(found[0].message) < 200


def test_a_third_is_a_third(tmp_path: Path) -> None:
    """0.33 three times is not 1; 1/3 is, where a questionnaire takes 1/3 as well."""
    run = run_project(project(tmp_path, weights=("1/3", "1/3", "1/6", "1/6")), until="trial")
    assert not [f for f in run.findings if f.code.startswith("weight") and f.severity.value == "error"]
    weights = run.results.weights
    assert weights is not None
    rows = weights.second_level[0].weights
    assert [str(w.published) for w in rows] == ["1/3", "1/3", "1/6", "1/6"]
    assert sum(w.decimal for w in rows) == 1


def test_first_level_weights_have_no_n(tmp_path: Path) -> None:
    made = write_project(tmp_path, [{"权重": 1, **LEVELS}], categories={"能源消耗": "1/n"})
    (found,) = [f for f in load_project(made).findings if f.code == "weight-formula-wrong"]
    assert (found.place.cell, "一级指标之间没有可数的 n" in found.message) == ("C2", True)


@pytest.mark.parametrize("delphi", [False, True])
def test_questionnaires_of_a_given_system_are_not_written(tmp_path: Path, delphi: bool) -> None:
    from dataclasses import replace
    from datetime import date

    from drafting.model.experts import Expert
    from drafting.pipeline.questionnaires import write_ahp, write_delphi

    read = load_project(project(tmp_path, "专家咨询法"))
    assert read.inputs is not None
    read = replace(read, inputs=replace(read.inputs, experts=(Expert("E1"), Expert("E2"))))
    written = write_delphi(read, 1, today=date(2026, 1, 1)) if delphi else write_ahp(read)
    assert (written.files, [f.code for f in written.findings]) == ((), ["questionnaires-all-given"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["调研数据.csv", "项目.xlsx"]


def test_the_draft_does_not_claim_a_method_that_weighed_nothing(tmp_path: Path) -> None:
    run = run_project(project(tmp_path, "专家咨询法"), until="trial")
    weights = run.results.weights
    assert weights is not None
    assert run.project.inputs is not None
    assert weights.method == "给定"
    from drafting.render.markdown import render_markdown

    text = render_markdown(compose(run.project.inputs, run.results))
    assert "由起草组根据行业特点给定" in text
    assert "Delphi" not in text
    assert "位小数" not in text


@pytest.mark.parametrize("method", ["层次分析法", "专家咨询法"])
def test_a_group_typed_in_part_is_one_finding_and_no_question(tmp_path: Path, method: str) -> None:
    run = run_project(project(tmp_path, method, ("0.8/n", "", "0.8/n", 0.2)), until="trial")
    codes = {f.code for f in run.findings}
    assert "weights-partly-typed" in codes
    assert not codes & {"weights-group-missing", "judgements-missing", "delphi-missing"}
    file = tmp_path / "结果.json"
    file.write_text(json.dumps(record(run), ensure_ascii=False), "utf-8")
    assert verify(file).differences == []


def test_the_self_assessment_workbook_prints_the_share_and_says_what_n_is(tmp_path: Path) -> None:
    from drafting.evaluation.draft import draft_of
    from drafting.workbook.assessment.writing import assessment_workbook

    run = run_project(project(tmp_path), until="trial")
    results, inputs = run.results, run.project.inputs
    assert inputs is not None
    assert results.weights is not None
    assert results.baselines is not None
    draft, _ = draft_of(inputs, results.weights, results.baselines)
    assert draft is not None
    sheet = assessment_workbook(draft, title="测试行业")["自评表"]
    shares = [cell for row in sheet.iter_rows() for cell in row if cell.value == "0.8/n"]
    assert len(shares) == 3
    assert all("二级指标项数" in cell.comment.text for cell in shares)
