"""``drafting trial``, ``evaluate`` and ``calibrate`` as a user meets them; every figure by hand from one short survey.

Twenty enterprises use 1…20 kgce/t; all reach the policy value of the share. So 5, 20 and 50 % of them (5.5.2) are
those at 1, 4 and 10 kgce/t, and the grades fall I 1, II 3, III 6, none 10.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.cli import app
from tests.drafting.survey_projects import write_csv, write_project

GRADES = ("I", "II", "III")
HEADS: list[Any] = ["企业", "地区", "单位产品能耗", "回用率"]
INDICATORS = [
    {"代码": "E1", "二级指标": "单位产品能耗", "限定性": "是", "小数位": 0, "下限": 0},
    {"代码": "E2", "二级指标": "回用率", "单位": "%", "方向": "越大越好", "Ⅰ级基准值": "≥90",
     "Ⅱ级基准值": "≥80", "Ⅲ级基准值": "≥70", "基准值来源": "政策", "来源依据": "某办法", "下限": 0, "上限": 100},
]  # fmt: skip
SURVEY: list[list[Any]] = [HEADS, *([f"企业{n:02}", "东" if n <= 10 else "西", n, 95] for n in range(1, 21))]
REGION: list[list[Any]] = [HEADS, ["甲", "东", 1, 95], ["乙", "东", 4, 85], ["丙", "西", 11, 95], ["丁", "西", 3, None]]


def small(folder: Path, *, weights: tuple[float | str, float | str] = (0.5, 0.5)) -> Path:
    """The project of this file; a weight may be blank."""
    write_project(folder, [{**one, "权重": weight} for one, weight in zip(INDICATORS, weights, strict=True)])
    write_csv(folder, SURVEY)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("trial"))


def run(capfdbinary: pytest.CaptureFixture[bytes], *arguments: object) -> tuple[int, str, str]:
    status = app.run([str(a) for a in arguments])
    said = capfdbinary.readouterr()
    return status, said.out.decode("utf-8"), said.err.decode("utf-8")


def as_json(capfdbinary: pytest.CaptureFixture[bytes], *arguments: object) -> tuple[int, Any]:
    status, out, _ = run(capfdbinary, *arguments, "--json")
    return status, json.loads(out)


def keeps_the_contract(answer: Any) -> None:
    """Fields of ``evaluate`` and ``trial`` that programs rely on."""
    assert set(answer["distribution"]) == {*GRADES, "none", "excluded"}
    assert sum(answer["distribution"].values()) == len(answer["enterprises"])
    for one in answer["enterprises"]:
        assert one["grade"] in (*GRADES, None)
        assert all(isinstance(one[f"Y_{g}"], float) for g in GRADES)
        assert all(isinstance(reason, str) for reason in one["reasons"])
    for one in answer["findings"]:
        assert {"code", "severity", "file", "sheet", "cell", "clause", "message"} <= set(one)


def write_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def codes(answer: Any) -> set[str]:
    return {one["code"] for one in answer["findings"]}


# --- trial ---
def test_trial_on_the_screen_shows_the_joint_effect(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, out, _ = run(capfdbinary, "trial", plain)
    assert status == 0
    for words in ("10 家（50.0%）达不到任何等级", "卡住企业最多的指标", "单位产品能耗＊", "企业01", "地区"):
        assert words in out, words
    assert "对企业重抽样" not in out


def test_the_joint_effect_counts_requirements_in_words_too(tmp_path: Path, capfdbinary: Any) -> None:
    """Grade III: 10 of 20 use at most 10 kgce/t (50 %), all reach the share, 8 of 20 the requirement (40 %)."""
    worded = {"代码": "Q1", "二级指标": "管理", "单位": "", "方向": "定性", "权重": 0.2, "基准值来源": "定性",
              "Ⅰ级基准值": "好", "Ⅱ级基准值": "中", "Ⅲ级基准值": "尚可"}  # fmt: skip
    write_project(tmp_path, [{**INDICATORS[0], "权重": 0.4}, {**INDICATORS[1], "权重": 0.4}, worded])
    rows = [[*row, "Ⅲ级" if 3 <= n <= 10 else "未达到"] for n, row in enumerate(SURVEY[1:], start=1)]
    write_csv(tmp_path, [[*HEADS, "管理"], *rows])
    _, out, _ = run(capfdbinary, "trial", tmp_path)
    assert "每项都不少于 40.0%" in out


def test_trial_as_json_keeps_the_contract(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, answer = as_json(capfdbinary, "trial", plain)
    assert status == 0
    keeps_the_contract(answer)
    assert answer["distribution"] == {"I": 1, "II": 3, "III": 6, "none": 10, "excluded": 0}
    by_name = {one["enterprise"]: one for one in answer["enterprises"]}
    assert [by_name["企业02"][f"Y_{g}"] for g in GRADES] == [50, 100, 100]
    assert by_name["企业01"]["reasons"] == []
    assert "单位产品能耗" in by_name["企业11"]["reasons"][0]


def test_trial_details_are_computed_on_demand(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, out, _ = run(capfdbinary, "trial", plain, "--details")
    assert status == 0
    for words in ("逐项变动的影响", "对企业重抽样", "临界企业"):
        assert words in out, words


def test_trial_charts_name_enterprises_only_when_internal(
    plain: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    pytest.importorskip("typst", reason="PNG needs the extra “charts”")
    _, public = as_json(capfdbinary, "trial", plain, "--charts")
    _, internal = as_json(capfdbinary, "trial", plain, "--charts", "--internal")
    assert not any("热图" in name for name in public["files"])
    assert {Path(f).name for f in internal["files"]} - {Path(f).name for f in public["files"]} == {
        "试评价-企业指标热图（内部）.png", "试评价-企业指标热图（内部）.svg",
    }  # fmt: skip
    assert all(Path(f).stat().st_size for f in internal["files"])


def test_trial_internal_alone_is_wrong_usage(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, out, error = run(capfdbinary, "trial", plain, "--internal")
    assert (status, out) == (2, "")
    assert "--charts" in error


def test_trial_without_weights_or_survey_answers_with_findings(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = small(tmp_path, weights=("", ""))
    status, answer = as_json(capfdbinary, "trial", folder)
    assert status == 1
    assert (answer["enterprises"], sum(answer["distribution"].values())) == ([], 0)
    errors = [one for one in answer["findings"] if one["severity"] == "error"]
    assert any(one["sheet"] == "二级指标" and "权重" in one["message"] for one in errors), errors
    (folder / "调研数据.csv").unlink()
    assert "survey-missing" in codes(as_json(capfdbinary, "trial", folder)[1])


@pytest.mark.parametrize("command", [("trial",), ("evaluate", "区域.csv"), ("calibrate",)])
def test_a_folder_that_is_not_there_is_wrong_usage(
    tmp_path: Path, command: tuple[str, ...], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    status, out, error = run(capfdbinary, command[0], tmp_path / "没有", *command[1:], "--json")
    assert status == 2
    assert json.loads(out)["findings"] == []
    assert "没有" in error
    assert "Traceback" not in error


# --- evaluate ---
def test_evaluate_gives_the_grades_by_hand_and_writes_the_result(
    plain: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = write_xlsx(tmp_path / "区域.xlsx", REGION)
    status, answer = as_json(capfdbinary, "evaluate", plain, file)
    assert status == 0
    keeps_the_contract(answer)
    assert [one["grade"] for one in answer["enterprises"]] == ["I", "II", None, None]
    indices = [[one[f"Y_{g}"] for g in GRADES] for one in answer["enterprises"]]
    assert indices == [[100, 100, 100], [0, 100, 100], [50, 50, 50], [0, 50, 50]]
    assert "缺少数据" in "".join(answer["enterprises"][3]["reasons"])
    (written,) = answer["files"]
    assert Path(written) == plain / "成果" / "评价结果-区域.xlsx"
    sheet = openpyxl.load_workbook(written)["评价结果"]
    # 丙 (Y_III 50, Y_I 50) before 丁 (Y_III 50, Y_I 0)
    assert [[c.value for c in row[:5]] for row in sheet.iter_rows(min_row=2)] == [
        [1, "甲", "东", "Ⅰ级", 100], [2, "乙", "东", "Ⅱ级", 0], [3, "丙", "西", "未达Ⅲ级", 50],
        [4, "丁", "西", "未达Ⅲ级", 0],
    ]  # fmt: skip
    _, out, _ = run(capfdbinary, "evaluate", plain, file)
    assert "已写出" in out


def test_evaluate_is_the_same_from_every_kind_of_file(
    plain: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="parquet needs the extra “parquet”")
    import pyarrow.parquet as parquet

    write_xlsx(tmp_path / "区域.xlsx", REGION)
    write_csv(tmp_path, REGION).rename(tmp_path / "区域.csv")
    columns = {name: [row[k] for row in REGION[1:]] for k, name in enumerate(HEADS)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "区域.parquet")
    answers = []
    for suffix in ("xlsx", "csv", "parquet"):
        status, answer = as_json(capfdbinary, "evaluate", plain, tmp_path / f"区域.{suffix}")
        assert status == 0, answer["findings"]
        answers.append((answer["enterprises"], answer["distribution"], sorted(codes(answer))))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    ("rows", "code", "cell"),
    [
        ([HEADS, ["甲", "东", "约三", 95]], "survey-not-a-number", "C2"),
        ([[*HEADS, "冰川面积"], ["甲", "东", 3, 95, 7]], "survey-column-unknown", "E1"),
        ([HEADS, ["甲", "东", 3, 101]], "survey-outside-limits", "D2"),
        ([HEADS, ["甲", "东", -3, 95]], "survey-outside-limits", "C2"),
        ([HEADS, ["单位", None, "m³/t", "%"], ["甲", "东", 3, 95]], "survey-unit", "C2"),
    ],
)
def test_evaluate_names_the_cell_at_fault(
    plain: Path, tmp_path: Path, rows: list[list[Any]], code: str, cell: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = write_xlsx(tmp_path / "区域.xlsx", rows)
    status, answer = as_json(capfdbinary, "evaluate", plain, file)
    places = [(one["file"], one["cell"], one["severity"]) for one in answer["findings"] if one["code"] == code]
    assert [place[:2] for place in places] == [("区域.xlsx", cell)], answer["findings"]
    assert status == int(any(one["severity"] == "error" for one in answer["findings"]))


def test_evaluate_converts_a_stated_unit_and_reads_numbers_as_text(
    plain: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows = [HEADS, ["单位", None, "gce/t", "%"], ["甲", "东", "1，000", "95%"], ["乙", "东", "1001", 95]]
    _, answer = as_json(capfdbinary, "evaluate", plain, write_xlsx(tmp_path / "区域.xlsx", rows))
    assert [one["grade"] for one in answer["enterprises"]] == ["I", "II"]  # 1 and 1.001 kgce/t against 1 and 4


def test_evaluate_one_enterprise(plain: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write_csv(tmp_path, REGION[:2])
    status, answer = as_json(capfdbinary, "evaluate", plain, file)
    assert status == 0
    assert answer["distribution"] == {"I": 1, "II": 0, "III": 0, "none": 0, "excluded": 0}


def test_evaluate_with_a_draft_without_weights(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    folder = small(tmp_path / "草案", weights=("", ""))
    file = write_xlsx(tmp_path / "区域.xlsx", REGION)
    status, answer = as_json(capfdbinary, "evaluate", folder, file)
    assert (status, answer["enterprises"], answer["files"]) == (1, [], [])
    assert not (folder / "成果").exists()
    assert any("权重" in one["message"] for one in answer["findings"] if one["severity"] == "error")


def test_evaluate_a_file_that_is_not_there(
    plain: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    status, answer = as_json(capfdbinary, "evaluate", plain, tmp_path / "没有.xlsx")
    assert status in (1, 2)
    assert any(one["file"] == "没有.xlsx" for one in answer["findings"])


def lose_cached_values(path: Path, formulas: dict[str, str]) -> None:
    """Give cells formulas without values, as some programs save a workbook that they have not computed."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for cell, formula in formulas.items():
        sheet[cell] = formula
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    for cell in formulas:
        assert re.search(rf'r="{cell}"[^>]*><f>[^<]+</f><v ?/?>(</v>)?</c>', text), "the cell must carry no value"


def test_formulas_whose_values_were_lost_are_named_cell_by_cell(
    plain: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = write_xlsx(tmp_path / "区域.xlsx", REGION)
    lose_cached_values(file, {"C3": "=2*2", "D4": "=SUM(90,5)"})
    status, answer = as_json(capfdbinary, "evaluate", plain, file)
    assert status == 1
    lost = [one for one in answer["findings"] if one["code"] == "formula-no-value"]
    assert [(one["file"], one["cell"], one["severity"]) for one in lost] == [
        ("区域.xlsx", "C3", "error"), ("区域.xlsx", "D4", "error"),
    ]  # fmt: skip
    assert all("没有存它的计算结果" in one["message"] and one["remedy"] for one in lost)
    assert next(one["grade"] for one in answer["enterprises"]) == "I", "the sound rows are judged all the same"


# --- calibrate ---
def test_calibrate_gives_the_values_by_hand(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """10, 30 and 60 % of twenty are 2, 6 and 12 enterprises: 1 → 2, 4 → 6, 10 → 12, at 5 + 10 + 10 points."""
    status, answer = as_json(capfdbinary, "calibrate", plain, "--targets", "10,30,60")
    assert status == 0
    found = answer["calibration"]
    assert found["before"]["distribution"] == {"I": 1, "II": 3, "III": 6, "none": 10, "excluded": 0}
    assert found["after"]["distribution"] == {"I": 2, "II": 4, "III": 6, "none": 8, "excluded": 0}
    assert [one["after"]["value"] for one in found["changes"]] == ["2", "6", "12"]
    assert [one["grade"] for one in found["changes"]] == list(GRADES)
    assert found["after"]["price"] == pytest.approx(25)
    assert (found["met"], found["reachable"], found["fixed"], found["shortfalls"]) == (True, True, ["E2"], [])
    assert "5.5.2" in found["caution"]


def test_calibrate_on_the_screen_says_what_it_is(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, out, _ = run(capfdbinary, "calibrate", plain, "--targets", "10,30,60", "--limits", "III=40-55")
    assert status == 0
    for words in ("不能代替 5.5.2", "代价曲线", "保持不变（政策值、定性要求）：回用率", "还差 1 家", "最多 11 家"):
        assert words in out, words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--targets", "20,5,50"), "次序不对"),
        (("--targets", "5,20"), "应为三个百分数"),
        (("--targets", "5,20,150"), "不在 0～100 之间"),
        (("--targets", "甲,乙,丙"), "应为三个百分数"),
        (("--limits", "III=60-40"), "下限应不大于上限"),
        (("--limits", "Q9:III=40-60"), "没有代码为“Q9”的指标"),
    ],
)
def test_targets_and_limits_that_make_no_sense_are_wrong_usage(
    plain: Path, options: tuple[str, ...], words: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    status, out, error = run(capfdbinary, "calibrate", plain, *options)
    assert (status, out) == (2, "")
    assert words in error
    assert options[0] in error
    assert "Traceback" not in error


def test_calibrate_without_weights_says_what_it_needs(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = small(tmp_path, weights=("", ""))
    status, answer = as_json(capfdbinary, "calibrate", folder)
    assert (status, answer["calibration"]) == (1, None)
    status, out, _ = run(capfdbinary, "calibrate", folder)
    assert status == 1
    assert "不能校准：需要完整的权重、基准值和调研数据。" in out


def test_calibrate_draws_the_price(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    pytest.importorskip("typst", reason="PNG needs the extra “charts”")
    _, answer = as_json(capfdbinary, "calibrate", plain, "--charts")
    assert {Path(f).name for f in answer["files"]} == {"联合校准-代价曲线.png", "联合校准-代价曲线.svg"}


@pytest.mark.slow
def test_self_assessments_of_a_folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A form filled with 4 kgce/t and 85 % reaches II as the row 乙 of a region's table does."""
    project = small(tmp_path / "项目")
    assert run(capfdbinary, "render", project, "--to", "workbook")[0] == 0
    form = next((project / "成果").glob("*企业自评表.xlsx"))
    folder = tmp_path / "自评"
    folder.mkdir()
    for name, energy, share in (("甲", 1, 95), ("乙", 4, 85), ("丙", 11, 95)):
        book = openpyxl.load_workbook(form)
        for cell, value in (("C3", name), ("J4", "否"), ("J9", energy), ("J10", share)):
            book["自评表"][cell] = value
        book.save(folder / f"{name}.xlsx")
    status, answer = as_json(capfdbinary, "evaluate", project, folder)
    keeps_the_contract(answer)
    assert status == 0
    assert "逐项看" not in json.dumps(answer, ensure_ascii=False)  # a share of the survey says nothing of these three
    assert {e["enterprise"]: e["grade"] for e in answer["enterprises"]} == {"甲": "I", "乙": "II", "丙": None}
    assert (project / "成果" / "评价结果-自评.xlsx").is_file()
    status, answer = as_json(capfdbinary, "evaluate", project, folder / "乙.xlsx")
    assert [e["grade"] for e in answer["enterprises"]] == ["II"]


def test_evaluate_judges_an_enterprise_that_the_baselines_leave_out(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Sheet 剔除 is about the survey: the values of a file that is evaluated were gone without a word."""
    out = [("甲", "", "停产。"), ("乙", "E1", "口径不同。"), ("企业20", "", "停产。")]
    rows = [{**one, "权重": 0.5} for one in INDICATORS]
    write_csv(write_project(tmp_path / "p", rows, exclusions=out), SURVEY)
    write_csv(tmp_path, [HEADS, ["甲", "东", 1, 95], ["乙", "东", 4, 85], ["企业20", "西", 4, 95]])
    _, answer = as_json(capfdbinary, "evaluate", tmp_path / "p", tmp_path / "调研数据.csv")
    assert [(e["enterprise"], e["grade"]) for e in answer["enterprises"]] == [
        ("甲", "I"),
        ("乙", "II"),
        ("企业20", "II"),
    ]
