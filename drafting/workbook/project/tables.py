"""The sheet 分表 and the columns 分表: which rows of a project stand in which of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from drafting.model.identity import label_key
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.model.tables import COEFFICIENTS, TABLE_SIGN, IndicatorTable
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.headings import TABLE, TABLE_SEPARATORS, TABLES, sheet_title, split_tables
from drafting.workbook.report import Report, suggestion
from drafting.workbook.sheets import Workbook
from drafting.workbook.table import Record, Table, read_table

_LONGEST = 12
"""Characters of a key: with the name of a group it has to be the title of a sheet."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of sheet 分表."""

    key: str
    caption: str
    applies: str = ""
    output_unit: str = ""
    coefficient: Decimal | None = None

    def of(self, system: IndicatorSystem) -> IndicatorTable:
        """The table with its system."""
        return IndicatorTable(self.key, self.caption, system, self.applies, self.output_unit, self.coefficient)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a project in the order of sheet 分表; none for a project with one table."""

    rows: tuple[TableRow, ...] = ()
    _by_key: Mapping[str, str] = field(default_factory=dict)
    faults: set[tuple[str, str]] = field(default_factory=set)
    """Unknown keys that have been reported, by sheet."""

    @classmethod
    def of(cls, rows: Sequence[TableRow]) -> Tables:
        """One table, or none, is no division."""
        several = tuple(rows) if len(rows) > 1 else ()
        return cls(several, {label_key(row.key): row.key for row in rows})

    @property
    def single(self) -> bool:
        """Whether sheet 分表 names the only table of the project."""
        return bool(self._by_key) and not self.rows

    @property
    def keys(self) -> tuple[str, ...]:
        """Their keys."""
        return tuple(row.key for row in self.rows)

    def named(self, record: Record, report: Report) -> tuple[str, ...] | None:
        """Keys that a row's cell 分表 names; None where it is blank; an unknown one is reported."""
        if record.blank(TABLE):
            return None
        found: list[str] = []
        for says in split_tables(record.text(TABLE)):
            key = self._by_key.get(label_key(says))
            if key is not None:
                found.append(key)
            elif (record.table.sheet.title, says) not in self.faults:
                self.faults.add((record.table.sheet.title, says))
                hint = suggestion(says, self._by_key.values()) if self._by_key else ""
                report.add("table-unknown", record.cell(TABLE), found=says, suggestion=hint)
        return tuple(dict.fromkeys(found))


def read_tables(book: Workbook, divided: Sequence[Table | None], report: Report) -> Tables:
    """Read sheet 分表; where there is none, the tables are those that the columns 分表 name.

    ``divided``: the sheets with a column 分表, as far as they could be read.
    """
    sheet = book.sheet(TABLES.title)
    table = read_table(sheet, TABLES, report) if sheet is not None else None
    if table is not None and "代号" in table.columns:
        return Tables.of(_rows(table, report))
    records = [r for t in divided if t is not None for r in t.records if not r.blank(TABLE)]
    if not records:
        return Tables()
    keys: dict[str, str] = {}
    for record in records:
        for says in split_tables(record.text(TABLE)):
            keys.setdefault(label_key(says), says)
    report.add("table-sheet-missing", records[0].cell(TABLE), keys="、".join(keys.values()))
    return Tables.of([TableRow(key, key) for key in keys.values()])


def _rows(table: Table, report: Report) -> list[TableRow]:
    rows: dict[str, TableRow] = {}
    for record in table.records:
        key = record.text("代号")
        if not key:
            report.add("cell-blank", record.cell("代号"), sheet=TABLES.title, heading="代号", row=record.row)
            continue
        if len(key) > _LONGEST or sheet_title(key) != key or TABLE_SEPARATORS.search(key) or TABLE_SIGN in key:
            report.add("table-key-wrong", record.cell("代号"), found=key, most=_LONGEST)
            continue
        if label_key(key) in rows or label_key(key) == label_key(FIRST_LEVEL):
            report.add("table-twice", record.cell("代号"), key=key)
            continue
        for heading in TABLES.texts:
            if record.has(heading):
                report.cells["tables", key, heading] = record.cell(heading)
        report.cells["tables", key] = record.cell("代号")
        caption = record.text("表题")
        if not caption:
            report.add("table-no-caption", record.cell("表题"), key=key)
        number = _coefficient(record, report)
        rows[label_key(key)] = TableRow(key, caption or key, record.text("适用"), record.text("产量单位"), number)
    return list(rows.values())


def _coefficient(record: Record, report: Report) -> Decimal | None:
    if record.blank("系数"):
        return None
    try:
        number = decimal_of(record.value("系数"), percent=record.percent("系数"))
        if not 0 <= number <= 1:
            raise CellFaultError("不在 0 与 1 之间")
    except CellFaultError as fault:
        report.add("table-coefficient-wrong", record.cell("系数"), found=record.shown("系数"), reason=fault.reason)
        return None
    return number


def check_combination(tables: Sequence[IndicatorTable], settings: Settings, report: Report) -> None:
    """Report a rule of combination that is not named, and coefficients that it needs and lacks."""
    if not tables:
        return
    place = report.cells.get(("tables", tables[0].key)) or report.cells.get(("setting", "权重方法"))
    setting = report.cells.get(("setting", "多表评定"), place)
    if not settings.several_tables and setting is not None:
        report.add("combination-missing", setting)
    if settings.several_tables != COEFFICIENTS:
        return
    lacking = [t.key for t in tables if t.coefficient is None]
    total = sum((t.coefficient for t in tables if t.coefficient is not None), Decimal(0))
    where = report.cells.get(("tables", (lacking or [tables[0].key])[0], "系数"), place)
    if where is not None and (lacking or total != 1):
        says = f"缺少{'、'.join(lacking)}的系数" if lacking else f"各表系数之和为 {total}"
        report.add("table-coefficients", where, found=says)
