"""
Mutated workbooks: one change to one sheet of a sound project, and what must hold of the project then.

* nothing raises, whatever the change;
* a published figure that changed is explained: by a finding that the sound project does not have or – where a cell was
  changed, not the sheet's order, looks or names – by a cell that the figure's provenance names, its column in the
  survey, its row in 二级指标, or a setting.

Run ``python -m tests.drafting.mutating 10000`` for many (``--seed``, ``--base``); the tests draw a sample.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from drafting.journey import Journey
from drafting.journeys.travel import travel
from drafting.record.results import record, sources

Figures = dict[tuple[str, ...], str]
Places = set[tuple[str, str]]
"""Sheet and address within the mutated file."""

WORDS = (
    "·", "—", "/", "无", "不适用", "未检出", "<0.01", "1.2 3", "1,000", "１２．５", "100%", "0.5‰", "≥5", "≤3", "约10",
    "3~5", "10+5n", "0.8/n", "2025年前≤5", "同上", "姓名", "甲乙丙丁", "合计", "平均值", "是", "否", "Ⅰ级", "Ⅱ级",
    "kgce/t", "t/m2", "=1+1", "'", " ", "x" * 400, "🙂", "#N/A", "TRUE", "企业", "代码", "1e400", "-5", "0",
)  # fmt: skip
NUMBERS = (0, 1, -1, 0.5, 1e-9, 1e308, 12345678, 0.1 + 0.2, 100, 9, 1 / 3, 2024)


def figures_of(journey: Journey) -> Figures:
    """Published figures: weights, baselines with the share that reaches them."""
    found: Figures = {}
    weights, levels = journey.results.weights, journey.results.levels
    if weights is not None:
        for w in weights.first_level.weights:
            found["weight", w.key] = str(w.published)
        for group in weights.second_level:
            for w in group.weights:
                found["weight", group.group, w.key] = str(w.published)
    for one in (*levels.indicators, *levels.strata) if levels is not None else ():
        for grade, level in one.levels.items():
            found["level", one.code, grade.value, one.stratum] = f"{level.bound.format()} {level.share}"
    return found


@dataclass
class Base:
    """A sound project, read once."""

    folder: Path
    journey: Journey = field(init=False)

    def __post_init__(self) -> None:
        self.journey = travel(self.folder)
        self.figures = figures_of(self.journey)
        self.findings = {_words(f) for f in self.journey.findings}
        self.files = sorted(
            p.relative_to(self.folder).as_posix()
            for p in self.folder.rglob("*.xlsx")
            if not {"成果", "记录"} & set(p.relative_to(self.folder).parts)
        )

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """Bytes of the workbooks."""
        return {name: (self.folder / name).read_bytes() for name in self.files}


def _words(finding: Any) -> tuple[str, str, str, str, str]:
    return (finding.code, finding.place.file, finding.place.sheet, finding.place.cell, finding.message)


# --- changes: each names the cells that it changed in place, or None where order, looks or names change -------------
Change = Callable[[random.Random, Any, Any], Places | None]


def _filled(rng: random.Random, sheet: Any, *, numbers: bool = False) -> Any:
    cells = [
        c for row in sheet.iter_rows() for c in row
        if c.value is not None and hasattr(c, "hyperlink") and (not numbers or isinstance(c.value, int | float))
    ]  # fmt: skip
    return rng.choice(cells) if cells else None


def _put(sheet: Any, cell: Any, value: object) -> Places:
    cell.value = value
    return {(sheet.title, cell.coordinate)}


def replace(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Put another value into a cell."""
    cell = _filled(rng, sheet)
    return _put(sheet, cell, rng.choice((*WORDS, *NUMBERS))) if cell else None


def tweak(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Make a number a little or much different."""
    cell = _filled(rng, sheet, numbers=True)
    return _put(sheet, cell, cell.value * rng.choice((1.01, -1, 0.01, 1000, 1.5, 0.9))) if cell else None


def clear(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Empty a cell."""
    cell = _filled(rng, sheet)
    return _put(sheet, cell, None) if cell else None


def retype(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Make a number a text, with marks, blanks or a unit; a text a number if it can be one."""
    cell = _filled(rng, sheet)
    if cell is None:
        return None
    text = str(cell.value)
    form = rng.choice(("{}", " {} ", "{}a", "{}①", "{}%", "{} kg", "（{}）", "{}。", "＜{}"))
    return _put(sheet, cell, form.format(text))


def shown(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Another number format."""
    cell = _filled(rng, sheet, numbers=True)
    if cell is None:
        return None
    cell.number_format = rng.choice(("0%", "0.00%", "yyyy-mm-dd", '0.0"t/t"', "@", "0", "#,##0", "[h]:mm"))
    return {(sheet.title, cell.coordinate)}


def add(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Something beside or under the table."""
    cell = sheet.cell(sheet.max_row + rng.choice((1, 2)), rng.randint(1, sheet.max_column + 1))
    return _put(sheet, cell, rng.choice((*WORDS, *NUMBERS)))


def merge(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Merge cells down or across: a text is that of all of them, a number of none."""
    row, column = rng.randint(1, sheet.max_row), rng.randint(1, sheet.max_column)
    down, right = rng.choice(((1, 0), (0, 1), (2, 0), (3, 0), (1, 1)))
    end = f"{get_column_letter(column + right)}{row + down}"
    area = f"{get_column_letter(column)}{row}:{end}"
    cells = [cell for line in sheet[area] for cell in line]
    numbers = any(isinstance(cell.value, int | float) for cell in cells)
    sheet.merge_cells(area)
    return None if numbers else {(sheet.title, cell.coordinate) for cell in cells}


def hide(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Hide a row, a column, a sheet."""
    what = rng.choice(("row", "column", "sheet"))
    if what == "row":
        sheet.row_dimensions[rng.randint(1, sheet.max_row)].hidden = True
    elif what == "column":
        sheet.column_dimensions[get_column_letter(rng.randint(1, sheet.max_column))].hidden = True
    elif len(book.worksheets) > 1:
        sheet.sheet_state = "hidden"
    return None


def head(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Rename, blank or double a heading."""
    cells = [c for c in sheet[rng.choice((1, 1, 3)) if sheet.max_row > 2 else 1] if isinstance(c.value, str)]
    if not cells:
        return None
    cell = rng.choice(cells)
    cell.value = rng.choice((None, "姓名", cell.value[:-1], cell.value + "（1）", rng.choice(cells).value))
    return None


def insert(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Insert a blank row or column, or one with a word in it."""
    if rng.random() < 0.5:
        at = rng.randint(1, sheet.max_row + 1)
        sheet.insert_rows(at)
        cell = sheet.cell(at, rng.randint(1, sheet.max_column))
    else:
        at = rng.randint(1, sheet.max_column + 1)
        sheet.insert_cols(at)
        cell = sheet.cell(rng.randint(1, sheet.max_row), at)
    if rng.random() < 0.5:
        return _put(sheet, cell, rng.choice(("合计", "平均值", "注：见说明", "小计", "备注")))
    return None


def swap(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Exchange two rows below the headings, or two columns with their headings."""
    if rng.random() < 0.5 and sheet.max_row > 3:
        one, other = rng.sample(range(2, sheet.max_row + 1), 2)
        pairs = [(sheet.cell(one, c), sheet.cell(other, c)) for c in range(1, sheet.max_column + 1)]
    elif sheet.max_column > 1:
        one, other = rng.sample(range(1, sheet.max_column + 1), 2)
        pairs = [(sheet.cell(r, one), sheet.cell(r, other)) for r in range(1, sheet.max_row + 1)]
    else:
        return None
    for left, right in pairs:
        left.value, right.value = right.value, left.value
    return None


def sheets(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Move, rename, double or remove a sheet."""
    what = rng.choice(("move", "rename", "double", "remove"))
    if what == "move":
        book.move_sheet(sheet, rng.choice((-1, 1, 2)))
    elif what == "rename":
        sheet.title = rng.choice(("Sheet9", sheet.title + "旧", sheet.title[:-1] or "甲"))
    elif what == "double":
        book.copy_worksheet(sheet)
    elif len(book.worksheets) > 1 and sheet.title != "剔除":  # that nothing was excluded is what its absence says
        book.remove(sheet)
    return None


CHANGES: tuple[Change, ...] = (
    replace, replace, tweak, clear, retype, retype, shown, add, merge, merge, hide, head, insert, swap, sheets,
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A mutation after which something did not hold."""

    what: str
    file: str
    change: str
    seed: int
    detail: str
    content: bytes = field(repr=False)


def mutate(base: Base, seed: int) -> tuple[str, str, bytes, Places | None]:
    """The mutation of a number: file, kind of change, new content, cells changed in place."""
    rng = random.Random(seed)
    weights = [6 if name == "项目.xlsx" else 6 if name == "调研数据.xlsx" else 1 for name in base.files]
    name = rng.choices(base.files, weights)[0]
    book = openpyxl.load_workbook(io.BytesIO(base.contents[name]))
    sheet = rng.choice(book.worksheets)
    change = rng.choice(CHANGES)
    cells = change(rng, book, sheet)
    target = io.BytesIO()
    book.save(target)
    return name, change.__name__, target.getvalue(), cells


def try_one(base: Base, work: Path, seed: int) -> Fault | None:
    """Make one mutation in a copy of the project; the copy is whole again afterwards."""
    try:
        name, kind, content, cells = mutate(base, seed)
    except (ValueError, AttributeError, TypeError):
        return None  # openpyxl cannot make it
    (work / name).write_bytes(content)
    try:
        journey = travel(work)
        record(journey)
    except Exception as error:  # the very thing that is looked for
        at = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
        return Fault("raised", name, kind, seed, detail, content)
    finally:
        (work / name).write_bytes(base.contents[name])
    told = [f for f in journey.findings if _words(f) not in base.findings]
    if told:
        return None
    after = figures_of(journey)
    changed = [k for k in {*base.figures, *after} if base.figures.get(k) != after.get(k)]
    unexplained = [k for k in changed if not _named(base, journey, name, cells, k)]
    if not unexplained:
        return None
    key = unexplained[0]
    where = sorted(cells)[:3] if cells else "order, looks or names"
    detail = f"{'·'.join(key)}: {base.figures.get(key)} -> {after.get(key)} (of {len(unexplained)}); changed {where}"
    return Fault("silent", name, kind, seed, detail, content)


def _named(base: Base, journey: Journey, file: str, cells: Places | None, key: tuple[str, ...]) -> bool:
    """Whether a figure's provenance names one of the cells that were changed in place."""
    if cells is None:
        return False
    if any(sheet == "方法设置" for sheet, _ in cells):
        before, after = base.journey.project.inputs, journey.project.inputs
        return before is not None and after is not None and before.settings != after.settings
    return any(cell in _areas(made, file, key) for made in (base.journey, journey) for cell in cells)


class _Area:
    """Columns of the survey, rows of 二级指标 and single cells that a figure rests on."""

    def __init__(self) -> None:
        self.cells: Places = set()
        self.columns: Places = set()
        self.rows: set[tuple[str, int]] = set()
        self.sheets: set[str] = set()

    def __contains__(self, cell: tuple[str, str]) -> bool:
        sheet, address = cell
        match = re.fullmatch(r"([A-Z]+)(\d+)", address)
        assert match
        return (
            cell in self.cells or (sheet, match[1]) in self.columns or (sheet, int(match[2])) in self.rows
            or sheet in self.sheets
        )  # fmt: skip


def _areas(journey: Journey, file: str, key: tuple[str, ...]) -> _Area:
    area = _Area()
    for named in sources(journey).get(key[:3], ()):
        parts = named.split("·")
        if parts[0] == file and len(parts) > 1:
            if file == "项目.xlsx":
                area.cells.add((parts[1], parts[-1]))
            else:
                area.sheets.add(parts[1])  # a questionnaire's sheet; the survey's is narrowed below
    where, inputs = journey.project.provenance, journey.project.inputs
    if inputs is None:
        return area
    code = key[1] if key[0] == "level" else key[-1]
    if file == "调研数据.xlsx":
        area.sheets.clear()
        own = {code, "企业", "分组", "权数", "年份", "单位"}
        if inputs.survey is not None and code in inputs.survey.derivations:
            own |= set(inputs.survey.derivations[code].totals.values())
        for word in own if key[0] == "level" else ():
            place = where.find("survey", word)
            if place is not None and place.cell:
                area.columns.add((place.sheet, re.sub(r"\d", "", place.cell)))
    elif file == "项目.xlsx":
        place = where.find("indicator", code) if key[0] == "level" or len(key) == 3 else where.find("category", code)
        if place is not None and place.cell:
            area.rows.add((place.sheet, int(re.sub(r"\D", "", place.cell))))
    return area


def faults(base: Base, seeds: range) -> Iterator[Fault]:
    """Everything that does not hold for the mutations of these numbers."""
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "项目"
        shutil.copytree(base.folder, work, ignore=shutil.ignore_patterns("成果"))
        for seed in seeds:
            fault = try_one(base, work, seed)
            if fault is not None:
                yield fault


def say(*words: object) -> None:
    """Write a line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Try many mutations of the projects given (the bundled example by default) and keep the workbooks at fault."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--base", type=Path, action="append")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(arguments)
    example = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"
    seen: Counter[str] = Counter()
    for folder in given.base or [example]:
        for fault in faults(Base(folder), range(given.seed, given.seed + given.count)):
            seen[fault.what] += 1
            say(folder.name, fault.seed, fault.what, fault.file, fault.change, fault.detail)
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{folder.name}-{fault.seed}.xlsx").write_bytes(fault.content)
    say(dict(seen) or "0 faults")
    return int(bool(seen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
