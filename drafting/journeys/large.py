"""Baselines of a project whose survey is too large for memory: which engine, and the way from file to levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drafting.findings import Cell, Finding
from drafting.journey import OUTPUT, Journey
from drafting.model.results import Results
from drafting.project.folder import load_project
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report

if TYPE_CHECKING:
    from drafting.analysis.large_table import CleanTable
    from drafting.model.large import LargeSurvey

LARGE_BYTES = 256 << 20
"""A .csv or .parquet survey above this size goes to DuckDB unless the user says otherwise."""
DEFAULT_LIMIT = 1 << 30
"""Bytes for preparing and counting unless the user says otherwise; finding repeated enterprises takes most of them."""
ENGINES = ("memory", "duckdb", "spark")


@dataclass(frozen=True, slots=True)
class LargeJourney:
    """The levels of a large survey with what was read of it."""

    journey: Journey
    engine: str
    reading: Mapping[str, Any]


def survey_file(folder: Path) -> Path | None:
    """The survey that reading would take."""
    return next((p for s in h.SURVEY_SUFFIXES if (p := folder / f"{h.SURVEY_STEM}{s}").is_file()), None)


def choose_engine(folder: Path, asked: str | None) -> str:
    """Memory or DuckDB by the size of the survey, unless the user asks for one."""
    if asked is not None:
        return asked
    path = survey_file(folder)
    large = path is not None and path.suffix.lower() != ".xlsx" and path.stat().st_size > LARGE_BYTES
    return "duckdb" if large else "memory"


def large_baselines(folder: Path, engine: str, *, memory_limit: int, master: str = "local[*]") -> LargeJourney:
    """Set the baselines of a project without loading its survey.

    Parameters
    ----------
    engine
        ``"duckdb"`` or ``"spark"``.
    memory_limit
        Bytes that DuckDB and the counting may use for data.
    master
        Address of the Spark master; its workers must see the project folder.

    Raises
    ------
    baselines.engines.EngineError
        What the engine cannot do; :func:`engine_message` words it.
    """
    project = load_project(folder, survey=False)
    path = survey_file(folder)
    if project.inputs is None or path is None:
        return LargeJourney(Journey(project, Results(), project.findings), engine, {})
    report = Report()
    described = None
    try:
        described = describe_survey(path, project.inputs.system, report)
    except OpeningError as fault:
        report.add(fault.code, Cell(path.name), **fault.values)
    found: list[Finding] = [*project.findings, *report.findings]
    if described is None:
        return LargeJourney(Journey(project, Results(), tuple(found)), engine, {})
    from baselines.engines import grades_of_table, grades_on_spark
    from drafting.analysis.large_levels import set_large_levels
    from drafting.analysis.large_table import prepare

    where = project.provenance.merged(report.provenance())
    # On a cluster the workers read the prepared table: it stands in the project's own folder while they do.
    place = folder / OUTPUT if engine == "spark" else None
    if place is not None:
        place.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="survey-", dir=place) as scratch:
        table, more = prepare(described, project.inputs, Path(scratch), memory_limit, where)
        found += more
        if engine == "spark":
            levels, more = set_large_levels(
                table, project.inputs, where, lambda p, q: grades_on_spark(p, q, master=master)
            )
        else:
            levels, more = set_large_levels(
                table, project.inputs, where, lambda p, q: grades_of_table(p, q, memory_limit=memory_limit)
            )
        found += more
    journey = Journey(project, Results(levels=levels), tuple(found))
    return LargeJourney(journey, engine, _reading(described, table))


def describe_survey(path: Path, system: Any, report: Report) -> LargeSurvey | None:
    """Describe the survey by its headings."""
    from drafting.workbook.large_survey import describe

    return describe(path, path.name, system, report)


def engine_message(error: Exception) -> str:
    """Say in Chinese what an engine could not do, and what helps."""
    from baselines import NotFiniteError
    from baselines.engines import (
        EngineMissingError,
        JavaMissingError,
        MasterUnreachableError,
        MemoryLimitError,
        TableError,
    )

    values: tuple[Any, ...] = getattr(error, "values", ())
    match error:
        case EngineMissingError():
            extra = values[0] if values else "duckdb"
            return f'缺少这种计算方式所需的程序包，请运行：pip install "cleaner-production-drafting[{extra}]"'
        case JavaMissingError():
            return "Spark 需要 Java 17 或更高版本，没有找到。请安装 Java 并设置 JAVA_HOME，或改用 --engine duckdb。"
        case MasterUnreachableError():
            remedy = "请核对 --master 的地址和端口、主节点是否运行，或改用 --engine duckdb。"
            return f"Spark 主节点 {values[0]} 没有应答。{remedy}"
        case MemoryLimitError():
            least = f"，至少需要约 {int(values[1]) >> 20} MB" if len(values) > 1 else ""
            limit = int(values[0]) >> 20
            return f"内存上限 {limit} MB 太小，计算不能完成{least}。请用 --memory-limit 给更大的值，如 1GB。"
        case TableError():
            return f"表格不能读取或缺少数值列：{'、'.join(map(str, values))}"
        case NotFiniteError():
            return f"数据中有无穷大：{'、'.join(map(str, values))}"
        case _:
            return f"计算引擎不能完成：{values[-1] if values else error}"


def _reading(survey: LargeSurvey, table: CleanTable) -> Mapping[str, Any]:
    return {
        "file": survey.file,
        "rows": table.rows + table.repeated,
        "enterprises": table.rows,
        "repeated": table.repeated,
        "columns": [
            {
                "heading": column.heading, "code": code, "stated_unit": column.stated_unit,
                "factor": str(column.factor), **table.counts.get(code, {}),
            }
            for code, column in survey.columns.items()
        ],
        "ignored": list(survey.ignored),
    }  # fmt: skip
