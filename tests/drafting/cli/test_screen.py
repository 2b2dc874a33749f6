"""Tables and code pages of the terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from wcwidth import width

from drafting.cli.screen import Screen, configure_output


class Stream(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def written(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.written.decode(self.encoding).splitlines()


ROWS = [("单位产品综合能耗", "0.10", "kgce/t"), ("PM₁₀", "12.5", "g/m³")]


def test_columns_start_at_the_same_display_width():
    stream = Stream()
    Screen(stream).table(("二级指标", "权重", "单位"), ROWS, align="lrl")
    head, rule, first, second, after = stream.lines
    assert after == ""
    assert set(rule) == {"─", " "}
    starts = [width(line[: line.index(cell)]) for line, cell in ((head, "单位"), (first, "kgce"), (second, "g/m³"))]
    assert len(set(starts)) == 1
    ends = [width(line[: line.index(cell) + len(cell)]) for line, cell in ((first, "0.10"), (second, "12.5"))]
    assert len(set(ends)) == 1


def test_numbers_are_printed_as_given():
    stream = Stream()
    Screen(stream).table(("甲", "乙"), [("0.10", "1e5"), (None, "1,000")])
    assert "0.10" in stream.lines[2]
    assert "1e5" in stream.lines[2]
    assert "1,000" in stream.lines[3]


@pytest.mark.parametrize("codepage", ["gbk", "cp936", "ascii", "cp1252", "big5"])
def test_no_code_page_raises(codepage):
    stream = Stream(codepage)
    screen = Screen(stream)
    screen.table(("指标", "m²·CO₂"), [("Ⅰ级 ≤ 0.65 𠮷 😀 − •", "10³")])
    screen.line("吨标准煤 ²³₂")
    assert stream.written


def test_gbk_shows_what_it_lacks_in_a_form_it_has():
    stream = Stream("gbk")
    Screen(stream).line("m² 5×10³ CO₂ −3 Ⅰ级 ≤ — ㎡ 10⁻³ 😀")
    assert stream.lines == ["m2 5×10^3 CO2 -3 Ⅰ级 ≤ — ㎡ 10^-3 ?"]


def test_a_gbk_console_sets_signs_of_two_bytes_two_columns_wide():
    stream = Stream("gbk")
    Screen(stream).table(("等级", "值"), [("Ⅰ级", "1"), ("≤≤级", "2"), ("ab", "3")])
    _, _, *rows, _ = stream.written.decode("gbk").splitlines()
    assert len({len(row[:-1].encode("gbk")) for row in rows}) == 1


def test_colours_only_on_a_terminal_and_without_no_color(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for terminal, coloured in ((True, True), (False, False)):
        stream = Stream(terminal=terminal)
        Screen(stream).line("错误", colour="red")
        assert (b"\x1b[" in stream.written) is coloured
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Stream(terminal=True)
    Screen(stream).line("错误", colour="red")
    assert b"\x1b[" not in stream.written


def test_escape_sequences_of_a_cell_do_not_reach_the_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Stream(terminal=True)
    Screen(stream, width=80).table(("指标",), [("\x1b[2J\x07恶意\n名称",)], align="l")
    assert b"\x1b[2J" not in stream.written
    assert b"\x07" not in stream.written
    assert "\\x1b[2J\\x07恶意 名称" in stream.lines[-2]


def test_a_narrow_terminal_folds_text_and_loses_nothing():
    stream = Stream(terminal=True)
    name = "单位产品主要污染物二氧化硫产生量（以标准状态计）"
    Screen(stream, width=30).table(("二级指标", "值"), [(name, "12345")], align="lr")
    lines = [line for line in stream.lines[2:] if line]
    assert all(width(line) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "").replace("12345", "") == name


@pytest.mark.parametrize("encoding", ["gbk", "cp936", "ascii"])
def test_a_process_on_that_code_page_prints(encoding):
    program = (
        "import sys; from drafting.cli.screen import Screen, configure_output; configure_output();"
        "print('m² CO₂ 10³'); print('m²', file=sys.stderr); Screen().table(('指标','值'), [('SO₂','g/m³')])"
    )
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert b"m2 CO2 10^3" in done.stdout
    assert b"SO2" in done.stdout
    assert done.stderr.strip() == b"m2"


def test_configuring_leaves_streams_without_that_ability_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", None)
    configure_output()
    Screen().line("好")
    assert sys.stdout.getvalue() == "好\n"


def test_lines_are_folded_between_characters_and_marks_stay_with_their_words():
    text = "指标“单位产品综合能耗”的值 <0.01 kgce/t（见 GB/T 2589—2020，表 1）、“·”无法读取：不是数。" * 3
    for width_ in range(18, 60):
        lines = Screen(Stream(terminal=True), width=width_).wrapped(text, "  ", "- ")
        assert all(width(line) <= width_ for line in lines)
        assert "".join(line[4:] for line in lines).replace(" ", "") == text.replace(" ", "")
        assert not [line for line in lines if line[4:5] in tuple("，。；：、）”")]
        assert not [line for line in lines if line.rstrip().endswith(("（", "“"))]


def test_a_word_longer_than_the_line_is_cut_and_nothing_lost():
    lines = Screen(Stream(terminal=True), width=20).wrapped("x" * 95, "  ")
    assert [len(line) for line in lines] == [20, 20, 20, 20, 20, 7]
