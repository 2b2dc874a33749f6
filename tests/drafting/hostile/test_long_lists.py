"""Lists of a stranger's project take time by their length: a sheet four times as long does not take sixteen times."""

from __future__ import annotations

import shutil
import time

import openpyxl
import pytest

from drafting.pipeline.running import run_project
from tests.drafting.conftest import write_right_project

SHEETS = ("二级指标", "术语", "专家组", "剔除")
"""Of each something was looked up among all that came before."""


@pytest.mark.slow
@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_four_times_as_long_takes_no_longer_than_that(tmp_path, sheet):
    write_right_project(tmp_path / "right")
    took = []
    for count in (500, 2000):
        folder = tmp_path / str(count)
        shutil.copytree(tmp_path / "right", folder)
        book = openpyxl.load_workbook(folder / "项目.xlsx")
        table = book[sheet]
        last = [cell.value for cell in table[2]]
        kept = {"方向", "限定性", "基准值来源", "一级指标", "采用", "引导方向"}
        heads = [cell.value for cell in table[1]]
        for n in range(count):
            table.append([
                v if h in kept or not isinstance(v, (str, type(None))) else f"{v or '甲'}{n}"
                for h, v in zip(heads, last, strict=True)
            ])  # fmt: skip
        book.save(folder / "项目.xlsx")
        began = time.process_time()
        run_project(folder)
        took.append(time.process_time() - began)
    assert took[1] < 8 * took[0] + 1  # a square would be sixteen times
    assert took[1] < 6
