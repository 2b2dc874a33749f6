"""Reads a package (评价包): it may be anybody's, so its size, schema, digest and formulas are looked at first."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType

import msgspec

from drafting.archives import DAMAGED
from drafting.model.bounds import Bound
from drafting.model.coded import JSON
from drafting.model.document import DocumentInfo
from drafting.model.formula import Formula
from drafting.model.inputs import Inputs
from drafting.model.settings import OLDER_RULES, Settings
from drafting.model.system import Category, Indicator, IndicatorSystem, TableNote
from drafting.model.tables import IndicatorTable
from drafting.model.terms import BaselineSource, Direction, Grade
from drafting.model.weight import Weight
from drafting.notation.cells_row import Reading, read_baseline, unlike
from drafting.notation.cells_row import Row as RowOf
from drafting.notation.weights import WeightError, parse_weight
from drafting.publishing.package import CONTENT, SCHEMA, Package, Part, Row, conditions, digest_of
from drafting.record.codec import place_in
from drafting.rulebooks import KEYS, TRIAL_2013
from drafting.workbook.headings import CLASS, OUTPUT, TABLE
from drafting.workbook.limits import Limits
from drafting.workbook.opening import OpeningError, read_bytes, unpack
from drafting.workbook.project.systems import united

_LIMITS = Limits(file_bytes=64 << 20, part_bytes=16 << 20, total_bytes=16 << 20, parts=100, ratio_from=1 << 20)
_LONGEST_CELL, _LONGEST_FORMULA, _MOST_ROWS = 500, 2_000, 2_000
"""Characters of a baseline and of a formula, rows of all tables: far above any standard's."""


def read_package(path: Path) -> Inputs:
    """Read a package as the inputs of an evaluation: tables, published weights and baselines, rules.

    Raises OpeningError when it cannot be used: code and values of the finding.
    """
    try:
        content: Mapping[str, JSON] = msgspec.json.decode(_content(read_bytes(path, _LIMITS)), type=dict)
    except (msgspec.MsgspecError, RecursionError) as fault:
        raise OpeningError("package-wrong", reason=f"{CONTENT} 不是 JSON 对象") from fault
    version = content.get("schema")
    if not isinstance(version, int) or isinstance(version, bool):
        raise OpeningError("package-wrong", reason="没有写明格式版本（schema）")
    if version > SCHEMA:
        raise OpeningError("package-newer", found=version, known=SCHEMA)
    if content.get("digest") != digest_of(content):
        raise OpeningError("package-digest")
    try:
        package = msgspec.convert({k: v for k, v in content.items() if k != "digest"}, Package)
    except msgspec.ValidationError as fault:
        raise OpeningError("package-wrong", reason=f"内容不合格式（{place_in(str(fault))}）") from fault
    return _inputs(package)


def _content(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = next((e for e in archive.infolist() if e.filename == CONTENT), None)
            if entry is None:
                raise OpeningError("package-wrong", reason=f"其中没有 {CONTENT}")
            return _unpacked(archive, entry)
    except OpeningError:
        raise
    except DAMAGED as fault:
        raise OpeningError("package-wrong", reason="不是 .zip 文件，或已损坏") from fault


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise OpeningError("file-protected")
    unpack(archive, entry, _LIMITS, _LIMITS.total_bytes)  # measured before it is kept
    return archive.read(entry)


def _inputs(package: Package) -> Inputs:
    if package.rules.key not in KEYS:
        raise OpeningError("package-wrong", reason=f"不认识的评价规则 {package.rules.key[:40]}")
    if not package.tables or sum(len(t.rows) for t in package.tables) > _MOST_ROWS:
        raise OpeningError("package-wrong", reason="没有表，或行数过多")
    rules = package.rules
    settings = Settings(
        weight_method="给定", comparison=rules.comparison, empty_category=rules.empty_category,
        several_tables=rules.several_tables, class_score=rules.class_score,
        rules=OLDER_RULES if rules.key == TRIAL_2013 else "", merge_strata=rules.merge_strata,
        by_stratum="是" if any(row.strata for part in package.tables for row in part.rows) else "否",
    )  # fmt: skip
    if (rules.full_mark, rules.thresholds, rules.limiting, rules.others) != conditions(settings.rules):
        raise OpeningError("package-wrong", reason=f"等级划分条件与 {rules.key} 的不同，不能按它评价")
    document = DocumentInfo(title=package.title, number=package.number, effective=package.effective)
    systems = [_system(part) for part in package.tables]
    if len(systems) == 1:
        return Inputs(document, settings, systems[0])
    tables = tuple(
        IndicatorTable(p.key, p.caption, s, p.applies, p.output_unit, _coefficient(p))
        for p, s in zip(package.tables, systems, strict=True)
    )
    return Inputs(document, settings, _united(systems), tables=tables)


def _coefficient(part: Part) -> Decimal | None:
    try:
        return Decimal(part.coefficient) if part.coefficient else None
    except InvalidOperation as fault:
        raise OpeningError("package-wrong", reason=f"“{part.key[:20]}”的系数不是数") from fault


def _united(systems: list[IndicatorSystem]) -> IndicatorSystem:
    return united(systems)


def _system(part: Part) -> IndicatorSystem:
    marks = frozenset(n.mark for n in part.notes if n.mark)
    categories = tuple(
        Category(g.name, weight=None if g.bonus and not g.weight else _weight(g.weight, g.name), bonus=g.bonus)
        for g in part.categories
    )
    indicators: list[Indicator] = []
    numbers: dict[str, int] = {}
    for row in part.rows:
        made = _indicator(row, marks)
        if row.class_name:
            numbers[row.code] = numbers.get(row.code, 0) + 1
            made = made.as_class(row.class_name, numbers[row.code], made.weight)
        indicators.append(made)
    columns = (TABLE, CLASS, OUTPUT) if part.key else (CLASS, OUTPUT) if numbers else ()
    return IndicatorSystem(categories, tuple(indicators), tuple(TableNote(n.mark, n.text) for n in part.notes), columns)


def _indicator(row: Row, marks: frozenset[str]) -> Indicator:
    by_group = [text for bounds in row.strata.values() for text in bounds.values()]
    texts = (*row.baselines.values(), *by_group, *row.strata, row.name, row.unit)
    if any(len(text) > _LONGEST_CELL for text in texts) or len(row.formula) > _LONGEST_FORMULA:
        raise OpeningError("package-formula", indicator=row.name[:40])
    try:
        direction = Direction(row.direction)
        bounds = _bounds(row, row.baselines, direction, marks)
        strata = {s: MappingProxyType(_bounds(row, of, direction, marks)) for s, of in row.strata.items()}
        merged = frozenset(Grade(g) for g in row.merged)
    except ValueError as fault:
        raise OpeningError("package-wrong", reason=f"“{row.name[:40]}”的方向或等级不认识") from fault
    source = BaselineSource.QUALITATIVE if direction is Direction.QUALITATIVE else BaselineSource.POLICY
    return Indicator(
        code=row.code, name=row.name, category=row.category, unit=row.unit, direction=direction, limiting=row.limiting,
        weight=_weight(row.weight, row.name), baselines=MappingProxyType(bounds), source=source,
        formula=Formula.read(row.formula), marks=tuple(row.marks), merged=merged, strata=MappingProxyType(strata),
    )  # fmt: skip


def _bounds(row: Row, texts: Mapping[str, str], direction: Direction, marks: frozenset[str]) -> dict[Grade, Bound]:
    of = RowOf(row.name, row.unit, direction.value, marks)
    read: dict[Grade, Reading] = {}
    for grade, text in texts.items():
        read[Grade(grade)] = unlike(read_baseline(text, of), read.values(), of)
    return {grade: reading.bound for grade, reading in read.items()}


def _weight(text: str, name: str) -> Weight:
    try:
        return replace(parse_weight(text), text=text)
    except WeightError as fault:
        raise OpeningError("package-wrong", reason=f"“{name[:40]}”的权重不是权重") from fault
