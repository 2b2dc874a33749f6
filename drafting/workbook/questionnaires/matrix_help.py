"""Around a judgement matrix: the scale beside it; under it the pairs as sentences and what the items mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.workbook.headings import MATRIX_FIRST_COLUMN, MATRIX_FIRST_ROW, sheet_title
from drafting.workbook.questionnaires.own_words import MEANINGS_TITLE, PAIRS_TITLE, SCALE
from drafting.workbook.style import BAND, LOCKED, MUTED, TEAL, body, cell_at, font, put, reference

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one item is called and means, for the expert."""

    name: str
    unit: str = ""
    explanation: str = ""


def meanings(system: IndicatorSystem, group: str, labels: Sequence[str]) -> tuple[Meaning, ...]:
    """Units and explanations of a group's items; of a category the indicators in it."""
    if group == FIRST_LEVEL:
        return tuple(Meaning(name, "", "包括：" + "、".join(i.name for i in system.heads_of(name))) for name in labels)
    return tuple(Meaning(i.name, i.unit, i.explanation) for i in system.heads_of(group))


def pairs(n: int) -> Iterator[tuple[int, int]]:
    """All pairs i < j in the order of the rows."""
    return ((i, j) for i in range(n) for j in range(i + 1, n))


def answer_cell(i: int, j: int) -> str:
    """Address of a judgement."""
    return f"{get_column_letter(MATRIX_FIRST_COLUMN + j)}{MATRIX_FIRST_ROW + i}"


def upper_runs(n: int) -> tuple[str, ...]:
    """Give the runs of cells above the diagonal, one per row."""
    last = get_column_letter(MATRIX_FIRST_COLUMN + n - 1)
    return tuple(f"{answer_cell(i, i + 1)}:{last}{MATRIX_FIRST_ROW + i}" for i in range(n - 1))


def progress(groups: Mapping[str, int]) -> str:
    """Write the count of judgements made on all sheets as a formula; ``groups``: group -> number of its items."""
    runs = [reference(sheet_title(group), run) for group, n in groups.items() for run in upper_runs(n)]
    return "+".join(f"COUNT({','.join(runs[k : k + 200])})" for k in range(0, len(runs), 200))


def add_scale(sheet: Worksheet, row: int, column: int) -> int:
    """Write the scale from a cell downwards; return the row after it."""
    for number, words in (("标度", "行比列"), *SCALE):
        for at, text in ((column, number), (column + 1, words)):
            cell = cell_at(sheet, row, at)
            put(cell, text)
            body(cell, colour=BAND if at == column else LOCKED, centred=at == column)
            cell.font = font(size=9, bold=number == "标度")
        row += 1
    return row


def add_help(
    sheet: Worksheet,
    row: int,
    labels: Sequence[str],
    items: Sequence[Meaning],
    asked: frozenset[tuple[int, int]] | None,
) -> None:
    """Write the pairs as sentences, each with the answer given so far, then what the items mean."""
    _title(sheet, row, PAIRS_TITLE)
    for i, j in pairs(len(labels)):
        if asked is not None and (i, j) not in asked:
            continue
        row += 1
        here = answer_cell(i, j)
        sentence, given = cell_at(sheet, row, 1), cell_at(sheet, row, 5)
        put(sentence, f"{here}　{labels[i]} 与 {labels[j]} 相比")
        sentence.font = font(size=9)
        given.value = _in_words(here, labels[i], labels[j])
        given.font = font(size=9, colour=MUTED)
    row += 2
    _title(sheet, row, MEANINGS_TITLE)
    for item in items:
        row += 1
        name, meaning = cell_at(sheet, row, 1), cell_at(sheet, row, 3)
        put(name, f"{item.name}（{item.unit}）" if item.unit else item.name)
        put(meaning, item.explanation or "—")
        for cell in (name, meaning):
            cell.font = font(size=9, colour=MUTED if cell is meaning else "FF1F2933")


def _in_words(cell: str, first: str, second: str) -> str:
    def quoted(text: str) -> str:
        return text.replace('"', '""')

    return (
        f'=IF(ISBLANK({cell}),"未填",IF(ISNUMBER({cell}),IF({cell}>1,"“{quoted(first)}”重要，"&ROUND({cell},1)&" 倍",'
        f'IF({cell}<1,"“{quoted(second)}”重要，"&ROUND(1/{cell},1)&" 倍","同等重要")),"已填"))'
    )


def _title(sheet: Worksheet, row: int, text: str) -> None:
    cell = cell_at(sheet, row, 1)
    put(cell, text)
    cell.font = font(size=10.5, bold=True, colour=TEAL)
