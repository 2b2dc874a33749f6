"""Twelve scripted experts, two Delphi rounds and AHP, nothing but mailed workbooks – mistakes included."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from drafting.cli import app
from drafting.model.system import FIRST_LEVEL
from tests.drafting.weights_projects import CODES, TRUE, edit, fill_allocation, fill_judgements, keys, project

pytestmark = pytest.mark.slow

Answers = dict[str, tuple[float, ...]]


@dataclass
class Story:
    """What the committee saw at each step."""

    folder: Path
    faulty: dict[str, Any]
    round_one: dict[str, Answers]
    round_two: dict[str, Answers]
    after_one: dict[str, Any]
    sent_two: dict[str, Any]
    final: dict[str, Any]
    asked: dict[str, set[str]]


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """A command with --json: its exit status and what it wrote, without the function-scoped fixtures."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "utf-8", write_through=True)
    with contextlib.redirect_stdout(out):
        status = app.run([*arguments, "--json"])
    return status, json.loads(raw.getvalue().decode("utf-8"))


def first_answers() -> dict[str, Answers]:
    """Whole points that sum to 100; every expert sees it a little differently, the last one very differently."""
    answers: dict[str, Answers] = {}
    for k, code in enumerate(CODES):
        rng = np.random.default_rng(k)
        own: Answers = {}
        for group, true in TRUE.items():
            spread = 9 if code == "专家12" else 3
            values = np.clip(np.array(true) + rng.integers(-spread, spread + 1, len(true)), 1, None)
            values[0] += 100 - values.sum()
            own[group] = tuple(int(v) for v in values)
        answers[code] = own
    return answers


def second_answer(workbook: Path) -> tuple[Answers, set[str]]:
    """Read one's own workbook of round 2 and move to the nearer quartile where the last answer lay outside."""
    book = load_workbook(workbook)
    answers: dict[str, list[float]] = {}
    asked: set[str] = set()
    for title in ("一级指标权重", "二级指标权重"):
        sheet = book[title]
        heads = {sheet.cell(4, c).value: c for c in range(1, sheet.max_column + 1)}
        for row in range(5, sheet.max_row + 1):
            own, q1, q3 = (sheet.cell(row, heads[h]).value for h in ("上轮本人", "下四分位", "上四分位"))
            category = sheet.cell(row, heads["一级指标"]).value
            group = FIRST_LEVEL if title == "一级指标权重" else category
            if sheet.cell(row, heads["意见"]).fill.fgColor.rgb == "FFFFD9A8":
                asked.add(category if group == FIRST_LEVEL else sheet.cell(row, heads["二级指标"]).value)
            answers.setdefault(group, []).append(min(max(own, np.ceil(q1)), np.floor(q3)))
    whole: Answers = {}
    for group, values in answers.items():
        rest = 100 - sum(values)
        values[0] += rest
        whole[group] = tuple(values)
    return whole, asked


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = project(tmp_path_factory.mktemp("committee"), weight_method="组合")
    mail, back = folder / "成果" / "问卷", folder / "德尔菲"

    # Round 1 goes out, and comes back with every mistake that people make.
    assert run("questionnaires", str(folder), "--delphi", "1")[0] == 0
    assert run("questionnaires", str(folder), "--ahp")[0] == 0
    one = first_answers()
    for code, answers in one.items():
        name = f"{code}.xlsx"
        fill_allocation(mail / "德尔菲第1轮" / name, back / "第1轮" / name, answers, f"理由：{code[-2:]}")
    good = folder / "kept"
    shutil.copytree(back / "第1轮", good)
    edit(back / "第1轮" / "专家03.xlsx", "二级指标权重", {"C5": one["专家03"]["能源消耗"][0] - 1})  # sum 99
    edit(back / "第1轮" / "专家04.xlsx", "一级指标权重", {"B5": 120})
    edit(back / "第1轮" / "专家05.xlsx", "一级指标权重", {"B6": "不清楚"})
    edit(back / "第1轮" / "专家06.xlsx", "二级指标权重", {"C8": -5})
    edit(back / "第1轮" / "专家07.xlsx", "二级指标权重", {"C5": one["专家07"]["能源消耗"][0] + 1})  # sum 101
    shutil.copy(good / "专家01.xlsx", back / "第1轮" / "专家01（2）.xlsx")
    shutil.copy(good / "专家02.xlsx", back / "第1轮" / "外人.xlsx")
    edit(back / "第1轮" / "外人.xlsx", "专家", {"A2": "专家99"})
    (back / "第1轮" / "专家08.xlsx").unlink()

    # The judgement matrices come back likewise.
    matrices = folder / "判断矩阵"
    for code, answers in one.items():
        fill_judgements(mail / "层次分析法" / f"{code}.xlsx", matrices / f"{code}.xlsx", answers)
    kept = folder / "kept-ahp"
    shutil.copytree(matrices, kept)
    edit(matrices / "专家01.xlsx", FIRST_LEVEL, {"C4": 12})
    edit(matrices / "专家02.xlsx", FIRST_LEVEL, {"C4": 0})
    edit(matrices / "专家03.xlsx", FIRST_LEVEL, {"C4": "差不多"})
    edit(matrices / "专家04.xlsx", FIRST_LEVEL, {"C4": 5, "B5": 5})
    edit(matrices / "专家05.xlsx", "污染物产生与排放", {"C4": 1 / 9, "D4": 9, "D5": 1 / 9})  # a cycle
    book = load_workbook(matrices / "专家06.xlsx")
    del book["水资源消耗"]
    book.save(matrices / "专家06.xlsx")
    shutil.copy(kept / "专家07.xlsx", matrices / "专家07 修改.xlsx")
    faulty = run("weights", str(folder))[1]

    # The experts are written to; corrected files take the place of the faulty ones.
    for target, source in ((back / "第1轮", good), (matrices, kept)):
        shutil.rmtree(target)
        shutil.move(source, target)
    edit(matrices / "专家02.xlsx", FIRST_LEVEL, {"C4": "５／２", "D4": "1.67"})
    after_one = run("weights", str(folder))[1]

    # Round 2: everybody reads the own feedback and answers; the last expert stays apart and says why.
    assert run("questionnaires", str(folder), "--delphi", "2")[0] == 0
    sent_two = run("weights", str(folder))[1]
    two: dict[str, Answers] = {}
    asked: dict[str, set[str]] = {}
    for code in CODES:
        workbook = mail / "德尔菲第2轮" / f"{code}.xlsx"
        two[code], asked[code] = second_answer(workbook)
        fill_allocation(workbook, back / "第2轮" / f"{code}.xlsx", two[code])
    final = run("weights", str(folder), "--compare")[1]
    return Story(folder, faulty, one, two, after_one, sent_two, final, asked)


def found(result: dict[str, Any], code: str) -> list[tuple[str, str, str]]:
    return [(f["file"], f["sheet"], f["cell"]) for f in result["findings"] if f["code"] == code]


def test_every_mistake_of_round_one_is_found_at_its_cell(story: Story) -> None:
    of = "德尔菲/第1轮"
    sums = found(story.faulty, "delphi-sum")
    assert (f"{of}/专家03.xlsx", "二级指标权重", "C5") in sums
    assert (f"{of}/专家07.xlsx", "二级指标权重", "C5") in sums
    assert len(sums) == 2
    assert sorted(found(story.faulty, "delphi-weight-wrong")) == [
        (f"{of}/专家04.xlsx", "一级指标权重", "B5"),
        (f"{of}/专家05.xlsx", "一级指标权重", "B6"),
        (f"{of}/专家06.xlsx", "二级指标权重", "C8"),
    ]
    assert (f"{of}/外人.xlsx", "专家", "A2") in found(story.faulty, "expert-unknown")
    twice = [f for f in found(story.faulty, "expert-two-files") if f[0].startswith(of)]
    assert len(twice) == 1
    messages = [f["message"] for f in story.faulty["findings"] if f["code"] == "delphi-sum"]
    assert any("99" in m for m in messages)
    assert any("101" in m for m in messages)


def test_every_mistake_in_a_matrix_is_found_at_its_cell(story: Story) -> None:
    assert sorted(found(story.faulty, "judgement-wrong")) == [
        (f"判断矩阵/专家{k}.xlsx", FIRST_LEVEL, "C4") for k in ("01", "02", "03")
    ]
    assert found(story.faulty, "judgement-not-reciprocal") == [("判断矩阵/专家04.xlsx", FIRST_LEVEL, "B5")]
    assert [f[0] for f in found(story.faulty, "judgement-sheet-missing")] == ["判断矩阵/专家06.xlsx"]
    assert len([f for f in found(story.faulty, "expert-two-files") if f[0].startswith("判断矩阵")]) == 1
    over = found(story.faulty, "expert-inconsistent")
    assert [f[:2] for f in over] == [("判断矩阵/专家05.xlsx", "污染物产生与排放")]
    assert over[0][2] in {"C4", "D4", "D5", "E4", "E5", "E6"}
    assert found(story.faulty, "expert-cycle")


def test_who_has_not_answered_and_who_must_revise_what_is_listed(story: Story) -> None:
    assert story.faulty["panel"]["not_answered"]["德尔菲第1轮问卷"] == ["专家08"]
    (revise,) = story.faulty["panel"]["revise"]
    assert (revise["expert"], revise["matrix"]) == ("专家05", "污染物产生与排放")
    assert revise["judgements"][0]["cr_step"] < revise["cr"]
    assert story.faulty["provisional"] is True


def test_corrected_files_leave_no_error(story: Story) -> None:
    assert [f for f in story.after_one["findings"] if f["severity"] == "error"] == []
    assert story.after_one["provisional"] is False
    assert "delphi-round-one" in {f["code"] for f in story.after_one["findings"]}
    assert story.after_one["delphi"]["stopping"]["verdict"]["stop"] is False


def test_a_round_that_was_sent_is_to_be_collected_not_sent_again(story: Story) -> None:
    def remedies(result: dict[str, Any]) -> set[str]:
        return {f["remedy"] for f in result["findings"] if f["code"] in ("delphi-round-one", "delphi-go-on")}

    assert remedies(story.after_one) == {"用 drafting questionnaires 项目文件夹 --delphi 2 发放第 2 轮问卷。"}
    (collect,) = remedies(story.sent_two)
    assert "--delphi" not in collect
    assert "记录/问卷发放.json" in collect
    assert "德尔菲/第2轮/" in collect


def test_the_rule_was_frozen_before_round_one(story: Story) -> None:
    record = json.loads((story.folder / "记录" / "停止规则.json").read_text("utf-8"))
    assert len(record["entries"]) == 1
    assert record["entries"][0]["before_round"] == 1
    stopping = story.final["delphi"]["stopping"]
    assert stopping["frozen"] is True
    assert stopping["sha256"] == record["entries"][0]["sha256"]


def test_feedback_is_what_the_answers_give(story: Story) -> None:
    # numpy's default quantile is type 7, a second route to the figures in the workbook
    book = load_workbook(story.folder / "成果" / "问卷" / "德尔菲第2轮" / "专家05.xlsx")
    sheet = book["二级指标权重"]
    assert [sheet.cell(4, c).value for c in (5, 6, 7, 8, 9)] == ["上轮本人", "中位数", "下四分位", "上四分位", "意见"]
    answers = np.array([story.round_one[c]["能源消耗"] for c in CODES], dtype=float)
    for row, column in zip((5, 6, 7), answers.T, strict=True):
        own, median, q1, q3 = (sheet.cell(row, c).value for c in (5, 6, 7, 8))
        assert own == story.round_one["专家05"]["能源消耗"][row - 5]
        assert [median, q1, q3] == pytest.approx([np.median(column), *np.quantile(column, [0.25, 0.75])])
    for code in CODES:
        for group in TRUE:
            table = np.array([story.round_one[c][group] for c in CODES], dtype=float)
            low, high = np.quantile(table, 0.25, axis=0), np.quantile(table, 0.75, axis=0)
            own = np.array(story.round_one[code][group])
            outside = {_name(group, i) for i in np.flatnonzero((own < low) | (own > high))}
            assert outside == story.asked[code] & {_name(group, i) for i in range(len(own))}


def _name(group: str, position: int) -> str:
    from tests.drafting.weights_projects import CATEGORIES

    return keys(group)[position] if group == FIRST_LEVEL else CATEGORIES[group][position]


def test_reasons_come_back_without_a_name_and_never_the_own_one(story: Story) -> None:
    for code in CODES:
        book = load_workbook(story.folder / "成果" / "问卷" / "德尔菲第2轮" / f"{code}.xlsx")
        words = [str(c.value) for row in book["上轮反馈"].iter_rows() for c in row if c.value]
        assert not any(other in w for other in CODES for w in words)
        assert not any(f"理由：{code[-2:]}" in w for w in words)
    assert any("理由：" in w for w in words)


def test_the_weights_are_the_mean_of_both_methods(story: Story) -> None:
    from weighting import nearest_step

    for group in TRUE:
        details = story.final["groups"][group]["combination"]
        delphi = np.array([story.round_two[c][group] for c in CODES], dtype=float).mean(axis=0) / 100
        assert details["vectors"]["专家咨询法"] == pytest.approx(delphi.tolist())
        stack = []
        for code in CODES:
            w = story.round_one[code][group]
            a = np.ones((len(w), len(w)))
            for i in range(len(w)):
                for j in range(i + 1, len(w)):
                    a[i, j] = nearest_step(w[i] / w[j])
                    if code == "专家02" and group == FIRST_LEVEL:
                        a[i, j] = {(0, 1): 2.5, (0, 2): 1.67}.get((i, j), a[i, j])
                    a[j, i] = 1 / a[i, j]
            stack.append(a)
        values, vectors = np.linalg.eig(np.exp(np.log(stack).mean(axis=0)))  # a second route to the eigenvector
        w = np.abs(vectors[:, values.real.argmax()].real)
        assert details["vectors"]["层次分析法"] == pytest.approx((w / w.sum()).tolist(), abs=1e-9)
        exact = [x["exact"] for x in _level(story.final, group)]
        assert exact == pytest.approx((0.5 * delphi + 0.5 * w / w.sum()).tolist(), abs=1e-9)
        assert sum(round(100 * float(x["weight"])) for x in _level(story.final, group)) == 100


def _level(result: dict[str, Any], group: str) -> list[dict[str, Any]]:
    return result["first_level"] if group == FIRST_LEVEL else result["second_level"][group]


def test_the_verdict_on_stopping_is_printed_with_its_reasons(story: Story) -> None:
    verdict = story.final["delphi"]["stopping"]["verdict"]
    assert verdict["round"] == 2
    asked = {"max_histogram_change", "max_cv", "min_rounds", "min_response", "min_pairs"}
    assert {r["criterion"] for r in verdict["reasons"]} == asked
    assert all(r["text"] for r in verdict["reasons"])
    assert verdict["stop"] is all(r["passed"] for r in verdict["reasons"])
    codes = {f["code"] for f in story.final["findings"]}
    assert ("delphi-stopped" in codes) is verdict["stop"]
    assert ("delphi-go-on" in codes) is not verdict["stop"]


def test_response_and_dissent_are_on_record(story: Story) -> None:
    assert story.final["delphi"]["response"]["2"]["rate"] == 1
    assert story.faulty["delphi"]["response"]["1"]["rate"] == pytest.approx(11 / 12)
    parts = story.final["groups"][FIRST_LEVEL]["parts"]["专家咨询法"]
    for d in parts["dissent"]:
        assert d["value"] < d["q1"] or d["value"] > d["q3"]
    assert set(parts["rounds"]) == {"1", "2"}
    assert parts["stability"]["2"]["paired"] == list(CODES)


def test_a_rule_changed_afterwards_is_an_error_with_both_hashes(story: Story, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(story.folder, copy)
    book = load_workbook(copy / "项目.xlsx")
    for row in book["方法设置"].iter_rows():
        if row[0].value == "停止规则：变异系数":
            row[1].value, cell = 0.9, row[1].coordinate
    book.save(copy / "项目.xlsx")
    status, result = run("weights", str(copy))
    (changed,) = (f for f in result["findings"] if f["code"] == "stopping-rule-changed")
    assert status == 1
    assert (changed["file"], changed["sheet"], changed["cell"]) == ("项目.xlsx", "方法设置", cell)
    assert story.final["delphi"]["stopping"]["sha256"] in changed["message"]
    assert result["delphi"]["stopping"]["sha256"] == story.final["delphi"]["stopping"]["sha256"]
    # the next questionnaires log the change and leave the first entry alone
    run("questionnaires", str(copy), "--delphi", "3")
    entries = json.loads((copy / "记录" / "停止规则.json").read_text("utf-8"))["entries"]
    assert [e["before_round"] for e in entries] == [1, 3]
    assert entries[1]["changed_from"] == entries[0]["sha256"]


def test_inputs_are_never_written_to(story: Story) -> None:
    assert sorted(p.name for p in story.folder.iterdir()) == ["判断矩阵", "德尔菲", "成果", "记录", "项目.xlsx"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="re-saving the files needs LibreOffice")
def test_files_saved_again_by_another_program_read_the_same(story: Story, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(story.folder, copy)
    for part in ("判断矩阵", "德尔菲/第1轮", "德尔菲/第2轮"):
        files = sorted((copy / part).glob("*.xlsx"))
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to",
             "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", *files],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        for file in files:
            shutil.move(tmp_path / "out" / file.name, file)
    _, result = run("weights", str(copy))
    for name in ("first_level", "second_level", "experts", "delphi"):
        assert result[name] == story.final[name]
