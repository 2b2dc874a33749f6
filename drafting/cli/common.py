"""What the commands share: the folder argument, --json, reading a project, the exit status."""

from __future__ import annotations

import functools
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import click

from drafting.cli.chinese import command
from drafting.cli.screen import Screen

if TYPE_CHECKING:
    from drafting.findings import Finding

__all__ = ["ProjectPath", "exit_status", "folder_argument", "json_option", "project_command", "screen", "write_json"]


class ProjectPath(click.Path):
    """A project folder; the path of the 项目.xlsx or 调研数据 in it means the same."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the folder."""
        from drafting.project.location import project_folder

        return project_folder(Path(value))


folder_argument = click.argument("folder", metavar="DIR", type=ProjectPath())
json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON（UTF-8）输出到标准输出，别无其他内容。")


def write_json(content: Any) -> None:
    """Write JSON as UTF-8 bytes, whatever the console's code page."""
    data = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()


def screen() -> Screen:
    """The terminal."""
    return Screen()


class _Kept(io.TextIOBase):
    """Standard output, and a copy of what was written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._copy = stream, io.StringIO()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base class has an attribute
        """Of the stream itself."""
        return self._stream.encoding

    @property
    def buffer(self) -> BinaryIO:
        """Bytes written here are not kept."""
        return self._stream.buffer

    def isatty(self) -> bool:
        """As the stream says."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """Written to it is."""
        return True

    def write(self, text: str) -> int:
        """Write to both."""
        self._copy.write(text)
        return self._stream.write(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def getvalue(self) -> str:
        """Everything written so far."""
        return self._copy.getvalue()


@contextmanager
def kept_screen() -> Iterator[_Kept]:
    """Keep a copy of what is written to standard output meanwhile."""
    kept = _Kept(sys.stdout)
    with redirect_stdout(kept):
        yield kept


def exit_status(findings: Sequence[Finding]) -> int:
    """1 if a finding forbids submission, else 0."""
    from drafting.findings import Severity

    return int(any(f.severity is Severity.ERROR for f in findings))


def project_command(name: str, help_text: str) -> Callable[[Callable[..., int]], click.Command]:
    """Declare a command on a project folder with ``--json``; a folder that is not there is wrong usage (2)."""

    def decorate(function: Callable[..., int]) -> click.Command:
        @functools.wraps(function)
        def run(folder: Path, as_json: bool, **options: Any) -> int:
            from drafting.isolation.readers import READERS

            READERS.warm()  # it starts while the rest is imported
            from drafting.project.folder import NoProjectError

            try:
                return function(folder, as_json, **options)
            except NoProjectError as error:
                if as_json:
                    write_json({"error": str(error), "findings": []})
                click.echo(f"错误：{error}", err=True)
                return 2

        declared: click.Command = command(name, help_text)(folder_argument(json_option(run)))
        return declared

    return decorate
