"""A right project folder, and a way to break one thing in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.workbook.questionnaires.identity import MATRICES, Identity, put_properties
from tests.drafting.one_cell import set_cell

INDICATORS = [
    {"一级指标": "能源消耗", "代码": "N1", "二级指标": "单位产品综合能耗", "单位": "kgce/t", "方向": "越小越好",
     "限定性": "是", "基准值来源": "调研", "小数位": 1, "下限": 0, "上限": 1000},
    {"一级指标": "能源消耗", "代码": "N2", "二级指标": "可再生能源比例", "单位": "%", "方向": "越大越好",
     "限定性": "否", "Ⅰ级基准值": "≥30", "Ⅱ级基准值": "≥20", "Ⅲ级基准值": "≥10", "基准值来源": "政策",
     "来源依据": "发改委 2024 年文件"},
    {"一级指标": "水资源消耗", "代码": "S1", "二级指标": "单位产品取水量", "单位": "m³/t", "方向": "越小越好",
     "限定性": "是", "基准值来源": "调研", "计算公式": "取水总量/产品产量"},
    {"一级指标": "水资源消耗", "代码": "S2", "二级指标": "节水管理", "方向": "定性", "限定性": "否",
     "Ⅰ级基准值": "有制度并执行", "基准值来源": "定性"},
    {"一级指标": "水资源消耗", "代码": "S3", "二级指标": "循环水系统", "方向": "定性", "限定性": "否",
     "Ⅰ级基准值": "闭式", "Ⅱ级基准值": "半闭式", "Ⅲ级基准值": "开式", "基准值来源": "定性"},
]  # fmt: skip
COLUMNS = [
    "一级指标", "代码", "二级指标", "单位", "方向", "限定性", "权重", "Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值",
    "基准值来源", "来源依据", "小数位", "强制性限值", "下限", "上限", "计算公式", "引导方向",
]  # fmt: skip
SURVEY = [
    "企业", "分组", "年份", "重大违法", "单位产品综合能耗", "N2", "原始:取水总量（m³）", "原始:产品产量（t）",
    "S2", "S3",
]  # fmt: skip
GROUPS = {
    "一级指标": ["能源消耗", "水资源消耗"],
    "能源消耗": ["单位产品综合能耗", "可再生能源比例"],
    "水资源消耗": ["单位产品取水量", "节水管理", "循环水系统"],
}


@dataclass(frozen=True)
class ProjectFolder:
    """A project on disk with editing by sheet and cell."""

    path: Path

    def edit(self, change: Callable[[Any], None], file: str = "项目.xlsx") -> None:
        book = openpyxl.load_workbook(self.path / file)
        change(book)
        book.save(self.path / file)

    def put(self, sheet: str, cell: str, value: object, file: str = "项目.xlsx", number_format: str = "") -> None:
        plain = value is None or (type(value) in (str, int, float) and not str(value).startswith("="))
        if plain and not number_format:
            set_cell(self.path / file, sheet, cell, value)  # type: ignore[arg-type]
            return

        def change(book: Any) -> None:
            book[sheet][cell] = value
            if number_format:
                book[sheet][cell].number_format = number_format

        self.edit(change, file)

    def load(self) -> Any:
        from drafting import load_project

        return load_project(self.path)

    def findings(self) -> list[tuple[str, str, str]]:
        """Code, sheet and cell of everything that is found."""
        return [(f.code, f.place.sheet, f.place.cell) for f in self.load().findings]

    def one(self) -> Any:
        """The only finding."""
        found = self.load().findings
        assert len(found) == 1, [(f.code, str(f.place), f.message) for f in found]
        return found[0]


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("right")
    write_right_project(root)
    return root


def write_right_project(root: Path) -> None:
    """Write a complete project without anything to find."""
    (root / "判断矩阵").mkdir(parents=True)
    _project(root / "项目.xlsx")
    _survey(root / "调研数据.xlsx")
    for expert in ("E1", "E2"):
        _matrices(root / "判断矩阵" / f"{expert}.xlsx", expert)


@pytest.fixture
def folder(tmp_path: Path, _template: Path) -> ProjectFolder:
    """A complete project without anything to find."""
    return ProjectFolder(Path(shutil.copytree(_template, tmp_path / "示例 项目")))


def _project(path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets: dict[str, list[list[object]]] = {
        "文件信息": [
            ["项目", "内容", "说明"],
            ["文件名称", "水泥行业清洁生产评价指标体系", ""],
            ["阶段", "征求意见稿", ""],
        ],
        "方法设置": [
            ["项目", "内容", "说明"],
            ["权重方法", "层次分析法", ""],
            ["CR限值", 0.1, ""],
            ["重复企业", "报错", ""],
        ],
        "一级指标": [
            ["一级指标", "采用", "权重", "附加"],
            ["能源消耗", "是", None, "否"],
            ["水资源消耗", "是", None, "否"],
        ],
        "二级指标": [COLUMNS, *[[i.get(c) for c in COLUMNS] for i in INDICATORS]],
        "政策依据": [["类别", "名称", "文号"], ["生态环境保护政策", "某办法", "1 号"]],
        "引用文件": [["编号", "名称"], ["GB/T 2589", "综合能耗计算通则"]],
        "术语": [["术语", "英文", "定义", "来源"], ["清洁生产", "cleaner production", "不断改进", "GB/T 1"]],
        "专家组": [["专家代号", "熟悉程度"], ["E1", "很熟悉"], ["E2", "熟悉"]],
        "剔除": [["企业", "指标", "理由"]],
    }
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def _survey(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "调研数据"
    sheet.append(SURVEY)
    for i in range(1, 11):
        row = [f"企业{i:02}", "大型", 2024, "否", 100 + i, 20 + i, 50 + i, 10, "达到" if i % 2 else "未达到", "Ⅱ级"]
        sheet.append(row)
    book.save(path)


def _matrices(path: Path, expert: str) -> None:
    book = openpyxl.Workbook()
    put_properties(book, Identity("", "", MATRICES, 1, expert, 1))
    sheet = book.worksheets[0]
    sheet.title = "专家"
    sheet.append(["专家代号"])
    sheet.append([expert])
    for group, labels in GROUPS.items():
        sheet = book.create_sheet(group)
        for i, label in enumerate(labels):
            sheet.cell(3, 2 + i, label)
            sheet.cell(4 + i, 1, label)
            sheet.cell(4 + i, 2 + i, 1)
            for j in range(i):
                sheet.cell(4 + i, 2 + j, f"=1/{openpyxl.utils.get_column_letter(2 + i)}{4 + j}")
                sheet.cell(4 + j, 2 + i, 3)
    book.save(path)
