"""``drafting import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import exit_status, json_option, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drafting.earlier.system import Edition
    from drafting.findings import Finding
    from drafting.model.coded import JSON


@chinese_command(
    "import",
    "把旧版标准 FILE（.docx、.xlsx，装有 LibreOffice 时 .doc）的指标体系表读成新项目 DIR，附 导入报告.xlsx。",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--map", "mapping", metavar="XLSX", type=click.Path(path_type=Path),
    help="含“一级指标对照”表的工作簿（如改过的导入报告）：原一级指标 → 一级指标。",
)  # fmt: skip
@json_option
def command(file: Path, folder: Path, as_json: bool, mapping: Path | None) -> int:
    """Make a project of an earlier edition."""
    from drafting.isolation.readers import READERS

    READERS.warm()
    from drafting.earlier.placing import refuse_taken, write_edition
    from drafting.earlier.reading import NoEditionError, read_edition

    try:
        refuse_taken(folder, file)
        edition = read_edition(file, mapping)
        paths = write_edition(edition, file, folder)
    except NoEditionError as fault:
        return _refused(fault.findings, as_json)
    if as_json:
        from drafting.record.results import findings_json

        write_json({"files": [str(p) for p in paths], **_counts(edition), "findings": findings_json(edition.findings)})
    else:
        _show(edition, folder, paths)
    return exit_status(edition.findings)


def _refused(findings: Sequence[Finding], as_json: bool) -> int:
    if as_json:
        from drafting.record.results import findings_json

        write_json({"files": [], "findings": findings_json(findings)})
    else:
        show_findings(screen(), findings, where="")
    return 1


def _counts(edition: Edition) -> dict[str, JSON]:
    from drafting.earlier.line import Verdict

    cells = {v.value: sum(line.verdict is v for line in edition.lines) for v in Verdict}
    tables = [str(t["表题"]) for t in edition.tables] or [edition.title]
    return {"tables": tables, "indicators": len({r["代码"] for r in edition.indicators}), "cells": cells}


def _show(edition: Edition, folder: Path, paths: Sequence[Path]) -> None:
    out = screen()
    counts = _counts(edition)
    cells = counts["cells"]
    assert isinstance(cells, dict)
    tables = edition.tables or ("",)
    out.line(f"读到 {len(tables)} 张指标体系表，{counts['indicators']} 个二级指标。")
    out.line(f"单元格：{'，'.join(f'{word} {count}' for word, count in cells.items())}。")
    for path in paths:
        out.line(f"已写出 {path}")
    if edition.findings:
        show_findings(out, edition.findings, where=f"完整清单见 {paths[-1]} 的“问题”。")
    out.line("下一步：对照原件核对 导入报告.xlsx 中标为“推定”“未读懂”的单元格，")
    out.line(f"改正 项目.xlsx，再运行 drafting check {folder}")
