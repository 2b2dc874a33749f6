"""The terminal: tables with Chinese headings, and output that survives every code page.

A console of a Chinese Windows may still speak GBK, which has no ², ₂ or −. What the console cannot show is written in a
form that it can (m², CO₂ become m2, CO2; 10³ becomes 10^3); nothing ever raises. On such consoles characters like Ⅰ
and ≤ are two columns wide, elsewhere one: widths are measured accordingly.
"""

from __future__ import annotations

import codecs
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

__all__ = ["Screen", "columns_of", "configure_output", "fold"]

_FALLBACK = "drafting-nearest"
_NEAREST = {
    "−": "-", "‐": "-", "‑": "-", "‒": "-", "•": "·", "✓": "√", "✔": "√", "✗": "×", "\u00a0": " ", "\u2009": " ",
}  # fmt: skip
_SUPERSCRIPTS = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ")
_GAP = "  "
_PIECES = re.compile(
    r"[“‘（《〔【]*(?:[!-~]*?[a-z]-(?=\w)|[!-~]+|.)[，。；：、！？）》〕】”’…％%]*[ ]*", re.DOTALL
)  # what stays on one line: a Latin word (to its hyphen) or a character with the marks that belong to it
_USUAL_WIDTH = 80
_LEAST_WIDTH = 12  # text is folded to this before headings of figures, and before any column is folded further


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


def columns_of(text: str) -> int:
    """Columns that a text of this program takes on a terminal, without the tables of wcwidth: help is to be quick."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def fold(text: str, width: int, measure: Callable[[str], int]) -> list[str]:
    """Fold a line: between Chinese characters, not within a Latin word, no closing mark at the start of a line."""
    if measure(text) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0
    for piece in _PIECES.findall(text):
        size = measure(piece.rstrip(" "))
        if line and used + size > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0
        while size > width and len(piece) > 1:  # a word that is longer than the line
            head = next(n for n in range(len(piece), 0, -1) if n == 1 or measure(piece[:n]) <= width)
            lines.append(piece[:head])
            piece = piece[head:]
            size = measure(piece.rstrip(" "))
        line += piece
        used += measure(piece)
    return [*lines, line.rstrip(" ")] if line.strip(" ") else lines


class Screen:
    """A terminal or a file that text is written to.

    ``stream``: standard output if not given.
    ``width``: columns of the terminal. Without it the terminal's own; a file or pipe has no width and lines are never
    folded.
    """

    def __init__(self, stream: TextIO | None = None, *, width: int | None = None) -> None:
        self._stream = stream or sys.stdout
        terminal = self._stream.isatty()
        self._colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._width = width or (shutil.get_terminal_size().columns if terminal else None)
        self._encoding = codecs.lookup(getattr(self._stream, "encoding", None) or "utf-8").name
        self._ambiguous = 1 if self._encoding.startswith("utf") else 2

    @property
    def shape(self) -> tuple[int | None, bool, str]:
        """Width, whether colours are shown, encoding: what the lines depend on beside their words."""
        return self._width, bool(self._colour), self._encoding

    # --- lines -------------------------------------------------------------------------------------------------------
    def line(self, text: str = "", *, colour: str | None = None, bold: bool = False) -> None:
        """Write one line; a terminal that is narrower shows it folded."""
        for part in self.wrapped(text) or [""]:
            self._write(part, colour, bold)

    def table(
        self, headings: Sequence[object], rows: Iterable[Sequence[object]], align: str | Sequence[str] = ""
    ) -> None:
        """Write a table, an empty line after it.

        ``headings``, ``rows``: cells are printed as ``str`` gives them; no number is parsed or rounded. None is an
        empty cell.
        ``align``: one of l, r, c per column; left for columns beyond it. On a terminal that is too narrow columns are
        folded, those of text first; nothing is cut, and no number is folded.
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

    def wrapped(self, text: str, indent: str = "", bullet: str = "") -> list[str]:
        """Fold a paragraph to the width of the terminal, indented, its first line behind a bullet; not written yet."""
        start = len(indent) + len(bullet)
        room = max(self._width - start, _LEAST_WIDTH) if self._width else sys.maxsize
        parts = self._wrap(self._fit(text), room)
        return [f"{indent}{bullet if n == 0 else ' ' * len(bullet)}{part}" for n, part in enumerate(parts)]

    def height(self, lines: Sequence[str]) -> int:
        """Count the lines that a terminal shows: of 80 columns where the width is not known."""
        width = self._width or _USUAL_WIDTH
        return sum(max(1, -(-self._measure(line) // width)) for line in lines)

    # --- layout ------------------------------------------------------------------------------------------------------
    def _fit(self, text: str) -> str:
        """The text as the console will show it, so that widths are right."""
        return _harmless(text).encode(self._encoding, _FALLBACK).decode(self._encoding)

    def _measure(self, text: str) -> int:
        from wcwidth import width

        return width(text, ambiguous_width=self._ambiguous)

    def _column_widths(self, cells: Sequence[Sequence[str]], aligns: Sequence[str]) -> list[int]:
        widths = [max(self._measure(row[i]) for row in cells) for i in range(len(aligns))]
        if not self._width:
            return widths
        room = self._width - len(_GAP) * (len(widths) - 1)
        # What cannot be folded: a figure, a Latin word, a character with its marks.
        least = [max(self._longest_piece(row[i]) for row in cells) for i in range(len(aligns))]
        text = [max(floor, _LEAST_WIDTH) if align == "l" else width
                for floor, align, width in zip(least, aligns, widths, strict=True)]  # fmt: skip
        for floors in (text, least):
            while sum(widths) > room:
                foldable = [i for i, floor in enumerate(floors) if widths[i] > floor]
                if not foldable:
                    break
                widths[max(foldable, key=lambda i: widths[i])] -= 1
        return widths

    def _longest_piece(self, text: str) -> int:
        return max((self._measure(piece.rstrip(" ")) for piece in _PIECES.findall(text)), default=0)

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
        return fold(text, width, self._measure)

    def _write(self, text: str, colour: str | None, bold: bool) -> None:
        import click

        styled = click.style(text, fg=colour, bold=bold or None) if text and (colour or bold) else text
        click.echo(styled, file=self._stream, color=self._colour)
