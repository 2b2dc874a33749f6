"""Returned Delphi questionnaires: direct weights per group (sum 100) and importance ratings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from string import ascii_uppercase
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.asking import BETWEEN, AskedGroup, groups_of_one
from drafting.model.experts import Allocation, DelphiAnswer
from drafting.model.identity import label_key
from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.model.tables import TABLE_SIGN
from drafting.standard import standard
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.headings import (
    FIRST_LEVEL_ALLOCATION,
    RATING,
    SECOND_LEVEL_ALLOCATION,
    TABLE,
    SheetForm,
    by_table,
    key,
    split_tables,
)
from drafting.workbook.questionnaires.answers import member, members_of
from drafting.workbook.questionnaires.beside import name_beside_list, name_unknown_sheets
from drafting.workbook.questionnaires.identity import Renaming
from drafting.workbook.report import Report, suggestion
from drafting.workbook.sheets import Workbook
from drafting.workbook.table import Record, read_table

TOTAL = 100
_DIGITS = "0123456789"
_SHEETS = (FIRST_LEVEL_ALLOCATION, SECOND_LEVEL_ALLOCATION, RATING)


@dataclass(frozen=True, slots=True)
class DelphiReader:
    """Reads the answers of one round against the indicator system."""

    system: IndicatorSystem
    number: int
    rating_scale: int
    report: Report
    kind: str = "delphi"
    """First word of the provenance keys: ``rating`` in a folder of ratings."""
    renaming: Renaming | None = None
    """What the questionnaire that is read called the items when it was made."""
    beside: list[tuple[str, Cell]] | None = None
    """Takes opinions on items of groups without weights: an answer has no place for them, but they were written."""
    asked: Sequence[AskedGroup] = ()
    """The groups of a standard with several tables, whose sheets have a column 分表; of one with one those it has."""
    changed: Collection[str] = ()
    """Groups in which the questionnaire did not ask all that is asked now: their weights are passed over."""
    told: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    """File, group and cell 分表 that did not fit -> whether the rows were left out."""

    def read(self, book: Workbook, expert: str) -> DelphiAnswer | None:
        """Read one expert's workbook; None (with a finding) when it answers nothing."""
        found = [form for form in _SHEETS if book.sheet(form.title) is not None]
        if not found:
            titles = "、".join(f.title for f in _SHEETS)
            self.report.add("delphi-no-sheet", book.place, sheets=titles)
            return None
        name_unknown_sheets(book, [form.title for form in _SHEETS], self.report)
        allocations: list[Allocation] = []
        members = members_of(self.asked or groups_of_one(self.system))
        for form, heading in ((FIRST_LEVEL_ALLOCATION, "一级指标"), (SECOND_LEVEL_ALLOCATION, "二级指标")):
            by_group: dict[str, list[Record]] = {}
            for record in self._records(book, form):
                group = self._named(record, FIRST_LEVEL) if form is FIRST_LEVEL_ALLOCATION else self._category(record)
                if group is not None:
                    by_group.setdefault(group, []).append(record)
            for group, records in by_group.items():
                if group in members and group not in self.changed:
                    allocations += self._group(group, members[group], records, heading, expert)
        ratings, suggestions = self._ratings(book)
        if not allocations and not ratings:
            if not any(f.place.file == book.place.file for f in self.report.findings):
                self.report.add("delphi-empty", book.place, expert=expert)
            return None
        self.report.cells[self.kind, str(self.number), expert] = book.place
        if ratings:
            self.report.cells["rating", str(self.number), expert] = book.place
        return DelphiAnswer(expert, tuple(allocations), ratings, suggestions)

    def _records(self, book: Workbook, form: SheetForm) -> tuple[Record, ...]:
        sheet = book.sheet(form.title)
        own = by_table(form) if self.asked else form
        table = read_table(sheet, own, self.report) if sheet is not None else None
        if table is not None:
            name_beside_list(table, self.report)
        return () if table is None else table.records

    def _named(self, record: Record, group: str) -> str | None:
        """What a group is called that the row is about: of several tables the one that the cell 分表 names."""
        if not self.asked:
            return group
        if not record.has(TABLE):  # the heading has been reported
            return None
        of = [a for a in self.asked if a.group == group]
        wanted = {label_key(t) for t in split_tables(record.text(TABLE))}
        tables = [{label_key(t) for t in a.tables} for a in of]
        exact = next((a for a, keys in zip(of, tables, strict=True) if keys == wanted), None)
        among = next((a for a, keys in zip(of, tables, strict=True) if wanted and wanted < keys), None)
        found = exact or among
        place, says = record.cell(TABLE), record.text(TABLE) or "空白"
        told = (place.file, group, says)
        if exact is None and told not in self.told:  # once for all rows of the group
            self.told[told] = found is None
            names = "；".join(BETWEEN.join(a.tables) for a in of)
            code = "delphi-table-unknown" if found is None else "delphi-table-partly"
            self.report.add(code, place, found=says, group=group, tables=names)
        return found.name if found is not None else None

    def _unplaced(self, file: str, group: str) -> bool:
        """Whether rows of a group, whichever the table, could not be placed: what it lacks has been told then."""
        return any(wrong and of[0] == file and group.endswith(of[1]) for of, wrong in self.told.items())

    def _category(self, record: Record) -> str | None:
        """The group of a row of second-level indicators."""
        says = record.text("一级指标")
        own = self._known_category(says)
        if self.asked and self.renaming is not None and own not in {a.group for a in self.asked}:
            tables = record.text(TABLE)
            renamed = self.renaming.group(f"{tables}{TABLE_SIGN}{says}") or self.renaming.group(says)
            if renamed is not None:
                return renamed
        if own is not None:
            return self._named(record, own)
        hint = suggestion(says, [c.name for c in self.system.adopted])
        self.report.add("delphi-member-unknown", record.cell("一级指标"), found=says or "空白", suggestion=hint)
        return None

    def _known_category(self, says: str) -> str | None:
        known = standard().category(says)
        own = known.name if known else next((c.name for c in self.system.categories if key(c.name) == key(says)), None)
        gone = own is None or (known is not None and own not in {c.name for c in self.system.categories})
        return (self.renaming.group(says) or own) if gone and self.renaming is not None else own

    def _group(
        self,
        group: str,
        members: Mapping[str, str],
        records: list[Record] | tuple[Record, ...],
        heading: str,
        expert: str,
    ) -> list[Allocation]:
        """Read one group's weights; nothing when it is blank or, with a finding, wrong."""
        before = len(self.report.findings)
        weights: dict[str, Decimal] = {}
        opinions: dict[str, str] = {}
        cells: dict[str, Cell] = {}
        blank: list[Record] = []
        gone: dict[str, Decimal] = {}
        for record in records:
            which = self._member(record, heading, members, cells, group)
            if which is None:
                gone |= self._removed(record, heading, group)
                continue
            cells[which] = record.cell("权重")
            if record.text("意见"):
                opinions[which] = record.text("意见")
            if record.blank("权重"):
                blank.append(record)
                continue
            weight = self._number(record, "权重", Decimal(0), Decimal(TOTAL), "delphi-weight-wrong")
            if weight is not None:
                weights[which] = weight
        if not weights and len(self.report.findings) == before:
            place = blank[0].cell("权重") if blank else records[0].cell("权重")
            self.report.add("delphi-group-blank", place, group=group)
            if self.beside is not None:
                self.beside.extend((f"{group}·{members[k]}：{text}", cells[k]) for k, text in opinions.items())
            return []
        missing = [name for k, name in members.items() if k not in cells]
        if blank:
            names = "、".join(r.text(heading) for r in blank[:5])
            self.report.add("delphi-weight-blank", blank[0].cell("权重"), group=group, names=names)
        elif missing and self._unplaced(records[0].table.sheet.place.file, group):
            return []
        elif missing and len(self.report.findings) == before:
            self.report.add("delphi-member-missing", records[0].cell(heading), group=group, names="、".join(missing))
        if len(self.report.findings) > before:
            return []
        if sum(gone.values()) > 0:
            names, points = "、".join(f"“{n}”" for n in gone), f"{sum(gone.values()):f}"
            place = records[0].cell(heading)
            self.report.add("allocation-items-removed", place, group=group, names=names, points=points)
            return []
        total = sum(weights.values(), Decimal(0))
        span = f"{next(iter(cells.values())).cell}～{list(cells.values())[-1].cell}"
        if total != TOTAL:
            place = next(iter(cells.values()))
            self.report.add(
                "delphi-sum",
                place,
                group=group,
                total=f"{total:f}",
                span=span,
                needed=TOTAL,
                difference=f"{TOTAL - total:f}",
            )
            return []
        for which, cell in cells.items():
            self.report.cells[self.kind, str(self.number), expert, group, which] = cell
        ordered = {k: float(weights[k]) for k in members}
        return [Allocation(group, MappingProxyType(ordered), MappingProxyType(opinions))]

    def _member(
        self, record: Record, heading: str, members: Mapping[str, str], cells: Mapping[str, Cell], group: str
    ) -> str | None:
        says = record.text(heading)
        known = standard().category(says) if heading == "一级指标" else None
        which = member(known.name if known else says, members)
        if which is None and self.renaming is not None:
            which = self.renaming.member(group, says)
            if which is None and self.renaming.is_removed(group, says):
                return None
        if which is None:
            hint = suggestion(says, [n for k, n in members.items() if k not in cells])
            self.report.add("delphi-member-unknown", record.cell(heading), found=says or "空白", suggestion=hint)
        elif which in cells:
            first = record.cell(heading).cell.rstrip(_DIGITS) + cells[which].cell.lstrip(ascii_uppercase)
            self.report.add("delphi-member-twice", record.cell(heading), found=says, first=first)
            return None
        return which

    def _removed(self, record: Record, heading: str, group: str) -> dict[str, Decimal]:
        """The points given to an item that is no longer asked."""
        says = record.text(heading)
        if self.renaming is None or not self.renaming.is_removed(group, says):
            return {}
        try:
            return {says: decimal_of(record.value("权重")) if not record.blank("权重") else Decimal(0)}
        except CellFaultError:
            return {says: Decimal(0)}

    def _number(self, record: Record, heading: str, low: Decimal, high: Decimal, code: str) -> Decimal | None:
        try:
            number = decimal_of(record.value(heading), percent=record.percent(heading), unit="%")
            if not low <= number <= high:
                raise CellFaultError(f"不在 {low}～{high} 之间")
        except CellFaultError as fault:
            found = record.shown(heading)
            self.report.add(code, record.cell(heading), found=found, reason=fault.reason, low=low, high=high)
            return None
        return number

    def _ratings(self, book: Workbook) -> tuple[Mapping[str, float], Mapping[str, str]]:
        ratings: dict[str, float] = {}
        suggestions: dict[str, str] = {}
        everything = {i.code: i.name for i in self.system.heads}
        by_name = {a.name: a for a in self.asked}
        cells: dict[str, dict[str, Cell]] = {}
        blank: list[Record] = []
        for record in self._records(book, RATING):
            group = self._category(record) if self.asked else self._known_category(record.text("一级指标")) or ""
            if group is None:
                continue
            own = by_name.get(group)
            met = cells.setdefault(group if own is not None else "", {})
            code = self._member(record, "二级指标", own.members if own is not None else everything, met, group)
            if code is None:
                continue
            met[code] = record.cell("重要性")
            which = own.rated(code) if own is not None else code
            if record.text("修改意见"):
                suggestions[which] = record.text("修改意见")
            if record.blank("重要性"):
                blank.append(record)
                continue
            low = Decimal(0 if self.rating_scale == TOTAL else 1)
            rating = self._number(record, "重要性", low, Decimal(self.rating_scale), "delphi-rating-wrong")
            if rating is not None:
                ratings[which] = float(rating)
        if blank:
            total = sum(map(len, cells.values()))
            self.report.add("delphi-rating-blank", blank[0].cell("重要性"), count=len(blank), total=total)
        return MappingProxyType(ratings), MappingProxyType(suggestions)
