"""``drafting weights``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.tables import chosen, shown, table_option
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drafting.model.coded import JSON
    from drafting.model.consultation import Consultation, PanelStanding, Screening
    from drafting.run import Run


@project_command("weights", "由判断矩阵、德尔菲问卷或给定值计算权重，列出各专家的 CR、共识、停止规则和指标筛选的结果。")
@click.option("--compare", is_flag=True, help="三种算法 × 各 RI 表并列比较，说明结论或排序在哪里取决于方法。")
@click.option("--charts", is_flag=True, help="在 成果/图/ 写出权重区间、各轮收敛、专家共识的图（PNG 和 SVG）。")
@click.option("--internal", is_flag=True, help="与 --charts 同用：图中标出专家代号，仅供编制组内部使用。")
@table_option
def command(folder: Path, as_json: bool, compare: bool, charts: bool, internal: bool, table: str | None) -> int:
    """Show the weights."""
    from drafting.cli.progress import read_project
    from drafting.pipeline.running import run_project
    from drafting.project.answer_record import keeping
    from drafting.record.codec import plain
    from drafting.record.results import findings_json, weights_json

    if internal and not charts:
        raise click.UsageError("--internal 与 --charts 同用。")
    run = run_project(folder, until="weights", read=keeping(read_project, date.today()))
    run = chosen(run, table, needed="--compare 和 --charts " if compare or charts else "")
    weights, inputs = run.results.weights, run.project.inputs
    if table is None and run.of_tables:
        return _by_table(run, as_json=as_json)
    delphi, panel = _panel(run)
    screening = None if delphi is None else delphi.screening
    compared = None
    if compare and inputs is not None:
        from drafting.analysis.weights.comparison import compare as compare_methods

        compared = compare_methods(inputs)
    key = inputs.table if inputs is not None else ""
    written, run = _write_files(run, {key: screening}, charts=charts, internal=internal)
    if as_json:
        empty: dict[str, JSON] = {"settings": {}, "first_level": [], "second_level": {}, "experts": [], "revisions": []}
        empty |= {"delphi": plain(delphi or {}), "panel": plain(panel or {})}
        content = {**(weights_json(weights) if weights else empty), "screening": plain(screening)}
        if compared is not None:
            content["comparison"] = plain(compared)
        write_json({**content, "files": [str(p) for p in written], "findings": findings_json(run.findings)})
        return exit_status(run.findings)
    from drafting.cli.views_weights import show_comparison, show_panel, show_screening, show_weights

    out = screen()
    show_weights(out, run)
    if delphi is not None and panel is not None:
        show_panel(out, delphi, panel, (weights.first_level, *weights.second_level) if weights else ())
    show_screening(out, screening)
    if compared is not None:
        show_comparison(out, compared)
    for parent in dict.fromkeys(p.parent for p in written):
        names = [p.name for p in written if p.parent == parent]
        out.line(f"已写出 {parent / names[0]}" if len(names) == 1 else f"已写出 {len(names)} 个文件：{parent}")
    show_findings(out, run.findings)
    return exit_status(run.findings)


def _by_table(run: Run, *, as_json: bool) -> int:
    """The weights of every table."""
    from drafting.record.results import findings_json, weights_json

    screened = {key: found.screening for key, one in run.of_tables.items() if (found := _panel(one)[0]) is not None}
    written, run = _write_files(run, screened, charts=False, internal=False)
    if as_json:
        tables = [
            {"key": key, **weights_json(of.weights)}
            for key, of in run.results.tables.items() if of.weights is not None
        ]  # fmt: skip
        empty: dict[str, JSON] = {"settings": {}, "first_level": [], "second_level": {}, "experts": []}
        files = [str(p) for p in written]
        write_json({**empty, "tables": tables, "files": files, "findings": findings_json(run.findings)})
        return exit_status(run.findings)
    from drafting.cli.views_weights import show_panel, show_screening, show_weights

    out = screen()
    for one in shown(out, run):
        show_weights(out, one)
        weights = one.results.weights
        delphi, panel = _panel(one)
        if delphi is not None and panel is not None:
            show_panel(out, delphi, panel, (weights.first_level, *weights.second_level) if weights else ())
        show_screening(out, delphi.screening if delphi is not None else None)
    for path in written:
        out.line(f"已写出 {path}")
    show_findings(out, run.findings)
    return exit_status(run.findings)


def _panel(run: Run) -> tuple[Consultation | None, PanelStanding | None]:
    """The consultation as a whole, also where there are no weights yet (a round of ratings only)."""
    weights, inputs = run.results.weights, run.project.inputs
    if weights is not None:
        return weights.delphi, weights.panel
    if inputs is None:
        return None, None
    from drafting.analysis.weights.consultation import consult
    from drafting.model.weight_groups import groups_of

    found = consult(inputs, groups_of(inputs.system), (), run.project.provenance)
    return found.delphi, found.panel


def _write_files(
    run: Run, screened: Mapping[str, Screening | None], *, charts: bool, internal: bool
) -> tuple[list[Path], Run]:
    """Write what belongs into 成果/: the screened library of each table, and pictures where they are asked for."""
    from drafting.analysis.weights.opinions import opinion_rows
    from drafting.publishing.outputs import write_files

    weights = run.results.weights if charts else None
    inputs = run.project.inputs
    said = opinion_rows(inputs) if inputs is not None and not inputs.table else ()  # one file for all tables

    def write(output: Path) -> list[Path]:
        written = []
        for key, screening in screened.items():
            if screening:
                from drafting.workbook.questionnaires.screening_sheet import write_screening

                name = f"指标筛选（{key}）.xlsx" if key else "指标筛选.xlsx"
                written.append(write_screening(output / name, screening))
        if said:
            from drafting.workbook.questionnaires.opinions_sheet import OPINIONS_FILE, write_opinions

            written.append(write_opinions(output / OPINIONS_FILE, said))
        if weights is not None:
            from drafting.charts.files import write_weight_charts

            written += write_weight_charts(weights, output / "图", internal=internal)
        return written

    return write_files(run, write) if any(screened.values()) or said or weights is not None else ([], run)
