"""``drafting new``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import folder_argument, json_option, screen, write_json


@chinese_command(
    "new",
    "在 DIR 新建项目：项目.xlsx 按 GB/T 43329 表 A.1 预填，带下拉选项和填写说明；附调研数据空表和表单。",
)
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Write an empty project."""
    from drafting.desk.forms import FOLDER, start_project
    from drafting.workbook.headings import PROJECT_FILE

    try:
        files = start_project(folder)
    except FileExistsError:
        click.echo(f"错误：{folder / PROJECT_FILE} 已经存在，未改动。请换一个文件夹。", err=True)
        return 1
    if as_json:
        write_json({"file": str(files[0]), "files": [str(f) for f in files]})
    else:
        out = screen()
        out.line(f"已写出 {files[0]}")
        out.line(f"另有 调研数据.xlsx（空表），成果/{FOLDER}/ 中的 企业调查表、征求意见表。")
        out.line("下一步：填写 项目.xlsx；指标改好后，")
        out.line(f"用 drafting forms {folder} 按现在的指标重写各表，")
        out.line("调研数据填入 调研数据.xlsx，或把收回的企业调查表放入 企业调查表/；")
        out.line(f"用 drafting questionnaires {folder} --ahp 生成问卷，收回的放入 判断矩阵/；")
        out.line(f"再运行 drafting build {folder}")
    return 0
