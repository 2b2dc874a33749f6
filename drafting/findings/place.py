"""Where a value stands: file, sheet, cell; and the map from model values to their places, kept beside the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace


def address(row: int, column: int) -> str:
    """A1 address of a 1-based row and column."""
    return f"{letters(column)}{row}"


def letters(column: int) -> str:
    """Letters of a 1-based column."""
    found = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def column_of(address: str) -> int:
    """Number of the column of an A1 address, or of letters alone; 0 where it has no letters."""
    found = 0
    for letter in address.rstrip("0123456789"):
        found = 26 * found + ord(letter) - 64
    return found


def runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Put ascending row numbers together: first and last of each run without a gap."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the inputs: ``file`` relative to the project folder (``/`` between parts), sheet title, A1 address."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def at(self, row: int, column: int) -> Cell:
        """Another cell of the same sheet, 1-based."""
        return Cell(self.file, self.sheet, address(row, column))

    def __str__(self) -> str:
        return "·".join(part for part in (self.file, self.sheet, self.cell) if part)


Key = tuple[str, ...]
"""A key is a tuple of words, e.g. ``("indicator", "N1", "单位")``."""


@dataclass(frozen=True)
class Provenance:
    """From model values (by key) to the cells they came from.

    Keys in use (rows and positions count from 0 and stand as text):

    ``('info', label)``, ``('setting', label)``, ``('category', name[, heading])``, ``('indicator', code[, heading])``,
    ``('policy'|'reference'|'term'|'expert'|'exclusion', position[, heading])``, ``('survey',)``, ``('survey', code)``
    (its heading), ``('survey', code, row)``, ``('judgement', expert, group[, i, j])``,
    ``('delphi', round, expert[, group[, key]])``; ``('table', key)`` before any of them: in that table.
    """

    cells: Mapping[Key, Cell] = field(default_factory=dict)
    grids: Mapping[Key, tuple[Cell, int, int]] = field(default_factory=dict)
    """Rectangles: key without the last two words -> (cell of the sheet, row of index 0, column of index 0)."""
    columns: Mapping[Key, tuple[Cell, Sequence[int], int]] = field(default_factory=dict)
    """Columns: key without the last word -> (cell of the sheet, row numbers of index 0…, column number)."""

    def find(self, *key: str) -> Cell | None:
        """The cell of a key, or of the nearest enclosing key; None if nothing is known."""
        for length in range(len(key), 0, -1):
            part = key[:length]
            if part in self.cells:
                return self.cells[part]
            if length == len(key) and (found := self._in_grid(part) or self._in_column(part)):
                return found
        return None

    def _in_grid(self, key: Key) -> Cell | None:
        if key[:-2] not in self.grids or not (key[-1].isdecimal() and key[-2].isdecimal()):
            return None
        cell, row, column = self.grids[key[:-2]]
        return cell.at(row + int(key[-2]), column + int(key[-1]))

    def _in_column(self, key: Key) -> Cell | None:
        if key[:-1] not in self.columns or not key[-1].isdecimal():
            return None
        cell, rows, column = self.columns[key[:-1]]
        index = int(key[-1])
        return cell.at(rows[index], column) if index < len(rows) else None

    def merged(self, *others: Provenance) -> Provenance:
        """One map out of several."""
        maps = (self, *others)
        return Provenance(
            {k: v for m in maps for k, v in m.cells.items()},
            {k: v for m in maps for k, v in m.grids.items()},
            {k: v for m in maps for k, v in m.columns.items()},
        )

    def from_row(self, start: int) -> Provenance:
        """The map of a survey's rows from one on, which is its first one then."""
        return replace(self, columns={k: (cell, rows[start:], n) for k, (cell, rows, n) in self.columns.items()})

    def for_table(self, key: str) -> Provenance:
        """The map of one table's values: its own places before those of the whole project."""
        if not key:
            return self
        own, mark = ("table", key), f"{key}·"
        maps = (self.cells, self.grids, self.columns)
        cells, grids, columns = ({**m, **{k[2:]: v for k, v in m.items() if k[:2] == own}} for m in maps)
        for kind, at in (("judgement", 2), ("delphi", 3)):  # where the key of an answer names its group
            answers = {k: v for k, v in self.cells.items() if k[0] == kind and len(k) > at and k[at].startswith(mark)}
            cells |= {(*k[:at], k[at].removeprefix(mark), *k[at + 1 :]): v for k, v in answers.items()}
        return Provenance(cells, grids, columns)  # type: ignore[arg-type]  # the three maps keep their own types

    def __iter__(self) -> Iterator[Key]:
        return iter(self.cells)
