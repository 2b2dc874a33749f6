"""Reading an Excel survey as the project does, beside bare calamine: processor time, ratios within one run.

    python benchmarks/reading.py [ROWS …]

The second survey of each size has two columns shown as percentages. Nothing here gates; the aim is 1.5× at 50,000 rows.
Files are read in this process, where the time can be counted; sending what a reader's process found takes a tenth of
bare calamine more.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

COLUMNS, RUNS = 39, 5
PERCENT = (3, 20)


def write(path: Path, rows: int, percent: bool) -> None:
    """Write the survey."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("调研数据")
    sheet.append(["企业", *(f"E{i}" for i in range(COLUMNS))])
    for n in range(rows):
        values: list[object] = [(n * 7 + i * 13) % 997 / 10 for i in range(COLUMNS)]
        for i in PERCENT if percent else ():
            values[i] = WriteOnlyCell(sheet, (n * 7 + i) % 997 / 1000)
            values[i].number_format = "0.0%"  # type: ignore[attr-defined]  # a cell since the line before
        sheet.append([f"企业{n}", *values])
    book.save(path)


def measure(path: Path, rows: int, percent: bool) -> None:
    """Print the medians of the ratios."""
    from python_calamine import CalamineWorkbook

    from drafting.isolation.readers import NoReaderError
    from drafting.model.settings import Settings
    from drafting.model.system import Category, Indicator, IndicatorSystem
    from drafting.workbook.contents import asking
    from drafting.workbook.report import Report
    from drafting.workbook.survey.assembly import build_survey
    from drafting.workbook.survey.files import read_survey_table
    from drafting.workbook.survey.rules import SurveyRules

    def no_reader(*_: object, **__: object) -> bytes:
        raise NoReaderError

    asking.asked = no_reader
    indicators = tuple(
        Indicator(f"E{i}", f"指标{i}", "能源消耗", unit="%" if percent and i in PERCENT else "") for i in range(COLUMNS)
    )
    system = IndicatorSystem((Category("能源消耗"),), indicators)
    found: list[tuple[float, float, float]] = []
    for _ in range(RUNS):
        begun = time.process_time()
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        bare = time.process_time() - begun
        begun = time.process_time()
        report = Report()
        table = read_survey_table(path.read_bytes(), path.name, system, report)
        cells = time.process_time() - begun
        assert table is not None
        survey = build_survey(table, SurveyRules(system, Settings()), report)
        whole = time.process_time() - begun
        assert survey is not None
        assert len(survey) == rows
        found.append((bare, cells, whole))
        del table, survey  # letting go of them is no part of the next reading
    bare, cells, whole = (statistics.median(f[i] for f in found) for i in range(3))
    to_cells, to_whole = (statistics.median(f[i] / f[0] for f in found) for i in (1, 2))
    print(f"{rows:,} × {COLUMNS + 1}{', percentages' if percent else ''}: bare calamine {bare:.2f} s", end=", ")
    print(f"table {cells:.2f} s ({to_cells:.2f}×), whole survey {whole:.2f} s ({to_whole:.2f}×)", flush=True)


def main() -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory() as folder:
        for rows in map(int, sys.argv[1:] or ("20000", "50000")):
            for percent in (False, True):
                path = Path(folder) / "调研数据.xlsx"
                write(path, rows, percent)
                measure(path, rows, percent)


if __name__ == "__main__":
    main()
