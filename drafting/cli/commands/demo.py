"""``drafting demo``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import exit_status, json_option, write_json


@chinese_command("demo", "把自带的示例项目（合成数据）写入 DIR（默认 示例项目）并完成全部计算，得到 Word 草案。")
@click.argument("folder", metavar="[DIR]", default="示例项目", type=click.Path(path_type=Path))
@click.option("--tables", is_flag=True, help="有两张指标体系表和类别行的示例；旧版/ 中有一份虚构的旧标准，可供导入。")
@json_option
def command(folder: Path, as_json: bool, tables: bool) -> int:
    """Write an example and build it."""
    from drafting.cli.progress import steps
    from drafting.pipeline.running import build
    from drafting.project.examples import EXAMPLE, TABLES_EXAMPLE, write_example

    write_example(folder, TABLES_EXAMPLE if tables else EXAMPLE)
    with steps() as progress:
        run = build(folder, progress=progress)
    if as_json:
        from drafting.record.results import record

        write_json(record(run))
    else:
        from drafting.cli.views import show_build

        show_build(run)
    return exit_status(run.findings)
