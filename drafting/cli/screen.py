"""
The terminal: tables with Chinese headings, findings by file, and output that survives every code page.

A console of a Chinese Windows may still speak GBK, which has no ², ₂ or −. What the console cannot show is written in a
form that it can (m², CO₂ become m2, CO2; 10³ becomes 10^3); nothing ever raises. On such consoles characters like Ⅰ
and ≤ are two columns wide, elsewhere one: widths are measured accordingly.
"""

from __future__ import annotations

import codecs
import os
import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from drafting.findings import Finding

__all__ = ["Screen", "configure_output"]

_FALLBACK = "drafting-nearest"
_NEAREST = {
    "−": "-", "‐": "-", "‑": "-", "‒": "-", "•": "·", "✓": "√", "✔": "√", "✗": "×", "\u00a0": " ", "\u2009": " ",
}  # fmt: skip
_SUPERSCRIPTS = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ")
_GAP = "  "
_LEAST_WIDTH = 12  # a column is not folded below this
ALIKE = 50
"""Findings of one kind in one file that are listed; a survey of a hundred thousand rows may have thousands."""
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def _nearest(character: str, before: str) -> str:
    """Write one character in a form that old code pages know; 10³ must not become 103."""
    plain = _NEAREST.get(character) or unicodedata.normalize("NFKC", character).replace("−", "-")
    if character in _SUPERSCRIPTS and before.isdecimal():
        return f"^{plain}"
    return plain


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = []
    for at in range(error.start, error.end):
        character = error.object[at]
        plain = _nearest(character, error.object[at - 1] if at else "")
        try:
            plain.encode(error.encoding)
        except UnicodeEncodeError:
            plain = "?"
        written.append(plain)
    return "".join(written), error.end


codecs.register_error(_FALLBACK, _replace)


def configure_output() -> None:
    """Make standard output and standard error write something legible for every character, whatever their encoding."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=_FALLBACK)


def _harmless(text: str) -> str:
    """One line without control characters: a workbook cell may hold escape sequences that would steer the terminal."""
    return "".join(
        c if c.isprintable() or c in "\u3000\u00a0\u2009" else " " if c.isspace() else f"\\x{ord(c):02x}" for c in text
    )


class Screen:
    """
    A terminal or a file that text is written to.

    Parameters
    ----------
    stream : TextIO, optional
        Standard output if not given.
    width : int, optional
        Columns of the terminal. Without it the terminal's own; a file or pipe has no width and lines are never folded.
    """

    def __init__(self, stream: TextIO | None = None, *, width: int | None = None) -> None:
        self._stream = stream or sys.stdout
        terminal = self._stream.isatty()
        self._colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._width = width or (shutil.get_terminal_size().columns if terminal else None)
        self._encoding = codecs.lookup(getattr(self._stream, "encoding", None) or "utf-8").name
        self._ambiguous = 1 if self._encoding.startswith("utf") else 2

    # --- lines -------------------------------------------------------------------------------------------------------
    def line(self, text: str = "", *, colour: str | None = None, bold: bool = False) -> None:
        """Write one line."""
        self._write(self._fit(text), colour, bold)

    def table(
        self, headings: Sequence[object], rows: Iterable[Sequence[object]], align: str | Sequence[str] = ""
    ) -> None:
        """
        Write a table, an empty line after it.

        Parameters
        ----------
        headings, rows : sequences
            Cells are printed as ``str`` gives them; no number is parsed or rounded. None is an empty cell.
        align : str or sequence of str
            One of l, r, c per column; left for columns beyond it. On a terminal that is too narrow the widest
            left-aligned columns are folded, nothing is cut.
        """
        cells = [[self._fit("" if cell is None else str(cell)) for cell in row] for row in (headings, *rows)]
        columns = max(len(row) for row in cells)
        cells = [row + [""] * (columns - len(row)) for row in cells]
        aligns = (list(align) + ["l"] * columns)[:columns]
        widths = self._column_widths(cells, aligns)
        for number, row in enumerate(cells):
            for printed in self._fold(row, widths, aligns):
                self._write(printed, None, number == 0)
            if number == 0:
                sign = "─" if self._ambiguous == 1 else "-"
                self._write(_GAP.join(sign * width for width in widths), None, False)
        self._write("", None, False)

    def findings(self, findings: Sequence[Finding]) -> None:
        """Write findings, gravest first, grouped by file: place, message, remedy; then how many there are."""
        from drafting.findings import Severity

        if not findings:
            self.line("没有发现问题。", colour="green")
            return
        counts = {severity: sum(f.severity is severity for f in findings) for severity in Severity}
        for severity in Severity:
            if not counts[severity]:
                continue
            self.line(f"{severity.chinese}（{counts[severity]}）", colour=_COLOURS[severity.value], bold=True)
            of = sorted((f for f in findings if f.severity is severity), key=lambda f: f.place.file)
            for file, group in groupby(of, key=lambda f: f.place.file):
                self.line(f"  {file or '整个项目'}")
                self._alike(list(group))
            self.line()
        self.line("共 " + "、".join(f"{n} 个{severity.chinese}" for severity, n in counts.items() if n) + "。")

    def _alike(self, findings: Sequence[Finding]) -> None:
        """Write the findings of one file; of thousands that say the same the first ones and how many more."""
        shown: Counter[str] = Counter()
        for finding in findings:
            shown[finding.code] += 1
            if shown[finding.code] <= ALIKE:
                self._finding(finding)
            elif shown[finding.code] == ALIKE + 1:
                more = sum(f.code == finding.code for f in findings) - ALIKE
                self._indented(f"同样的问题另有 {more} 处，这里不再列出；加 --json 可得到全部。", "    ", "- ")

    def _finding(self, finding: Finding) -> None:
        place = "·".join(part for part in (finding.place.sheet, finding.place.cell) if part)
        clause = f"（{finding.clause}）" if finding.clause else ""
        self._indented(f"{f'{place}：' if place else ''}{finding.message}{clause}", "    ", "- ")
        if finding.remedy:
            self._indented(f"改法：{finding.remedy}", "      ", "")

    # --- layout ------------------------------------------------------------------------------------------------------
    def _fit(self, text: str) -> str:
        """The text as the console will show it, so that widths are right."""
        return _harmless(text).encode(self._encoding, _FALLBACK).decode(self._encoding)

    def _measure(self, text: str) -> int:
        from wcwidth import width

        return width(text, ambiguous_width=self._ambiguous)

    def _column_widths(self, cells: Sequence[Sequence[str]], aligns: Sequence[str]) -> list[int]:
        widths = [max(self._measure(row[i]) for row in cells) for i in range(len(aligns))]
        while self._width and sum(widths) + len(_GAP) * (len(widths) - 1) > self._width:
            foldable = [i for i, align in enumerate(aligns) if align == "l" and widths[i] > _LEAST_WIDTH]
            if not foldable:
                break
            widths[max(foldable, key=lambda i: widths[i])] -= 1
        return widths

    def _fold(self, row: Sequence[str], widths: Sequence[int], aligns: Sequence[str]) -> Iterable[str]:
        from wcwidth import center, ljust, rjust

        pad = {"l": ljust, "r": rjust, "c": center}
        folded = [self._wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(len(lines) for lines in folded)):
            parts = (
                pad[align](lines[number] if number < len(lines) else "", width, ambiguous_width=self._ambiguous)
                for lines, width, align in zip(folded, widths, aligns, strict=True)
            )
            yield _GAP.join(parts).rstrip()

    def _wrap(self, text: str, width: int) -> list[str]:
        from wcwidth import wrap

        if self._measure(text) <= width:
            return [text]
        return wrap(text, width, ambiguous_width=self._ambiguous) or [""]

    def _indented(self, text: str, indent: str, bullet: str) -> None:
        room = max(self._width - len(indent) - len(bullet), _LEAST_WIDTH) if self._width else sys.maxsize
        for number, part in enumerate(self._wrap(self._fit(text), room)):
            self._write(f"{indent}{bullet if number == 0 else ' ' * len(bullet)}{part}", None, False)

    def _write(self, text: str, colour: str | None, bold: bool) -> None:
        import click

        styled = click.style(text, fg=colour, bold=bold or None) if text and (colour or bold) else text
        click.echo(styled, file=self._stream, color=self._colour)
