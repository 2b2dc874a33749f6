"""``drafting verify``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import json_option, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.model.coded import JSON
    from drafting.verification import Verdict


_DOCUMENTS = (".docx", ".html", ".htm", ".pdf")


@chinese_command(
    "verify",
    "只用 成果/结果.json 自身的数据复算其中全部数字，指出不一致之处；FILE 也可以是项目文件夹（连同其中的草案），"
    "或一份草案（.docx、.html、.pdf）：核对其指标表与同一文件夹的 结果.json。",
)
@click.argument("record", metavar="FILE", type=click.Path(path_type=Path))
@json_option
def command(record: Path, as_json: bool) -> int:
    """Compute every figure of a record again, or hold a document against it."""
    from drafting.project.location import record_file
    from drafting.verification import RecordError, Verdict, verify

    document = record if record.suffix.lower() in _DOCUMENTS else None
    file = record_file(record.parent if document else record)
    try:
        if document is None:
            verdict = verify(file, standard=_numbers_of_the_standard())
            drafts = _drafts_beside(file) if record.is_dir() else ()
        else:
            verdict, drafts = Verdict(), (document,)
        _hold(drafts, file, verdict, needed=document is not None)
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


def _drafts_beside(record: Path) -> tuple[Path, ...]:
    """Documents in the folder of a record that may hold the indicator table; a PDF is read only when asked for."""
    return tuple(
        sorted(p for p in record.parent.glob("*") if p.suffix.lower() in (".docx", ".html") and p.name[0] != "~")
    )


def _hold(drafts: Sequence[Path], record: Path, verdict: Verdict, *, needed: bool) -> None:
    """Hold documents against the record; of a folder only those that hold the indicator table."""
    from drafting.verification import RecordError, read_record, verify_document

    if not drafts:
        return
    content = read_record(record).record
    for draft in drafts:
        try:
            found = verify_document(draft, content)
        except RecordError:
            if needed:
                raise
            continue
        verdict.include(found, "" if needed else f"{draft.name}：")


def _generation(record: Path) -> tuple[list[Finding], bool]:
    """Say of a record that stands in a project whether the files beside it belong to it."""
    from drafting.keeping import standing_of
    from drafting.workbook.headings import RESULT_FOLDER

    output = record.absolute().parent
    standing = standing_of(output.parent) if output.name == RESULT_FOLDER else None
    return ([*standing.findings()], standing.whole) if standing else ([], True)


def _numbers_of_the_standard() -> dict[str, JSON]:
    """Shares, thresholds and full mark from the rulebook that the program ships."""
    from drafting.standard import standard

    rules = standard()
    return {
        "shares": {g.grade.value: str(g.share) for g in rules.grades},
        "thresholds": {g.grade.value: g.threshold for g in rules.grades},
        "full_mark": rules.full_mark,
    }


def _json(verdict: Verdict) -> dict[str, JSON]:
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
    out.line("核对结果")
    out.table(("类别", "核对的数字"), list(verdict.kinds.items()), align="lr")
    if verdict.differences:
        rows = [(d.what, _short(d.recorded), _short(d.computed), d.path) for d in verdict.differences]
        out.line(f"不一致 {len(rows)} 处：")
        out.table(("数字", "记录", "复算或文件", "位置"), rows)
    else:
        out.line(f"{verdict.checked} 个数字全部一致。")
    if verdict.unchecked:
        out.line("只核对校验码、未重新成文的文字：" + "、".join(sorted(verdict.unchecked)))


def _short(value: Any, width: int = 40) -> str:
    text = "—" if value is None else str(value)
    return text if len(text) <= width else text[: width - 1] + "…"
