"""
Import of a 60-row table beside python-docx's opening of the same file: ``python benchmarks/importing.py [REPEATS]``.

Both in one process after a warm-up, processor time, the least of many runs; the figure that counts is the ratio (aim:
at most 2). Import is reading the file, finding the table and understanding every cell; writing the two workbooks is
shown beside it, and so is the share of the work that a reader's process does.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docx

from drafting.earlier.reading import edition_of
from drafting.earlier.word import read
from drafting.earlier.writing import project_bytes, report_bytes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.drafting.render.long_draft import HEAD

CATEGORIES = ("能源消耗", "水资源消耗", "原/辅料资源消耗", "资源综合利用", "污染物产生与排放", "清洁生产管理")


def file() -> bytes:
    """A document that python-docx makes, with a table of 60 rows and nothing else."""
    document = docx.Document()
    table = document.add_table(rows=0, cols=len(HEAD))
    rows = [HEAD]
    for c, category in enumerate(CATEGORIES):
        for i in range(10):
            lead = (category, "0.1") if i == 0 else ("", "")
            grades = (f"≤{i + c}.5", f"≤{i + c + 1}.25", f"≤{i + c + 2}")
            rows.append((*lead, str(i + 1), f"单位产品指标{c}{i}", "kgce/t", "0.1", *grades))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def least(work: Callable[[], object], repeats: int) -> float:
    """Seconds of processor time of the quickest run."""
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def main(repeats: int) -> None:
    """Measure and print."""
    data = file()
    edition = edition_of(read(data), "a.docx")
    opening = least(lambda: docx.Document(io.BytesIO(data)), repeats)
    reading = least(lambda: read(data), repeats)
    whole = least(lambda: edition_of(read(data), "a.docx"), repeats)
    writing = least(
        lambda: (project_bytes(edition, source="a"), report_bytes(edition, source="a")), max(repeats // 10, 1)
    )
    print(f"python-docx opens the file    {opening * 1e3:7.2f} ms")
    print(f"import                        {whole * 1e3:7.2f} ms   ratio {whole / opening:.2f} (aim: at most 2)")
    print(f"  of it the reader's process  {reading * 1e3:7.2f} ms")
    print(f"writing the two workbooks     {writing * 1e3:7.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
