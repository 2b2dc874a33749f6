"""How 调研数据 is read: into memory, or as a table on disk that an engine answers for; by its size unless asked for."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines import NotFiniteError
from baselines.errors import BaselineError
from drafting.files import OutputError
from drafting.findings import Cell, Finding, finding
from drafting.inside import kind_of
from drafting.model.labels import merging_rule
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report
from drafting.workbook.survey.stored import WeightRangeError

if TYPE_CHECKING:
    from drafting.model.survey import Survey
    from drafting.workbook.on_disk.parts import PartSource
    from drafting.workbook.on_disk.source import Source
    from drafting.workbook.survey.rules import Store, SurveyRules

LARGE_BYTES = {".csv": 32 << 20, ".parquet": 256 << 20}
"""A survey above this size stays on disk unless the user says otherwise; text takes many times its size in memory."""
DEFAULT_LIMIT = 1 << 30
"""Bytes for preparing and counting unless the user says otherwise; finding repeated enterprises takes most of them."""
ENGINES = ("memory", "duckdb", "spark")
MASTER_EXAMPLES = "local[*]、local[4]、spark://主机:7077、yarn、k8s://https://主机:6443"


@dataclass(frozen=True, slots=True)
class Way:
    """The engine that a survey is read for."""

    engine: str | None = None
    """One of :data:`ENGINES`; None: by the size of the file."""
    memory_limit: int = DEFAULT_LIMIT
    """Bytes that an engine and the counting may use for data."""
    scratch: Path | None = None
    """Folder for the table, if not one of the system's; whoever gives it removes it."""
    answer: Callable[[Path, Any], Any] | None = None
    """Answers questions about the table; None: DuckDB does."""
    fault: BaselineError | None = None
    """Why the engine that was asked for does not run."""

    def chosen(self, path: Path | None) -> str:
        """The engine for a survey file."""
        if self.engine is not None:
            return self.engine
        most = None if path is None else LARGE_BYTES.get(path.suffix.lower())
        large = path is not None and most is not None and path.stat().st_size > most
        return "duckdb" if large and find_spec("duckdb") and find_spec("pyarrow") else "memory"


def survey_file(folder: Path) -> Path | None:
    """The survey that reading would take."""
    files = (folder / f"{h.SURVEY_STEM}{suffix}" for suffix in h.SURVEY_SUFFIXES)
    return next((p for p in files if kind_of(p, folder) == "file"), None)


def read_stored(path: Path, rules: SurveyRules, way: Way, report: Report) -> Survey | None:
    """Read a survey into a table on disk; None (with findings) where that is impossible.

    Raises WeightRangeError for sampling weights that no engine adds up, where memory can be read into instead: no
    engine was asked for.
    """
    from drafting.workbook.survey.assembly import read_survey

    def read(source: Source, store: Stores, own: Report) -> Mapping[str, Survey | None]:
        return {"": read_survey(store(source, ""), rules, own)}

    return _stored(path, rules, way, report, read).get("")


def read_stored_tables(
    path: Path, rules: Mapping[str, SurveyRules], united: SurveyRules, way: Way, report: Report
) -> Mapping[str, Survey | None]:
    """Read the survey of several tables likewise, one table of each; nothing (with findings) where it cannot be read.

    ``rules``: by key of the table.
    ``united``: with the system that holds every indicator once.
    """
    from drafting.workbook.on_disk.parts import parts_on_disk
    from drafting.workbook.survey.assembly import read_survey
    from drafting.workbook.survey.by_table import division_of, note_missing, part_by_part, plantwide

    def read(source: Source, store: Stores, own: Report) -> Mapping[str, Survey | None]:
        division = division_of(source.table, rules, united.system, own)
        if division is None:
            return {}
        parts = parts_on_disk(source.prepared(store.folder, own), division)
        reports = {key: Report() for key in rules}
        note_missing((key for key, part in parts.items() if part is None), path.name, reports, own)

        def one(key: str, told: Report) -> Survey | None:
            part = parts[key]
            return None if part is None else read_survey(store(part, key), rules[key], told)

        return plantwide(part_by_part(reports, one, own), rules, own)

    return _stored(path, united, way, report, read)


@dataclass(frozen=True, slots=True)
class Stores:
    """Makes stores in folders of their own."""

    folder: Path
    duck: Any
    memory_limit: int
    merging: Mapping[str, str]

    def __call__(self, source: Source | PartSource, key: str) -> Store:
        """The store of a survey, or of one table's part of it."""
        from drafting.workbook.on_disk.store import OnDisk

        folder = self.folder
        if key:
            folder = Path(tempfile.mkdtemp(prefix="table-", dir=self.folder))
            self.duck.execute("DROP TABLE IF EXISTS twice")
        return OnDisk(source, folder, self.duck, self.memory_limit, self.merging)


Reading = Callable[["Source", Stores, Report], Mapping[str, "Survey | None"]]


def _stored(path: Path, rules: SurveyRules, way: Way, report: Report, read: Reading) -> Mapping[str, Survey | None]:
    from baselines.engines import LEAST_LIMIT, MemoryLimitError, ScratchError, connection
    from drafting.workbook.on_disk.source import open_source

    own, place = Report(cells=report.cells, grids=report.grids, columns=report.columns), Cell(path.name)
    surveys: Mapping[str, Survey | None] = {}
    scratch = way.scratch or Path(tempfile.mkdtemp(prefix="survey-"))
    try:
        if way.fault is not None:
            raise way.fault
        if way.memory_limit < LEAST_LIMIT:
            raise MemoryLimitError("too few bytes", values=(way.memory_limit, LEAST_LIMIT))
        source = open_source(path, path.name, rules.system, own)
        merging = dict(merging_rule(rules.settings.merge_strata))
        if source is not None:
            with connection(way.memory_limit) as duck:
                surveys = read(source, Stores(scratch, duck, way.memory_limit, merging), own)
    except OpeningError as fault:
        own.add(fault.code, place, **fault.values)
    except WeightRangeError:
        if way.engine is None:
            raise
        own.add("large-weights", report.cells.get(("survey", h.SAMPLING_WEIGHT), place))
    except BaselineError as error:
        own.findings.append(engine_finding(error, path.name))
    except OSError as fault:  # a file that is read is spoken of where it is opened; this is the table on its way
        own.findings.append(engine_finding(ScratchError("full", values=(fault.errno or 0,)), path.name))
    finally:
        if way.scratch is None and all(survey is None for survey in surveys.values()):
            shutil.rmtree(scratch, ignore_errors=True)
    report.findings += own.findings
    stored = [survey.stored for survey in surveys.values() if survey is not None and survey.stored is not None]
    left = [len(stored)]

    def gone() -> None:
        left[0] -= 1
        if not left[0]:
            shutil.rmtree(scratch, ignore_errors=True)

    for one in stored:
        one.answer = way.answer
        if way.scratch is None:
            weakref.finalize(one, gone)
    return surveys


def size_text(size: int) -> str:
    """Bytes as MB, below one as KB, never cut to nothing: ``48 MB``, ``1.5 MB``, ``307 KB``."""
    if size >= 1 << 20:
        return f"{size / (1 << 20):.1f}".removesuffix(".0") + " MB"
    kilobytes = size / (1 << 10)
    return (f"{kilobytes:.0f}" if kilobytes >= 1 else f"{kilobytes:.1g}") + " KB"


def engine_finding(error: BaselineError, survey: str = "") -> Finding:
    """Word what an engine could not do, and what helps; the survey is the place where the data are the cause."""
    from baselines.engines import (
        EngineMissingError,
        JavaMissingError,
        MasterAddressError,
        MasterUnreachableError,
        MemoryLimitError,
        ScratchError,
        TableError,
    )

    values: tuple[Any, ...] = error.values
    place = Cell(survey)
    match error:
        case EngineMissingError():
            return finding("engine-missing", extra=values[0] if values else "duckdb")
        case JavaMissingError():
            return finding("engine-java")
        case MasterAddressError():
            return finding("engine-address", master=values[0], examples=MASTER_EXAMPLES)
        case MasterUnreachableError():
            return finding("engine-master", master=values[0])
        case MemoryLimitError():
            least = f"，至少需要约 {size_text(int(values[1]))}" if len(values) > 1 else ""
            return finding("engine-memory", limit=size_text(int(values[0])), least=least)
        case ScratchError():
            folder = tempfile.gettempdir()
            reason = OutputError(Path(folder), OSError(values[0], "")).reason
            return finding("engine-scratch", place, folder=folder, reason=reason)
        case TableError():
            return finding("engine-table", place, names="、".join(map(str, values)))
        case NotFiniteError():
            return finding("engine-infinite", place, names="、".join(map(str, values)))
        case _:
            return finding("engine-failed", reason=values[-1] if values else str(error))
