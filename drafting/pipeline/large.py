"""Baselines of a project whose survey is too large for memory: which engine, and the way from file to baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drafting.findings import Cell, Finding, finding
from drafting.inside import kind_of
from drafting.keeping import Keeper
from drafting.model.results import Results
from drafting.pipeline.running import in_order
from drafting.project.folder import Project, load_project
from drafting.project.forms import unread
from drafting.run import Run
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError

if TYPE_CHECKING:
    from baselines.errors import BaselineError
    from drafting.analysis.baselines.large import Engine
    from drafting.analysis.baselines.what_if import WhatIf
    from drafting.model.inputs import Inputs
    from drafting.model.large import CleanTable
    from drafting.model.pictures import IndicatorPicture
    from drafting.model.survey import Reading
    from drafting.workbook.large.cells import CountingReport

LARGE_BYTES = 256 << 20
"""A .csv or .parquet survey above this size goes to DuckDB unless the user says otherwise."""
DEFAULT_LIMIT = 1 << 30
"""Bytes for preparing and counting unless the user says otherwise; finding repeated enterprises takes most of them."""
ENGINES = ("memory", "duckdb", "spark")
MASTER_EXAMPLES = "local[*]、local[4]、spark://主机:7077、yarn、k8s://https://主机:6443"


@dataclass(frozen=True, slots=True)
class LargeRun:
    """The baselines of a large survey with what was read of it."""

    run: Run
    engine: str
    reading: Reading | None = None
    pictures: tuple[IndicatorPicture, ...] = ()
    what_if: WhatIf | None = None
    """None where nothing was to be tried, or there are no baselines."""


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory(prefix="survey-") as made:
        yield Path(made)


@contextmanager
def _shared(folder: Path) -> Iterator[Path]:
    """A folder of the project that other processes can open: the keeper's own name for it holds in this one only."""
    with Keeper(folder).scratch() as made:
        yield made.resolve()


def survey_file(folder: Path) -> Path | None:
    """The survey that reading would take."""
    files = (folder / f"{h.SURVEY_STEM}{suffix}" for suffix in h.SURVEY_SUFFIXES)
    return next((p for p in files if kind_of(p, folder) == "file"), None)


def choose_engine(folder: Path, asked: str | None) -> str:
    """Memory or DuckDB by the size of the survey, unless the user asks for one."""
    if asked is not None:
        return asked
    path = survey_file(folder)
    large = path is not None and path.suffix.lower() != ".xlsx" and path.stat().st_size > LARGE_BYTES
    return "duckdb" if large else "memory"


def large_baselines(
    folder: Path,
    engine: str,
    *,
    memory_limit: int,
    master: str = "local[*]",
    charts: bool = False,
    what_if: Sequence[str] = (),
    read: Callable[..., Project] = load_project,
) -> LargeRun:
    """Set the baselines of a project without loading its survey.

    The figures are those of the route in memory, but for one: ``Level.enterprises`` stays empty. It lists every
    enterprise that reports the deciding value, and ties in a large survey may be millions.

    Parameters
    ----------
    engine
        ``"duckdb"`` or ``"spark"``.
    memory_limit
        Bytes that DuckDB and the counting may use for data.
    master
        Address of the Spark master; its workers must see the project folder.
    read
        How the folder is read, as :func:`drafting.project.folder.load_project`.
    charts
        Whether pictures are prepared.
    what_if
        Other baselines to try, as ``E1:I=0.62``.

    Raises
    ------
    drafting.analysis.baselines.what_if.WhatIfError
        For a what-if that cannot be read, before the survey is.

    Notes
    -----
    What the engine cannot do is a finding beside the others, and there are no baselines then.
    """
    from baselines.engines import LEAST_LIMIT, MemoryLimitError
    from baselines.errors import BaselineError
    from drafting.analysis.baselines.large import set_large_baselines
    from drafting.analysis.baselines.large_pictures import large_pictures
    from drafting.analysis.baselines.large_what_if import large_what_if
    from drafting.analysis.baselines.what_if import read_change
    from drafting.analysis.weights.weigh import weigh
    from drafting.workbook.large.cells import CountingReport

    project = read(folder, survey=False)
    project = replace(project, findings=(*project.findings, *unread(folder)))
    path = survey_file(folder)
    if project.inputs is None or path is None:
        return LargeRun(Run(project, Results(), project.findings), engine)
    inputs = project.inputs
    if inputs.tables or inputs.system.has_classes:
        what = "不装入内存的计算（分表或类别行）"
        findings = in_order((*project.findings, finding("tables-not-here", Cell(path.name), what=what)))
        return LargeRun(Run(project, Results(), findings), engine)
    changes = [read_change(says, inputs) for says in what_if]
    report = CountingReport(cells=dict(project.provenance.cells))
    # On a cluster the workers read the prepared table: it stands in the project's own folder while they do.
    scratch_of = partial(_shared, folder) if engine == "spark" else _temporary
    found: list[Finding] = list(project.findings)
    weights, baselines, reading, tried = None, None, None, None
    if changes:
        weights, more = weigh(inputs, project.provenance)
        found += more
    made: tuple[IndicatorPicture, ...] = ()
    try:
        if memory_limit < LEAST_LIMIT:
            raise MemoryLimitError(f"{memory_limit} bytes are too few", values=(memory_limit, LEAST_LIMIT))
        # The cluster is asked before the survey is read: a wrong address is not found out after minutes.
        with (
            _engine(engine, memory_limit, master) as answers,
            scratch_of() as scratch,
        ):
            table = _clean(path, project, inputs, scratch, memory_limit, report)
            where = project.provenance.merged(report.provenance())
            if table is not None:
                reading = table.reading
                baselines, more = set_large_baselines(table, inputs, where, memory_limit, answers)
                found += more
                if charts and baselines is not None:
                    made, more = large_pictures(table, inputs, baselines, memory_limit, where)
                    found += more
                if changes and baselines is not None:
                    tried, more = large_what_if(table, inputs, weights, baselines, changes, where, memory_limit)
                    found += more
    except BaselineError as error:
        found.append(engine_finding(error, path))
    found += report.findings
    run = Run(project, Results(weights, baselines), in_order(found))
    return LargeRun(run, engine, reading, made, tried)


@contextmanager
def _engine(engine: str, memory_limit: int, master: str) -> Iterator[Engine]:
    from baselines.engines import grades_of_table, spark_running

    if engine == "spark":
        with spark_running(master) as answers:
            yield answers
    else:
        yield partial(grades_of_table, memory_limit=memory_limit)


def _clean(
    path: Path, project: Project, inputs: Inputs, folder: Path, memory_limit: int, report: CountingReport
) -> CleanTable | None:
    """Read the survey; None (with findings) where that is impossible."""
    from drafting.analysis.baselines.set_baselines import merging_rule
    from drafting.workbook.large.clean import WeightRangeError, clean
    from drafting.workbook.large.source import open_source

    place = Cell(path.name)
    try:
        source = open_source(path, path.name, inputs.system, report)
        if source is None:
            return None
        merging = dict(merging_rule(inputs.settings.merge_strata))
        return clean(source, inputs, folder, memory_limit, report, merging, project.unsure, whole=project.whole)
    except OpeningError as fault:
        report.add(fault.code, place, **fault.values)
    except WeightRangeError:
        report.add("large-weights", report.cells.get(("survey", h.SAMPLING_WEIGHT), place))
    return None


def size_text(size: int) -> str:
    """Bytes as MB, below one as KB, never cut to nothing: ``48 MB``, ``1.5 MB``, ``307 KB``."""
    if size >= 1 << 20:
        return f"{size / (1 << 20):.1f}".removesuffix(".0") + " MB"
    kilobytes = size / (1 << 10)
    return (f"{kilobytes:.0f}" if kilobytes >= 1 else f"{kilobytes:.1g}") + " KB"


def engine_finding(error: BaselineError, survey: Path | None = None) -> Finding:
    """Word what an engine could not do, and what helps; the survey is the place where the data are the cause."""
    from baselines import NotFiniteError
    from baselines.engines import (
        EngineMissingError,
        JavaMissingError,
        MasterAddressError,
        MasterUnreachableError,
        MemoryLimitError,
        TableError,
    )

    values: tuple[Any, ...] = error.values
    place = Cell(survey.name) if survey is not None else Cell()
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
        case TableError():
            return finding("engine-table", place, names="、".join(map(str, values)))
        case NotFiniteError():
            return finding("engine-infinite", place, names="、".join(map(str, values)))
        case _:
            return finding("engine-failed", reason=values[-1] if values else str(error))
