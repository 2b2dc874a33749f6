"""A small committee for tests: three categories, twelve experts, everything in mailed workbooks."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from openpyxl import load_workbook

from drafting.findings import Provenance
from drafting.model.asking import groups_of_one
from drafting.model.document import DocumentInfo
from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound, Expert, JudgementMatrix
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem
from drafting.workbook.project.blank import write_project
from drafting.workbook.questionnaires.delphi_questionnaires import allocation_questionnaire, allocation_title
from drafting.workbook.questionnaires.identity import Identity
from drafting.workbook.questionnaires.writing import ahp_questionnaire, ahp_title
from drafting.workbook.style import save

NOWHERE = Provenance()
CATEGORIES = {
    "能源消耗": ("单位产品综合能耗", "余热利用率", "清洁能源占比"),
    "水资源消耗": ("单位产品取水量", "水重复利用率"),
    "污染物产生与排放": ("颗粒物排放量", "二氧化硫排放量", "氮氧化物排放量", "化学需氧量排放量"),
}
PREFIX = {"能源消耗": "N", "水资源消耗": "S", "污染物产生与排放": "W"}
TRUE = {
    FIRST_LEVEL: (50, 20, 30),
    "能源消耗": (60, 25, 15),
    "水资源消耗": (70, 30),
    "污染物产生与排放": (40, 30, 20, 10),
}
CODES = tuple(f"专家{k:02d}" for k in range(1, 13))


def system() -> IndicatorSystem:
    indicators = tuple(
        Indicator(f"{PREFIX[c]}{n}", name, c) for c, names in CATEGORIES.items() for n, name in enumerate(names, 1)
    )
    return IndicatorSystem(tuple(Category(c) for c in CATEGORIES), indicators)


def panel(codes: tuple[str, ...] = CODES) -> tuple[Expert, ...]:
    return tuple(
        Expert(c, "清洁生产", "高工", "15", "大" if k % 2 else "中", "中", "中", "小", "很熟悉" if k % 3 else "熟悉")
        for k, c in enumerate(codes)
    )


def inputs(**settings: object) -> Inputs:
    return Inputs(DocumentInfo(), replace(Settings(), **settings), system(), experts=panel())


def keys(group: str) -> tuple[str, ...]:
    if group == FIRST_LEVEL:
        return tuple(CATEGORIES)
    return tuple(f"{PREFIX[group]}{n}" for n in range(1, len(CATEGORIES[group]) + 1))


def matrix(expert: str, group: str, values: object) -> JudgementMatrix:
    return JudgementMatrix(expert, group, keys(group), np.array(values, dtype=float))


def consistent(weights: object) -> np.ndarray:
    w = np.array(weights, dtype=float)
    return w[:, None] / w[None, :]


def allocation(group: str, weights: object, opinions: dict[str, str] | None = None) -> Allocation:
    found = dict(zip(keys(group), map(float, weights), strict=True))
    return Allocation(group, MappingProxyType(found), MappingProxyType(opinions or {}))


def a_round(number: int, answers: dict[str, dict[str, object]]) -> DelphiRound:
    """Answers by expert and group."""
    return DelphiRound(
        number, tuple(DelphiAnswer(e, tuple(allocation(g, w) for g, w in of.items())) for e, of in answers.items())
    )


def project(folder: Path, **settings: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "项目.xlsx").write_bytes(_workbook(**settings))
    return folder


@cache
def _workbook(**settings: object) -> bytes:
    """项目.xlsx, written once: hundreds of tests begin with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "项目.xlsx"
        write_project(path, inputs(**settings))
        return path.read_bytes()


# --- what an expert does with a workbook ------------------------------------------------------------------------------
def fill_allocation(blank: Path, target: Path, answers: dict[str, tuple[float, ...]], opinion: str = "") -> None:
    """Type weights into a mailed Delphi questionnaire, as it lies there: by the headings and labels one can see."""
    book = load_workbook(blank)
    for title in ("一级指标权重", "二级指标权重"):
        sheet = book[title]
        heads = {sheet.cell(4, c).value: c for c in range(1, sheet.max_column + 1)}
        taken: dict[str, int] = {}
        for row in range(5, sheet.max_row + 1):
            category = sheet.cell(row, heads["一级指标"]).value
            group = FIRST_LEVEL if title == "一级指标权重" else category
            position = taken.get(group, 0)
            taken[group] = position + 1
            answer, said = sheet.cell(row, heads["权重"]), sheet.cell(row, heads["意见"])
            assert answer.value is None, "nothing may be answered in advance"
            assert not answer.protection.locked
            if group in answers:
                answer.value = answers[group][position]
            if opinion and position == 0:
                assert not said.protection.locked
                said.value = opinion
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def fill_judgements(blank: Path, target: Path, weights: dict[str, tuple[float, ...]]) -> None:
    """Fill the upper triangles with the nearest judgements on the scale to the ratios of the weights."""
    from weighting import nearest_step

    book = load_workbook(blank)
    for group, of in weights.items():
        sheet = book[group.replace("/", "")]
        for i in range(len(of)):
            for j in range(i + 1, len(of)):
                cell = sheet.cell(4 + i, 2 + j)
                assert cell.value is None
                cell.value = nearest_step(of[i] / of[j])
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def edit(path: Path, sheet: str, cells: dict[str, object]) -> None:
    book = load_workbook(path)
    for cell, value in cells.items():
        book[sheet][cell] = value
    book.save(path)


def write_ahp(path: Path, inputs: Inputs, expert: Expert, *, answers: Sequence[JudgementMatrix] = ()) -> None:
    """One expert's questionnaire of matrices as a file."""
    save(ahp_questionnaire(inputs, expert, answers=answers), path, title=ahp_title(expert.code))


def write_allocation(
    path: Path, expert: str, number: int, system: IndicatorSystem, groups: Container[str],
    *, identity: Identity | None = None,
) -> None:  # fmt: skip
    """One expert's questionnaire of points, without feedback, as a file."""
    asked = [g for g in groups_of_one(system) if g.name in groups and len(g.members) > 1]
    book = allocation_questionnaire(Expert(expert), number, asked, identity=identity)
    save(book, path, title=allocation_title(number, expert))
