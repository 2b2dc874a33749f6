"""Everything the command line prints fits the 80 columns of an ordinary terminal; a Chinese character takes two."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator

import click
import pytest
from wcwidth import width

from drafting.cli import app
from drafting.cli.app import group
from drafting.cli.screen import Screen
from drafting.resources import examples

from .test_screen import Stream

COLUMNS = 80
ENGLISH = re.compile(r"\b(Options|Commands|Usage|default:|TEXT|PATH|FILE PATH|INTEGER|RANGE|DIRECTORY)\b")
"""What click says of its own accord."""
VIEWS = (
    "check", "check --details", "check --clauses", "weights", "weights --compare", "baselines", "baselines --details",
    "trial", "trial --details", "calibrate",
)  # fmt: skip


def commands(of: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command with its group's name before it; the program itself is the empty path."""
    yield path
    context = click.Context(of)
    for name in of.list_commands(context):
        found = of.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name)


def printed(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """Lines that a terminal of 80 columns shows."""
    stream = Stream(terminal=True)
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", stream)
    app.run(arguments)
    return [line.rsplit("\x1b[K", 1)[-1] for line in stream.lines]


@pytest.mark.parametrize("path", list(commands(group)), ids=" ".join)
def test_help_fits_and_speaks_chinese(monkeypatch, path):
    lines = printed(monkeypatch, *path, "--help")
    assert len(lines) > 4
    assert [line for line in lines if width(line) > COLUMNS] == []
    assert not ENGLISH.search("\n".join(lines))


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_the_example_fits(monkeypatch, tmp_path, view):
    folder = tmp_path / "例"
    shutil.copytree(examples() / "建筑陶瓷", folder)
    command, *options = view.split()
    lines = printed(monkeypatch, command, str(folder), *options)
    assert len(lines) > 15
    assert [line for line in lines if width(line) > COLUMNS] == []


def test_figures_are_never_folded_and_headings_are():
    stream = Stream(terminal=True)
    heads = ("二级指标名称", "有效企业数", "置信区间的下限", "达到的比例")
    Screen(stream, width=34).table(heads, [("单位产品综合能耗", "120", "1234.5678", "100.0%")], align="lrrr")
    lines = [line for line in stream.lines if line]
    assert all(width(line) <= 34 for line in lines)
    assert [figure for figure in ("120", "1234.5678", "100.0%") if not any(figure in line for line in lines)] == []


def test_a_line_longer_than_the_terminal_is_folded_and_loses_nothing():
    stream = Stream(terminal=True)
    Screen(stream, width=20).line("已写出 " + "很长的名称" * 9)
    assert all(width(line) <= 20 for line in stream.lines)
    assert "".join(stream.lines).replace(" ", "") == "已写出" + "很长的名称" * 9
