"""``drafting publish``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from drafting.findings import Finding


@project_command(
    "publish",
    "写出 成果/…-评价包.zip：表、基准值、权重、规则、注和核对算例，不含调研、专家和企业，据它即可评价企业。",
)
def command(folder: Path, as_json: bool) -> int:
    """Write the published table as a package."""
    from drafting.cli.progress import read_project
    from drafting.findings import Cell, finding
    from drafting.pipeline.running import run_project
    from drafting.publishing.outputs import write_files
    from drafting.publishing.package import PackageError, package_of, provisional
    from drafting.publishing.packing import write_package
    from drafting.record.results import findings_json

    run = run_project(folder, until="trial", read=read_project)
    written: list[Path] = []
    found: tuple[Finding, ...] = tuple(f for f in run.findings if f.severity == "error")
    try:
        package = package_of(run)
    except PackageError as fault:
        found = (*found, finding("package-not-made", Cell(), reason=fault.reason))
    else:
        written, told = write_files(run, lambda output: [write_package(run, package, output)])
        found = (*found, *provisional(run), *told.findings[len(run.findings) :])
    if as_json:
        write_json({"files": [str(p) for p in written], "findings": findings_json(found)})
    else:
        out = screen()
        for path in written:
            out.line(f"已写出：{path}")
            out.line(f"评价企业：drafting evaluate {path.name} 企业.xlsx")
        if found:
            show_findings(out, found)
    return exit_status(found)
