"""Mutated workbooks and headings: nothing raises, and no published figure changes without a word."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.pipeline.running import run_project
from drafting.record.results import record
from tests.drafting.mutated_projects import comments, delphi, given
from tests.drafting.mutating import Base, faults

PROJECTS = ["ahp", "given", "delphi"]
SAMPLE = 80
"""Mutations of each project in one run of the slow tests; ``python -m tests.drafting.mutating`` tries thousands."""


@pytest.fixture
def base(folder: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Base:
    """A sound project by its name."""
    if request.param == "given":
        return Base(given(tmp_path / "给定"))
    if request.param == "delphi":
        return Base(delphi(tmp_path / "德尔菲法"))
    comments(folder.path)
    return Base(folder.path)


@pytest.mark.slow
@pytest.mark.parametrize("base", PROJECTS, indirect=True)
def test_after_a_mutation_nothing_raises_and_no_figure_changes_in_silence(base: Base) -> None:
    found = [(f.seed, f.what, f.file, f.change, f.detail) for f in faults(base, range(SAMPLE))]
    assert not found


# --- headings -----------------------------------------------------------------------------------------------------
def _rename(word: str | None) -> Callable[[Any, int, int], None]:
    def change(sheet: Any, row: int, column: int) -> None:
        sheet.cell(row, column).value = word

    return change


def _double(sheet: Any, row: int, column: int) -> None:
    last = sheet.max_column + 1
    for number in range(1, sheet.max_row + 1):
        sheet.cell(number, last).value = sheet.cell(number, column).value


def _remove(sheet: Any, row: int, column: int) -> None:
    sheet.delete_cols(column)


CHANGES: dict[str, Callable[[Any, int, int], None]] = {
    "姓名": _rename("姓名"), "甲乙丙丁": _rename("甲乙丙丁"), "blank": _rename(None), "double": _double,
    "removed": _remove,
}  # fmt: skip


def headings(base: Base) -> Iterator[tuple[str, str, int, int]]:
    """File, sheet, row and column of what stands in row 1 of every sheet; in questionnaires in rows 3 and 4 too."""
    for name in base.files:
        book = openpyxl.load_workbook(io.BytesIO(base.contents[name]))
        deep = name.split("/")[0] in ("判断矩阵", "德尔菲")
        for sheet in book.worksheets:
            for row in (1, 3, 4) if deep else (1,):
                for column in range(1, sheet.max_column + 1):
                    value = sheet.cell(row, column).value
                    if isinstance(value, str) and not value.startswith("="):
                        yield name, sheet.title, row, column


def sweep(base: Base, work: Path, every: int) -> None:
    shutil.copytree(base.folder, work)
    for number, (name, title, row, column) in enumerate(headings(base)):
        for place, (what, change) in enumerate(CHANGES.items()):
            if (number * len(CHANGES) + place) % every:
                continue
            book = openpyxl.load_workbook(io.BytesIO(base.contents[name]))
            change(book[title], row, column)
            book.save(work / name)
            try:
                run = run_project(work)
                record(run)
            except Exception as error:
                raise AssertionError((name, title, row, column, what)) from error
            finally:
                (work / name).write_bytes(base.contents[name])


@pytest.mark.slow
@pytest.mark.parametrize("base", PROJECTS, indirect=True)
def test_a_heading_renamed_doubled_blank_or_gone_never_raises(base: Base, tmp_path: Path) -> None:
    sweep(base, tmp_path / "项目", every=11)


def test_headings_of_a_sample(folder: Any, tmp_path: Path) -> None:
    sweep(Base(folder.path), tmp_path / "项目", every=151)


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [("文件信息", "A1"), ("方法设置", "B1"), ("一级指标", "A1"), ("二级指标", "C1"), ("政策依据", "B1"),
     ("引用文件", "A1"), ("术语", "C1"), ("专家组", "A1")],
)  # fmt: skip
def test_a_required_heading_that_is_gone_is_named(folder: Any, sheet: str, cell: str) -> None:
    heading = openpyxl.load_workbook(folder.path / "项目.xlsx")[sheet][cell].value
    folder.put(sheet, cell, "甲乙丙丁")
    found = [f for f in folder.load().findings if f.place.sheet == sheet and f.severity == "error"]
    assert [f.code for f in found] in (["heading-missing"], ["sheet-no-headings"])
    assert heading in found[0].message
