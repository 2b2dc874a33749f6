"""The command group: commands are imported when they are called, faults end in one line, never in a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from drafting import __version__
from drafting.cli.chinese import ChineseContext, ChineseGroup, usage_message
from drafting.cli.screen import configure_output

COMMANDS: dict[str, str] = {
    "demo": "写出自带示例项目并一次做完全部工作",
    "new": "新建项目：按表 A.1 预填的 项目.xlsx，附各种表单",
    "import": "由旧版标准（Word、Excel）的指标体系表建立项目，附导入报告",
    "check": "检查项目，列出全部问题及改法",
    "forms": "写出要发出的表单：调研数据空表、企业调查表、征求意见表",
    "questionnaires": "生成发给专家的问卷工作簿",
    "weights": "计算指标权重",
    "baselines": "计算指标基准值",
    "trial": "用调研企业试评价（附录 D）",
    "evaluate": "评价文件中的企业（附录 D）",
    "calibrate": "联合校准：使各等级合起来达到目标比例",
    "render": "输出标准草案及配套文件",
    "build": "全部计算并输出到 成果/",
    "stage": "定稿：把一个阶段的输入、草案和记录留存在 记录/版本/，列出、核对、恢复",
    "workbench": "工作台：在浏览器中编制，不用终端（同“工作台”）",
    "panel": "网上专家咨询：专家在浏览器中回答德尔菲与层次分析问卷",
    "publish": "写出评价包：发布的表和规则，据它即可评价企业",
    "diff": "比较两个项目：指标、权重、基准值、文字、来源的变化",
    "verify": "只用 结果.json 复算全部数字",
}
"""Command name -> line of ``drafting --help``; each command lives in ``drafting.cli.commands.NAME``."""


class LazyGroup(ChineseGroup):
    """Lists commands without importing them, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All command names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that is called."""
        cmd_name = "workbench" if cmd_name == "工作台" else cmd_name
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"drafting.cli.commands.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("命令"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"drafting {__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    help="按 GB/T 43329—2023 编制《××行业清洁生产评价指标体系》：从 Excel 工作簿和专家意见到 Word 草案。",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, callback=_print_version, expose_value=False, is_eager=True, help="显示版本号。"
)
def group() -> None:
    """Hold the commands."""


group.context_class = ChineseContext


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    configure_output()
    try:
        result: Any = group.main(args=arguments, prog_name="drafting", standalone_mode=False)
    except click.UsageError as error:
        click.echo(usage_message(error), err=True)
        return 2
    except click.Abort:
        click.echo("已中断。", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # the last line of defence: a user never sees a traceback
        from drafting.cli.faults import report

        return report(error)
    return result if isinstance(result, int) else 0
