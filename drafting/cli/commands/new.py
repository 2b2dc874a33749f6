"""``drafting new``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import folder_argument, json_option, screen, write_json


@chinese_command("new", "在 DIR 新建项目：项目.xlsx 按 GB/T 43329 表 A.1 预填，带下拉选项和填写说明。")
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Write an empty project."""
    from drafting.project.examples import new_project
    from drafting.workbook.headings import PROJECT_FILE

    try:
        path = new_project(folder)
    except FileExistsError:
        click.echo(f"错误：{folder / PROJECT_FILE} 已经存在，未改动。请换一个文件夹。", err=True)
        return 1
    if as_json:
        write_json({"file": str(path)})
    else:
        out = screen()
        out.line(f"已写出 {path}")
        out.line("下一步：填写 项目.xlsx；把调研数据存为 调研数据.xlsx；")
        out.line(f"用 drafting questionnaires {folder} --ahp 生成问卷，收回的放入 判断矩阵/；")
        out.line(f"再运行 drafting build {folder}")
    return 0
