"""``drafting forms``."""

from __future__ import annotations

from pathlib import Path

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings


@project_command(
    "forms",
    "按现在的指标写出要发出的表单：空的调研数据、企业调查表（各表、各分组各一份，写明符号单位的另有填总量的）、征求意见表，"
    "写入 成果/表单/。",
)
def command(folder: Path, as_json: bool) -> int:
    """Write the forms for enterprises and bodies."""
    from drafting.cli.progress import read_project
    from drafting.desk.forms import write_forms
    from drafting.record.results import findings_json

    project = read_project(folder)
    files, findings = write_forms(project)
    if as_json:
        write_json({"files": [str(p) for p in files], "findings": findings_json((*project.findings, *findings))})
        return exit_status(project.findings)
    out = screen()
    for path in files:
        out.line(f"已写出 {path}")
    if not files:
        out.line("项目.xlsx 不能读取，没有写出表单。")
    else:
        out.line("收回后：企业调查表放入 企业调查表/，意见放入 意见/；调研数据填好后放在项目文件夹中。")
    if not files or findings:
        show_findings(out, (*project.findings, *findings) if not files else findings)
    return 0 if files else exit_status(project.findings)
