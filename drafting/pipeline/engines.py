"""The engine that a survey on disk is answered by: DuckDB, or a cluster that runs while the block lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baselines.engines import spark_running
from baselines.errors import BaselineError
from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.findings import Finding, Provenance
from drafting.keeping import Keeper
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines
from drafting.workbook.survey.ways import DEFAULT_LIMIT, Way, engine_finding


def baselines_of(inputs: Inputs, where: Provenance) -> tuple[Baselines | None, list[Finding]]:
    """Set the baselines; what the engine of a survey on disk cannot do is a finding, and there are none then."""
    try:
        return set_baselines(inputs, where)
    except BaselineError as error:
        if inputs.survey is None or inputs.survey.stored is None:
            raise
        return None, [engine_finding(error, inputs.survey.reading.file if inputs.survey.reading else "")]


@contextmanager
def way_of(
    folder: Path, engine: str | None = None, *, memory_limit: int = DEFAULT_LIMIT, master: str = "local[*]"
) -> Iterator[Way]:
    """How the survey of a project is to be read; what is read of it may be used within the block.

    ``engine``: ``"memory"``, ``"duckdb"`` or ``"spark"``; by the size of the file unless given.
    ``memory_limit``: bytes that DuckDB and the counting may use for data.
    ``master``: address of the Spark master; its workers must see the project folder.
    """
    if engine != "spark":
        yield Way(engine, memory_limit)
        return
    # The cluster is asked before the survey is read: a wrong address is not found out after minutes.
    running = spark_running(master)
    try:
        answer = running.__enter__()
    except BaselineError as fault:
        yield Way(engine, memory_limit, fault=fault)
        return
    try:
        # The workers read the prepared table: it stands in the project's own folder while they do, by a name that
        # holds in their processes, too.
        with Keeper(folder).scratch() as made:
            yield Way(engine, memory_limit, made.resolve(), answer)
    finally:
        running.__exit__(None, None, None)
