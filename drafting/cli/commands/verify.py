"""``drafting verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import json_option, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.verification import Verdict


@chinese_command("verify", "只用 成果/结果.json 自身的数据复算其中全部数字，指出不一致之处；FILE 也可以是项目文件夹。")
@click.argument("record", metavar="FILE", type=click.Path(path_type=Path))
@json_option
def command(record: Path, as_json: bool) -> int:
    """Compute every figure of a record again."""
    from drafting.project.location import record_file
    from drafting.verification import RecordError, verify

    file = record_file(record)
    try:
        verdict = verify(file, standard=_numbers_of_the_standard())
    except RecordError as error:
        if as_json:
            write_json({"error": str(error), "differences": []})
        click.echo(f"错误：{error}", err=True)
        return 2
    found, whole = _generation(file)
    if as_json:
        write_json(_json(verdict) | {"findings": [f.to_json() for f in found]})
    else:
        _show(verdict)
        if found:
            show_findings(screen(), found)
    return int(bool(verdict.differences) or not whole)


def _generation(record: Path) -> tuple[list[Finding], bool]:
    """Say of a record that stands in a project whether the files beside it belong to it."""
    from drafting.keeping import standing_of
    from drafting.workbook.headings import RESULT_FOLDER

    output = record.absolute().parent
    standing = standing_of(output.parent) if output.name == RESULT_FOLDER else None
    return ([*standing.findings()], standing.whole) if standing else ([], True)


def _numbers_of_the_standard() -> dict[str, Any]:
    """Shares, thresholds and full mark from the rulebook that the program ships."""
    from drafting.standard import standard

    rules = standard()
    return {
        "shares": {g.grade.value: str(g.share) for g in rules.grades},
        "thresholds": {g.grade.value: g.threshold for g in rules.grades},
        "full_mark": rules.full_mark,
    }


def _json(verdict: Verdict) -> dict[str, Any]:
    return {
        "checked": verdict.checked,
        "kinds": dict(verdict.kinds),
        "differences": [
            {"path": d.path, "what": d.what, "recorded": d.recorded, "computed": d.computed}
            for d in verdict.differences
        ],
        "unchecked": dict(verdict.unchecked),
    }


def _show(verdict: Verdict) -> None:
    out = screen()
    out.line("复算结果")
    out.table(("类别", "复算的数字"), list(verdict.kinds.items()), align="lr")
    if verdict.differences:
        rows = [(d.what, _short(d.recorded), _short(d.computed), d.path) for d in verdict.differences]
        out.line(f"不一致 {len(rows)} 处：")
        out.table(("数字", "记录", "复算", "位置"), rows)
    else:
        out.line(f"{verdict.checked} 个数字全部一致。")
    if verdict.unchecked:
        out.line("只核对校验码、未重新成文的文字：" + "、".join(sorted(verdict.unchecked)))


def _short(value: Any, width: int = 40) -> str:
    text = "—" if value is None else str(value)
    return text if len(text) <= width else text[: width - 1] + "…"
