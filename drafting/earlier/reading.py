"""From a file to an edition: what the command and library callers ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from drafting.earlier.message import Source
from drafting.earlier.opening import read_source
from drafting.earlier.rows import raw_tables
from drafting.earlier.system import Edition, understood
from drafting.earlier.writing import MAP_FROM, MAP_SHEET, MAP_TO
from drafting.findings import Cell, Finding, finding
from drafting.model.identity import label_key
from drafting.workbook.cells import text
from drafting.workbook.opening import OpeningError, read_bytes
from drafting.workbook.report import worded
from drafting.workbook.sheets import read_workbook


class NoEditionError(ValueError):
    """Nothing could be imported.

    Attributes
    ----------
    findings : tuple of Finding
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(f.message for f in findings))
        self.findings = findings


def read_edition(path: Path, mapping: Path | None = None) -> Edition:
    """Read an earlier edition.

    Raises NoEditionError when nothing can be read: its findings say why.

    ``path``: a .docx, .xlsx or .doc file.
    ``mapping``: a workbook with a sheet 一级指标对照, as a report has.
    """
    place = Cell(path.name)
    try:
        given = _given(mapping) if mapping is not None else {}
        source = read_source(path)
    except OpeningError as fault:
        raise NoEditionError((worded(fault, place),)) from fault
    edition = edition_of(source, path.name, given)
    known = {label_key(name) for name, _ in edition.mapping}
    strange = [name for key, name in given.items() if key not in known and name]
    if strange:
        names = "、".join(name for name, _ in edition.mapping)
        said = finding(
            "import-map-unknown", Cell(mapping.name if mapping else ""), found="、".join(strange), names=names
        )
        return replace(edition, findings=(*edition.findings, said))
    return edition


def edition_of(source: Source, file: str, given: Mapping[str, str] | None = None) -> Edition:
    """Understand the tables of a file.

    Raises NoEditionError when none of them is an indicator table.
    """
    found, passed = raw_tables(source.tables)
    found = [table for table in found if table.rows]
    if not found:
        near = [p for p in passed if p.near]
        hint = f"最接近的是{near[0].table.place}：{near[0].reason}。" if near else ""
        if source.pictures and source.characters < _SCAN:
            said = finding("import-scan", Cell(file), pictures=source.pictures)
        else:
            said = finding("import-no-table", Cell(file), count=len(source.tables), nearest=hint)
        raise NoEditionError((said,))
    return understood(found, passed, file, given or {})


_SCAN = 2_000


def _given(path: Path) -> Mapping[str, str]:
    """Read a sheet of decisions on categories."""
    book = read_workbook(read_bytes(path), path.name)
    sheet = book.sheet(MAP_SHEET)
    headings = [text(v) for v in sheet.rows[0]] if sheet is not None and sheet.rows else []
    if sheet is None or MAP_FROM not in headings or MAP_TO not in headings:
        raise OpeningError("import-map-wrong", file=path.name, sheet=MAP_SHEET, headings=f"{MAP_FROM}”、“{MAP_TO}")
    one, other = headings.index(MAP_FROM) + 1, headings.index(MAP_TO) + 1
    rows = range(2, len(sheet.rows) + 1)
    return {label_key(name): text(sheet.value(r, other)) for r in rows if (name := text(sheet.value(r, one)))}
