"""``drafting baselines``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.tables import chosen, shown, table_option
from drafting.cli.views_findings import show_findings
from drafting.findings import finding
from drafting.workbook.survey.ways import DEFAULT_LIMIT, ENGINES, MASTER_EXAMPLES, Way, size_text, survey_file

if TYPE_CHECKING:
    from drafting.analysis.baselines.what_if import Change, WhatIf
    from drafting.model.coded import JSON
    from drafting.model.pictures import IndicatorPicture
    from drafting.model.survey import Reading
    from drafting.project.folder import Project
    from drafting.run import Run

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(k|m|g|t)?i?b?", re.IGNORECASE)
_UNITS = {"": 1 << 20, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def read_size(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    """Read ``500MB`` or ``2GB``; a bare number counts megabytes."""
    if value is None:
        return None
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise click.BadParameter(f"“{value}”不是内存大小，应如 500MB、2GB。")
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()])


def read_master(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no address of a Spark master by its form."""
    if value is None:
        return None
    from baselines.engines import is_master_address

    if not is_master_address(value):
        raise click.BadParameter(f"“{value}”不是 Spark 主节点的地址，应如 {MASTER_EXAMPLES}。")
    return value


@project_command("baselines", "由调研数据计算各指标Ⅰ级、Ⅱ级、Ⅲ级基准值，并给出公布值实际达到的企业比例。")
@click.option("--details", is_flag=True, help="另列名次、区间、Excel 值、待核实的数据和数据读取表。")
@click.option("--what-if", "trials", multiple=True, metavar="代码:等级=值",
              help="试算另一个基准值，如 E1:I=0.62（可重复）：达到的比例、等级分布的变化；不写入项目。")  # fmt: skip
@click.option("--charts", is_flag=True, help="在 成果/图/ 写出分布图、对标曲线和各一级指标的总览（PNG 和 SVG）。")
@click.option("--internal", is_flag=True, help="与 --charts 同用：图中标出待核实数据的企业名称，仅供编制组内部使用。")
@click.option("--engine", type=click.Choice(ENGINES), help="内存、DuckDB（大表）或 Spark（集群）；默认按文件大小选择。")
@click.option("--memory-limit", callback=read_size, metavar="大小", help="大表计算可用的内存，如 500MB（默认 1GB）。")
@click.option("--master", callback=read_master, metavar="地址",
              help="Spark 主节点，如 local[4]、spark://主机:7077（默认 local[*]）。")  # fmt: skip
@table_option
def command(
    folder: Path, as_json: bool, *, details: bool, trials: Sequence[str], charts: bool, internal: bool,
    engine: str | None, memory_limit: int | None, master: str | None, table: str | None,
) -> int:  # fmt: skip
    """Show the baselines."""
    from drafting.cli.progress import read_project
    from drafting.pipeline.engines import way_of
    from drafting.pipeline.running import run_project

    if internal and not charts:
        raise click.UsageError("--internal 与 --charts 同用。")
    if master is not None and engine != "spark":
        raise click.UsageError("--master 与 --engine spark 同用。")
    used = Way(engine).chosen(survey_file(folder))
    if memory_limit is not None and used == "memory":
        raise click.UsageError("--memory-limit 与 --engine duckdb 或 spark 同用。")
    if trials and used != "memory":
        _read_changes(read_project(folder, survey=False), trials)  # what cannot be read is said before a long reading
    limit, address = memory_limit if memory_limit is not None else DEFAULT_LIMIT, master or "local[*]"
    until = "trial" if trials else "baselines"
    with way_of(folder, engine, memory_limit=limit, master=address) as way:
        run = run_project(folder, until=until, read=partial(read_project, way=way))
        run = chosen(run, table, needed="--what-if 和 --charts " if trials or charts else "")
        inputs = run.project.inputs
        tried = _try(run, trials) if trials else None
        files, run = _charts(run, internal=internal) if charts else ([], run)
    survey = inputs.survey if inputs is not None else None
    reading = survey.reading if survey is not None else None
    used = "memory" if survey is not None and survey.stored is None else used
    how = {"memory": "内存", "duckdb": f"DuckDB（不装入内存，上限 {size_text(limit)}）", "spark": f"Spark（{address}）"}
    told = _Told(run, used, how[used], reading, tried, files if charts else None)
    return told.as_json() if as_json else told.on_screen(details=details, with_reading=details or used != "memory")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a run found, by whatever engine."""

    run: Run
    engine: str
    how: str
    """The engine in words."""
    reading: Reading | None
    tried: WhatIf | None
    files: Sequence[Path] | None
    """Pictures written; None if none were asked for."""

    def as_json(self) -> int:
        from drafting.record.answers import what_if_json
        from drafting.record.codec import plain
        from drafting.record.results import baselines_json, findings_json

        baselines, inputs = self.run.results.baselines, self.run.project.inputs
        content = baselines_json(baselines, inputs) if baselines and inputs else {"settings": {}, "indicators": []}
        of_tables = self.run.of_tables.items()
        if of_tables:
            content["tables"] = [
                {"key": key, **baselines_json(one.results.baselines, one.project.inputs)}
                for key, one in of_tables if one.results.baselines and one.project.inputs
            ]  # fmt: skip
        extra: dict[str, JSON] = {"engine": self.engine, "reading": plain(self.reading)}
        if self.tried is not None:
            extra["what_if"] = what_if_json(self.tried)
        if self.files is not None:
            extra["files"] = [str(p) for p in self.files]
        write_json({**content, **extra, "findings": findings_json(self.run.findings)})
        return exit_status(self.run.findings)

    def on_screen(self, *, details: bool, with_reading: bool) -> int:
        from drafting.cli.views_baselines import show_baselines, show_details, show_reading, show_what_if

        out = screen()
        for one in shown(out, self.run):
            show_baselines(out, one)
            if details:
                show_details(out, one)
            if with_reading:
                survey = one.project.inputs.survey if one.project.inputs else None
                show_reading(out, self.reading if one is self.run else survey.reading if survey else None)
        if self.tried is not None:
            show_what_if(out, self.tried)
        if self.files:
            out.line(f"已写出 {len(self.files)} 个图：{self.files[0].parent}")
        show_findings(out, self.run.findings)
        out.line(f"计算方式：{self.how}")
        return exit_status(self.run.findings)


def _try(run: Run, trials: Sequence[str]) -> WhatIf | None:
    from drafting.analysis.baselines.what_if import what_if

    results, inputs = run.results, run.project.inputs
    if inputs is None or results.baselines is None:
        _nothing_to_try(run)
        return None
    changes = _read_changes(run.project, trials)
    with _what_if_explained():
        return what_if(inputs, results.weights, results.baselines, results.trial, changes, run.project.provenance)


def _read_changes(project: Project, trials: Sequence[str]) -> list[Change]:
    from drafting.analysis.baselines.what_if import read_change

    with _what_if_explained():
        return [] if project.inputs is None else [read_change(text, project.inputs) for text in trials]


def _nothing_to_try(run: Run) -> None:
    """Where there are no baselines: the findings say why, or there is nothing yet to take them from."""
    if not run.failed:
        raise click.UsageError("--what-if 需要已有的基准值：项目还没有调研数据，也没有给定的基准值。")


@contextmanager
def _what_if_explained() -> Iterator[None]:
    from drafting.analysis.baselines.what_if import EXAMPLE, WhatIfError

    try:
        yield
    except WhatIfError as error:
        known = f"可用：{'、'.join(error.known)}。" if error.known else ""
        words = {
            "form": f"--what-if “{error.detail}”看不懂，应写作 代码:等级=值，如 {EXAMPLE}。",
            "indicator": f"--what-if 中没有这个指标：“{error.detail}”。{known}",
            "grade": f"--what-if 中没有这个等级：“{error.detail}”。{known}",
            "number": f"--what-if 中“{error.detail}”不是数，应如 {EXAMPLE}。",
            "sign": f"--what-if 中“{error.detail}”的比较符号与该指标的方向不符。{known}",
            "twice": f"--what-if 两次改同一个基准值：{error.detail}，只能给一个值。",
            "qualitative": f"“{error.detail}”是定性指标，没有可试算的数值。",
            "no-levels": f"指标 {error.detail} 尚无基准值。",
        }
        raise click.UsageError(words[error.reason]) from error


def _charts(run: Run, *, internal: bool) -> tuple[list[Path], Run]:
    inputs, baselines = run.project.inputs, run.results.baselines
    if inputs is None or baselines is None:
        return [], run
    from drafting.analysis.baselines.pictures import pictures
    from drafting.pipeline.running import in_order

    survey = inputs.survey
    if survey is not None and survey.stored is not None and not survey.loads:
        place, limit = run.project.provenance.find("survey"), survey.stored.memory_limit >> 20
        said = finding("large-no-curve", place, rows=len(survey), limit=limit)
        run = replace(run, findings=in_order((*run.findings, said)))
    return _write_charts(run, pictures(inputs, baselines), internal=internal)


def _write_charts(run: Run, pictures: Sequence[IndicatorPicture], *, internal: bool) -> tuple[list[Path], Run]:
    from drafting.charts.files import write_baseline_charts
    from drafting.publishing.outputs import write_files

    return write_files(run, lambda output: write_baseline_charts(pictures, output / "图", internal=internal))
