"""Writes what a run found into ``成果/``: the draft in every format, the record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drafting.changes.stages import final_stage
from drafting.evaluation.draft import draft_of
from drafting.files import OutputError, atomic
from drafting.findings import finding
from drafting.keeping import Keeper, basis_of
from drafting.pipeline.tables import drafts_of
from drafting.publishing.publisher import Publisher
from drafting.record.enterprises import FILE, stands_aside, write_enterprises
from drafting.record.results import record
from drafting.workbook.assessment.weights import WeightsTooFineError
from drafting.workbook.headings import ENTERPRISE_FOLDER

if TYPE_CHECKING:
    from openpyxl import Workbook

    from drafting.document.tree import Document
    from drafting.findings import Finding
    from drafting.keeping import Stage
    from drafting.run import Run

RECORD = "结果.json"


def staged(run: Run) -> AbstractContextManager[Stage]:
    """Make outputs of a run: what is written into the stage's folder takes its place in 成果/ at the end."""
    return Keeper(run.project.folder).stage(basis_of(run.project.files))


def permit(run: Run) -> None:
    """Let a draft be written unless it would be the last stage, once kept, with other inputs.

    Raises drafting.files.OutputError if it may not be; says what to do.
    """
    final = final_stage(run.findings)
    if final is not None:
        reason = f"{final.message.rstrip('。')}。改法：{final.remedy.rstrip('。')}"
        raise OutputError(run.output / f"{run.draft_name}.docx", OSError(reason))


def write_files(run: Run, write: Callable[[Path], Sequence[Path]]) -> tuple[list[Path], Run]:
    """Have files written that belong into 成果/.

    Raises OutputError if they cannot be written; nothing in 成果/ has changed then.

    ``write``: writes into the folder that it is given, and gives the paths.
    Returns where they stand, and the run with what there is to say about it.
    """
    with staged(run) as stage:
        made = write(stage.folder)
    return [*map(stage.landed, made)], replace(run, findings=(*run.findings, *stage.findings))


def _opinions(run: Run, document: Document, stage: Stage) -> list[Path]:
    from drafting.opinions import collect, record_new, write_table

    collected = collect(run.project.folder, document)
    stage.findings += record_new(run.project.folder, collected)
    return write_table(collected, stage.folder)


def _assessment(run: Run, document: Document, stage: Stage) -> list[Path]:
    from drafting.workbook.style import save

    inputs = run.project.inputs
    if inputs is None:
        return []
    target = stage.folder / f"{run.draft_name}-企业自评表.xlsx"
    title = inputs.document.title
    try:
        book = assessment_of(run)
    except WeightsTooFineError:
        # Rather no workbook than one that may judge 85 or 100 wrongly.
        reason = "权重的小数位过多，电子表格不能精确判定 85 分和 100 分；请减少方法设置的“权重小数位”"
        stage.findings.append(finding("assessment-left-out", name=target.name, reason=reason))
        return []
    if book is None:
        return []
    save(book, target, title=f"{title} 企业自评表")
    return [target]


def assessment_of(run: Run) -> Workbook | None:
    """Make the self-assessment workbook; None while weights or baselines are lacking.

    Raises WeightsTooFineError where a spreadsheet could not judge exactly.
    """
    from drafting.project.table_forms import table_forms
    from drafting.workbook.assessment.writing import assessment_workbook, tables_workbook

    inputs, results = run.project.inputs, run.results
    if inputs is None:
        return None
    info, settings = inputs.document, inputs.settings
    if inputs.tables:
        drafts = drafts_of(inputs, results.tables)
        if len(drafts) < len(inputs.tables) or not settings.several_tables:
            return None
        return tables_workbook(
            table_forms(inputs, drafts), rule=settings.several_tables, title=info.title, number=info.number,
            scoring=settings.class_score,
        )  # fmt: skip
    if results.weights is None or results.baselines is None:
        return None
    draft, _ = draft_of(inputs, results.weights, results.baselines)
    if draft is None:
        return None
    return assessment_workbook(
        draft, title=info.title, number=info.number, scoring=settings.class_score, output_unit=inputs.output_unit
    )


LONG = 1000
"""Items of a list in JSON from which on each stands on one line."""
_HOLDERS = (dict, list, tuple)
Paper = Callable[["Run", "Document", "Stage"], list[Path]]
PAPERS: Mapping[str, Paper] = {
    "comments": _opinions,
    "workbook": _assessment,
}
"""Word of ``render --to`` -> writer of a paper beside the draft.

``comments``: 意见汇总处理表, .docx and .xlsx; ``workbook``: 企业自评表, nothing while weights or baselines are lacking.
"""


PAPER_NAMES: Mapping[str, str] = {"comments": "意见汇总处理表", "workbook": "企业自评表"}


def compose_draft(run: Run) -> Document:
    """Compose the draft as a tree, with the committee's own texts."""
    return Publisher(run).draft


def write_comments(run: Run, document: Document, path: Path) -> int:
    """Put the findings into a draft that was written as .docx; the public edition names no enterprise and no expert."""
    from drafting.render.docx.comments import add_comments

    inputs = run.project.inputs
    private: list[str] = []
    if inputs is not None and document.edition == "public":
        private += [e.code for e in inputs.experts]
        private += [name for of in inputs.slices if of.survey is not None for name in of.survey.enterprises]
        private += [e.enterprise for e in inputs.exclusions]
        private.append(f"{ENTERPRISE_FOLDER}/")  # a returned form may be called by its enterprise
    with atomic(path) as partial:
        partial.write_bytes(path.read_bytes())
        return add_comments(partial, document, run.findings, run.project.provenance, private)


def write_json(target: Path, content: Any) -> Path:
    """Write JSON as UTF-8, complete or not at all; each item of a very long list stands on one line."""
    with atomic(target) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json_pieces(content))
        file.write("\n")
    return target


def json_pieces(content: Any, depth: int = 0) -> Iterator[str]:
    """Give JSON as ``json.dumps(…, indent=1)`` does, each item of a container of more than :data:`LONG` on one line.

    A hundred thousand enterprises are written ten times as fast and without holding the whole text in memory.
    """
    items: Iterable[tuple[str, Any]]
    if _is_short(content):
        yield _indented(content).replace("\n", "\n" + " " * depth)
        return
    if isinstance(content, dict) and content:
        opening, closing, items = "{", "}", ((_key(key) + ": ", value) for key, value in content.items())
    elif isinstance(content, list | tuple) and content:
        opening, closing, items = "[", "]", (("", value) for value in content)
    else:
        yield _plain(content)
        return
    yield opening
    begin = "\n" + " " * (depth + 1)
    kinds = set(map(type, content))  # few, however long it is
    if not isinstance(content, dict) and len(content) > LONG and not any(issubclass(k, _HOLDERS) for k in kinds):
        plain = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=("," + begin, ": "))
        yield begin + plain[1:-1] + "\n" + " " * depth + closing
        return
    for number, (key, value) in enumerate(items):
        yield ("," if number else "") + begin + key
        if len(content) > LONG:
            yield _plain(value)
        else:
            yield from json_pieces(value, depth + 1)
    yield "\n" + " " * depth + closing


def _is_short(content: Any) -> bool:
    """Whether it holds no very long container: then one call of a fast formatter writes all of it."""
    if isinstance(content, dict):
        return len(content) <= LONG and all(map(_is_short, content.values()))
    return not isinstance(content, list | tuple) or (len(content) <= LONG and all(map(_is_short, content)))


def _indented(content: Any) -> str:
    """Give the text of ``json.dumps(…, indent=1)``; a line break inside a text is written as two letters."""
    return msgspec.json.format(_plain(content), indent=1)


def _key(key: Any) -> str:
    return _plain(key) if isinstance(key, str) else f'"{_plain(key)}"'


_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def write_record(run: Run, stage: Stage) -> Path:
    """Write 结果.json, and beside it the enterprises of a large survey."""
    inputs, aside = run.project.inputs, None
    if inputs is not None and stands_aside(inputs):
        aside = write_enterprises(stage.folder / FILE, inputs, run.results.trial)
    return write_json(stage.folder / RECORD, record(run, aside))


def write_annotated(run: Run, output: Path) -> list[Path]:
    """Write copies of the workbooks that have findings, with the cells marked, into 标注/ in a folder."""
    from drafting.workbook.annotate import annotate

    by_file: dict[str, list[Finding]] = {}
    for found in run.findings:
        if found.place.file.endswith(".xlsx"):
            by_file.setdefault(found.place.file, []).append(found)
    written = []
    for name, findings in by_file.items():
        target = output / "标注" / name
        if annotate(run.project.folder / name, findings, target):
            written.append(target)
    return written
