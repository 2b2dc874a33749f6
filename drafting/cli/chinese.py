"""click in Chinese: headings of the help pages and messages of wrong usage."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Any

import click

from drafting.cli.screen import columns_of, fold

_KINDS = {"TEXT": "文字", "PATH": "路径", "FILE": "文件", "DIRECTORY": "文件夹", "INTEGER": "整数", "FLOAT": "数"}
_METAVAR = re.compile(r"(?<= )(" + "|".join(_KINDS) + r")\b(?: RANGE)?")
_DEFAULT = re.compile(r" *\[default: ([^];]*)(?:; [^]]*)?\]$")
"""click's own words for what an option takes, and for what it is without being given."""


def _kind(found: re.Match[str]) -> str:
    return _KINDS[found.group(1)]


class ChineseFormatter(click.HelpFormatter):
    """Help pages with Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        words = args.replace("[OPTIONS]", "[选项]").replace("COMMAND", "命令").replace("[ARGS]...", "[参数]…")
        super().write_usage(prog, words, "用法：")

    def write_text(self, text: str) -> None:
        """Write paragraphs, folded by the columns they take on the screen: click counts characters."""
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.write("\n")
            as_they_stand = paragraph.startswith("\b")
            lines = paragraph.removeprefix("\b").strip("\n").split("\n")
            for line in lines if as_they_stand else [" ".join(lines)]:
                for part in fold(line, self.width - self.current_indent, columns_of):
                    self.write(f"{indent}{part}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names with what they mean, folded by the columns they take on the screen."""
        rows = list(rows)
        first = min(max((columns_of(name) for name, _ in rows), default=0), col_max) + col_spacing
        room = max(self.width - first - self.current_indent, 10)
        for name, words in rows:
            start = " " * self.current_indent + name
            short = columns_of(name) <= first - col_spacing
            lines = fold(" ".join(words.split()), room, columns_of) or [""]
            if not short:
                self.write(f"{start}\n")
            for number, line in enumerate(lines):
                beside = short and number == 0
                lead = start + " " * (first - columns_of(name)) if beside else " " * (first + self.current_indent)
                self.write(f"{lead}{line}".rstrip() + "\n")


class ChineseContext(click.Context):
    """Context whose help pages use :class:`ChineseFormatter`."""

    formatter_class = ChineseFormatter


class _Chinese(click.Command):
    context_class = ChineseContext

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under a Chinese heading."""
        records = [r for p in self.get_params(ctx) if (r := p.get_help_record(ctx)) is not None]
        rows = [(_METAVAR.sub(_kind, name), _DEFAULT.sub(r"（默认 \1）", words)) for name, words in records if words]
        if rows:
            with formatter.section("选项"):
                formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help, described in Chinese."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示本说明。"
        return option


class ChineseCommand(_Chinese):
    """A command with Chinese help."""


class ChineseGroup(_Chinese, click.Group):
    """A group with Chinese help."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands under a Chinese heading."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, found.get_short_help_str(1000)) for name, found in commands if found is not None]
        with formatter.section("命令"):
            formatter.write_dl(rows)


def _parameter(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Argument):
        return error.param.metavar or str(error.param.name).upper()
    if error.param is not None and error.param.opts:
        return max(error.param.opts, key=len)
    return str(error.param_hint or "")


def usage_message(error: click.UsageError) -> str:
    """One Chinese line for wrong usage, and where to read on."""
    ctx = error.ctx
    command = ctx.command_path if ctx else "drafting"
    match error:
        case click.NoSuchOption():
            near = difflib.get_close_matches(error.option_name, [o for p in _params(ctx) for o in p.opts], n=1)
            text = f"没有选项 {error.option_name}" + (f"，是否指 {near[0]}？" if near else "。")
        case click.MissingParameter():
            text = f"缺少参数 {_parameter(error)}。"
        case click.BadOptionUsage():
            value = "不带取值" if "does not take" in error.message else "后面要写取值"
            text = f"选项 {error.option_name} {value}。"
        case click.BadParameter():
            text = f"参数 {_parameter(error)} 的值不对：{_wanted(error.param) or error.message}"
        case _:
            text = _general(error, ctx)
    return f"用法错误：{text}\n请看：{command} --help"


def _wanted(parameter: click.Parameter | None) -> str:
    """What click's own types accept, whose messages are English; blank where the message is this program's."""
    match parameter.type if parameter else None:
        case click.Choice(choices=choices):
            return f"应为 {'、'.join(map(str, choices))} 之一。"
        case click.IntRange(min=low, max=high) | click.FloatRange(min=low, max=high):
            return f"应为 {low}～{high} 的数。" if high is not None else f"应为不小于 {low} 的数。"
        case kind if kind is click.INT:
            return "应为整数。"
        case kind if kind is click.FLOAT:
            return "应为一个数。"
    return ""


def _params(ctx: click.Context | None) -> list[click.Parameter]:
    return ctx.command.get_params(ctx) if ctx else []


def _general(error: click.UsageError, ctx: click.Context | None) -> str:
    message = error.format_message()
    if message.startswith("No such command"):
        word = message.split("'")[1]
        known = ctx.command.list_commands(ctx) if ctx and isinstance(ctx.command, click.Group) else []
        near = difflib.get_close_matches(word, known, n=1)
        return f"没有命令 {word}" + (f"，是否指 {near[0]}？" if near else f"；可用的命令：{'、'.join(known)}。")
    if message.startswith("Got unexpected extra argument"):
        return f"多余的参数：{message[message.find('(') + 1 : message.rfind(')')]}。"
    if message.startswith("Missing command"):
        return "请给出要执行的命令。"
    return message


def command(name: str, help_text: str, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Decorate a function as a Chinese command."""
    return click.command(name=name, cls=ChineseCommand, help=help_text, **attributes)
