"""Footnote marks of an indicator table: those that the committee typed, numbered anew in the order of appearance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from drafting.document.tree import Footnote, Run, Runs, Superscript, Text
from drafting.model.bounds import Bound
from drafting.model.system import Indicator, TableNote
from drafting.model.terms import GRADES, Grade

LIMITING = "*"
"""Key of the mark of limiting indicators, which the program sets itself."""
_LIMITING_TEXT = "限定性指标。"


@dataclass(frozen=True, slots=True)
class TableMarks:
    """The letters of a table by mark as typed, and its footnotes in their order."""

    letters: Mapping[str, str]
    footnotes: tuple[Footnote, ...]

    def of_name(self, indicator: Indicator) -> Runs:
        """The raised letters behind an indicator's name."""
        return self._raised((*((LIMITING,) if indicator.limiting else ()), *indicator.marks))

    def of_cell(self, bound: Bound | None) -> Runs:
        """The raised letters behind a baseline."""
        return self._raised(bound.marks_behind) if bound is not None else ()

    def within(self, bound: Bound) -> Runs:
        """A baseline's words behind the first mark that stands within it, with that mark and any others."""
        runs: list[Run] = []
        for (_, mark), piece in zip(bound.inside, bound.pieces[1:], strict=True):
            runs += [*self._raised((mark,)), *((Text(piece),) if piece else ())]
        return tuple(runs)

    def _raised(self, marks: Iterable[str]) -> Runs:
        said = ",".join(self.letters.get(m, m) for m in marks)
        return (Superscript(said),) if said else ()


def marks_of(indicators: Iterable[Indicator], notes: Sequence[TableNote]) -> TableMarks:
    """Number the marks of a table row by row, a name before its baselines (GB/T 1.1: a, b, c in order).

    A mark without a note in 表注 is printed as typed, and the check names it.
    """
    texts = {note.mark: note.text for note in notes}
    texts.setdefault(LIMITING, _LIMITING_TEXT)
    order: list[str] = []
    for indicator in indicators:
        in_cells = (m for g in GRADES for m in _baseline_marks(indicator, g))
        order += [*((LIMITING,) if indicator.limiting else ()), *indicator.marks, *in_cells]
    found = [mark for mark in dict.fromkeys(order) if mark in texts]
    letters = {mark: _letter(n) for n, mark in enumerate(found)}
    return TableMarks(letters, tuple(Footnote(letters[m], (Text(_sentence(texts[m])),)) for m in found))


def _baseline_marks(indicator: Indicator, grade: Grade) -> tuple[str, ...]:
    bound = indicator.baselines.get(grade)
    return bound.marks if bound is not None else ()


def _letter(number: int) -> str:
    more, place = divmod(number, len(ascii_lowercase))
    return (ascii_lowercase[more - 1] if more else "") + ascii_lowercase[place]


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "！", "？", ".")) else f"{text}。"
