"""Weights 0.8/n beside weights by experts, from the questionnaires to verify: one n everywhere, told once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from tests.drafting.test_two_rounds import run
from tests.drafting.weights_projects import fill_allocation
from tests.drafting.workbook.assessment_cases import recalculate

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"
GROUP, SHARES = "资源综合利用", {"Z1": "0.8/n", "Z2": "0.8/n", "Z3": "0.8/n", "Z4": 0.2}
PLATED = {"Z2", "Z3"}
"""Indicators that do not apply to the enterprise that is evaluated: one of three shares is left, so n is 1."""


def sheet_rows(sheet: Any, name: str) -> dict[Any, dict[str, Any]]:
    """Cells of a list by heading, by the value of one column."""
    heads = {c.value: c.column for c in sheet[1]}
    return {
        sheet.cell(r, heads[name]).value: {h: sheet.cell(r, c) for h, c in heads.items()}
        for r in range(2, sheet.max_row + 1)
    }


def project(folder: Path, method: str) -> dict[str, Any]:
    """The example with a group of shares; what its first enterprise answered, by name of the indicator."""
    shutil.copytree(EXAMPLE, folder)
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    sheet_rows(book["方法设置"], "项目")["权重方法"]["内容"].value = method
    rows = sheet_rows(book["二级指标"], "代码")
    for code, weight in {**SHARES, "T1": None}.items():
        rows[code]["权重"].value = weight
    names = {code: row["二级指标"].value for code, row in rows.items() if code}
    book.save(folder / "项目.xlsx")
    survey = openpyxl.load_workbook(folder / "调研数据.xlsx")
    sheet = survey.active
    heads = {c.value: c.column for c in sheet[1]}
    first = next(r for r in range(2, 9) if str(sheet.cell(r, 1).value).startswith("合成企业"))
    for code in PLATED:
        sheet.cell(first, heads[names[code]]).value = "不适用"
    survey.save(folder / "调研数据.xlsx")
    return {h: sheet.cell(first, c).value for h, c in heads.items()}


def rounds(folder: Path, answers: dict[str, tuple[float, ...]]) -> None:
    """Two rounds of twelve experts who answer alike, but for two who change places on the first two items."""
    shutil.rmtree(folder / "判断矩阵")
    shutil.rmtree(folder / "记录")
    for number in (1, 2):
        assert run("questionnaires", str(folder), "--delphi", str(number))[0] == 0
        for path in sorted((folder / "成果/问卷" / f"德尔菲第{number}轮").glob("*.xlsx")):
            sheet = openpyxl.load_workbook(path)["二级指标权重"]
            assert GROUP not in {c.value for c in sheet["A"]}
            fill_allocation(path, folder / "德尔菲" / f"第{number}轮" / path.name, answers)


def form(written: Path, target: Path, answers: dict[str, Any]) -> Path:
    """The self-assessment workbook, filled in as the survey has it."""
    book = openpyxl.load_workbook(written)
    sheet = book["自评表"]
    sheet["C3"] = answers["企业"]
    for row in range(9, sheet.max_row + 1):
        value = answers.get(sheet.cell(row, 3).value)
        if value == "不适用":
            sheet.cell(row, 11).value = value
        elif value not in (None, "—", "/"):
            sheet.cell(row, 10).value = value
    book.save(target)
    return target


@pytest.mark.parametrize("method", ["专家咨询法", "层次分析法"])
def test_one_n_from_the_questionnaires_to_verify(tmp_path: Path, method: str) -> None:
    folder = tmp_path / "建筑陶瓷"
    answers = project(folder, method)
    if method == "专家咨询法":
        book = openpyxl.load_workbook(folder / "项目.xlsx")
        sizes: dict[str, int] = {}
        for row in sheet_rows(book["二级指标"], "代码").values():
            if name := row["一级指标"].value:
                sizes[name] = sizes.get(name, 0) + 1
        equal = {name: (100.0 - (n - 1) * (100 // n), *[100 // n] * (n - 1)) for name, n in sizes.items()}
        rounds(folder, {"一级指标": (20.0, *[10.0] * 8), **equal})
    else:
        asking = tmp_path / "问卷"  # sent out anew, the example's own matrices would be of an earlier number
        shutil.copytree(folder, asking)
        assert run("questionnaires", str(asking), "--ahp")[0] == 0
        blank = next((asking / "成果/问卷").rglob("*.xlsx"))
        assert GROUP not in openpyxl.load_workbook(blank).sheetnames
    assert run("build", str(folder), "--quick")[0] == 0
    record = json.loads((folder / "成果/结果.json").read_text("utf-8"))
    said = {f["code"] for f in record["findings"]}
    assert ("answers-overruled" in said) is (method == "层次分析法")  # the example's matrices hold the group
    printed = {r["indicator"]: r["printed"] for r in record["weights"]["second_level"][GROUP]}
    assert list(printed.values()) == ["0.8/n", "0.8/n", "0.8/n", "0.2"]
    weights = record["trial"]["weights"]["second_level"]
    assert {c: weights[c] for c in SHARES} == {c: str(w) for c, w in SHARES.items()}

    draft = docx.Document(str(next(p for p in (folder / "成果").glob("*.docx") if "指标体系" in p.name)))
    rows = [[c.text for c in row.cells] for table in draft.tables for row in table.rows]
    assert [r[5] for r in rows if r[0] == GROUP and len(r) > 6] == list(printed.values())
    assert (
        sum("0.8/n中的n，为同一一级指标下权重以该式给出、且适用于被评价企业的二级指标项数" in r[0] for r in rows) == 1
    )
    statement = "\n".join(p.text for p in docx.Document(str(folder / "成果/编制说明.docx")).paragraphs)
    assert f"采用{method}确定，其中{GROUP}的权重由起草组给定" in statement

    status, verified = run("verify", str(folder / "成果/结果.json"))
    assert (status, verified["differences"]) == (0, [])
    assert run("render", str(folder), "--to", "workbook")[0] == 0
    written = next((folder / "成果").glob("*自评表.xlsx"))
    filled = form(written, tmp_path / "自评.xlsx", answers)
    (evaluated,) = run("evaluate", str(folder), str(filled))[1]["enterprises"]
    tried = next(e for e in run("trial", str(folder))[1]["enterprises"] if e["enterprise"] == answers["企业"])
    keys = ("enterprise", "grade", "Y_I", "Y_II", "Y_III")
    assert [evaluated[k] for k in keys] == [tried[k] for k in keys]
    if shutil.which("soffice") is None:
        return
    (computed,) = recalculate([filled], tmp_path)
    sheet = openpyxl.load_workbook(computed, data_only=True)["自评表"]
    told = [float(str(sheet[a].value).rstrip("…")) for a in ("H5", "J5", "L5")]
    assert told == pytest.approx([evaluated[k] for k in keys[2:]], abs=1e-4)
