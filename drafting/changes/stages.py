"""Stages of a draft: kept in 记录/版本/, compared with what is there now, told to the 编制说明."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drafting.files import file_stem
from drafting.findings import Cell, Finding, finding
from drafting.keeping.version_store import digest_in
from drafting.keeping.versions import STAGE, Version, VersionError, extract, find_version, versions_of
from drafting.model.document import STAGES
from drafting.model.history import BodyOpinions, History
from drafting.opinions import collect
from drafting.workbook.headings import COMMENT_FOLDER, LOCK_PREFIX
from drafting.workbook.opinions.opinion import Handling

if TYPE_CHECKING:
    from drafting.changes.compare import Change
    from drafting.document.tree import Document
    from drafting.opinions import Collected
    from drafting.project.folder import Project
    from drafting.run import Run

AT = "@"
"""Between a project's folder and a version of it: 水泥行业@征求意见稿."""
_SHORT = 24
"""Characters of a value that is told; longer ones are texts, of which is told that they changed."""
_UNTOLD = frozenset({"方法设置", "编制过程", "专家组"})
"""Parts that are told elsewhere in the paper, or are the committee's own affair."""


def last_stage(root: Path | str, before: Version | None = None) -> Version | None:
    """The stage kept last, or last before another one; None if there is none, as for a package that is a file."""
    if not Path(root).is_dir():
        return None
    kept = (v for v in reversed(versions_of(root)) if v.kind == STAGE and (before is None or v.number < before.number))
    return next(kept, None)


@contextmanager
def project_at(path: Path) -> Iterator[Path]:
    """Give the folder of a project, or a copy of one of its versions (``DIR@征求意见稿``, ``DIR@2``) within the block.

    Raises VersionError if there is no such version, or a content of it is lost.
    """
    folder, mark, name = str(path).rpartition(AT)
    if path.exists() or not mark or not folder or not Path(folder).is_dir():
        yield path
        return
    version = find_version(folder, name)
    with TemporaryDirectory() as scratch:
        copy = Path(scratch) / file_stem(f"{Path(folder).resolve().name}{AT}{version.name}", "版本")
        extract(folder, version, copy, results=False)
        yield copy


# --- what happened since ---
def history_of(run: Run, document: Document | None) -> History | None:
    """Tell what changed since the last stage, who commented and what was decided; None where there is nothing to tell.

    Raises VersionError if the version of that stage cannot be used.

    ``document``: the draft as it is now, for the order of the comments.
    """
    root = run.project.folder
    version = last_stage(root, kept_as(run.project))
    collected = collect(root, document)
    if version is None and not collected.rows and not collected.silent:
        return None
    changes: tuple[tuple[str, str], ...] = ()
    if version is not None:
        changes = tuple(told(_changes_since(root, version, run)))
    return History(
        version.name if version else "", version.date if version else "", changes,
        tuple(_by_body(collected)), collected.silent, len(collected.rows),
    )  # fmt: skip


def _changes_since(root: Path, version: Version, run: Run) -> Sequence[Change]:
    from drafting.changes.compare import changes
    from drafting.pipeline.running import run_project

    with TemporaryDirectory() as scratch:
        copy = Path(scratch) / "版本"
        extract(root, version, copy, results=False)
        before = run_project(copy, until="trial")
        if before.project.inputs is None:
            raise VersionError(version.label, "中的 项目.xlsx 不能读取")
        return changes(before, run)


def _by_body(collected: Collected) -> Iterator[BodyOpinions]:
    for body in collected.bodies:
        of = [row.handling for row in collected.rows if body in row.bodies]
        counts = (of.count(kind) for kind in (Handling.ACCEPTED, Handling.PARTLY, Handling.REJECTED))
        yield BodyOpinions(body, len(of), *counts)


def told(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """Put changes into the words of a committee, those of one text, one indicator or one set of weights only once."""
    kept = [one for one in changes if one.part not in _UNTOLD and not _of_no_reader(one)]
    for (part, joined), group in groupby(kept, _together):
        found = list(group)
        if joined == "":
            yield from ((part, said) for said in dict.fromkeys(map(_said, found)))
        elif len(found) == 1:
            yield part, _said(found[0])
        elif part == "基准值":
            grades = "、".join(one.field.removesuffix(_BASELINE) for one in found)
            was, now = ("、".join(map(_value, values)) for values in zip(*map(_both, found), strict=True))
            yield part, f"“{_name(found[0])}”的{grades}{_BASELINE}由{was}改为{now}"
        else:
            each = "，".join(f"“{_name(one)}”由{_value(one.before)}改为{_value(one.after)}" for one in found)
            yield part, f"调整{found[0].field}：{each}"


def _of_no_reader(one: Change) -> bool:
    return one.part == "文件信息" and one.subject in ("阶段", "模板目录")


def _together(one: Change) -> tuple[str, str]:
    """What is told in one sentence: the grades of an indicator, the weights of one level."""
    from drafting.changes.compare import Kind

    if one.kind is Kind.CHANGED and max(len(one.before), len(one.after)) <= _SHORT:
        if one.part == "基准值" and one.field.endswith(_BASELINE):
            return one.part, one.subject
        if one.part == "权重":
            return one.part, one.field
    return one.part, ""


def _name(one: Change) -> str:
    return one.subject.partition(" ")[2] if one.part in _INDICATORS and " " in one.subject else one.subject


def _both(one: Change) -> tuple[str, str]:
    return one.before, one.after


def _value(value: str) -> str:
    words = value.strip()
    return "待定" if words in ("", "—") else words


def _said(one: Change) -> str:
    from drafting.changes.compare import Kind

    name = _name(one)
    what = f"{_WORDS.get(one.part, '')}“{name}”"
    kind = "" if one.part in _INDICATORS else _WORDS.get(one.part, "")
    of = name if one.part == "文件信息" else f"{kind}“{name}”的{one.field}"
    match one.kind:
        case Kind.ADDED:
            return f"增加{what}"
        case Kind.REMOVED:
            return f"删除{what}"
        case Kind.RENAMED:
            return f"“{one.before}”改名为“{one.after}”"
        case _ if one.field == "限定性":
            return f"“{name}”{'列为' if one.after == '是' else '不再列为'}限定性指标"
        case _ if one.part == "调研" and not one.before:
            return f"“{name}”有{one.after}家企业的数据更新"
        case _ if one.part == "文字" or max(len(one.before), len(one.after)) > _SHORT:
            return f"修改{of}"
        case _ if one.part in ("权重", "基准值"):
            return f"{of}由{_value(one.before)}改为{_value(one.after)}"
        case _ if not one.before.strip():
            return f"填写{of}（{one.after.strip()}）"
        case _ if not one.after.strip():
            return f"删去{of}（{one.before.strip()}）"
        case _:
            return f"{of}由{one.before.strip()}改为{one.after.strip()}"


_BASELINE = "基准值"
_INDICATORS = frozenset({"二级指标", "权重", "基准值", "文字", "来源", "调研"})
_WORDS = {
    "一级指标": "一级指标",
    "二级指标": "二级指标",
    "引用文件": "引用文件",
    "术语": "术语",
    "政策依据": "政策",
    "监测方法": "监测参数",
}


# --- a stage that was kept is not written again ---
def kept_as(project: Project) -> Version | None:
    """Give the last stage where the project is still what was kept then: the same stage, inputs and comments."""
    last, inputs = last_stage(project.folder), project.inputs
    same = last is not None and inputs is not None and inputs.document.stage == last.name and _unchanged(project, last)
    return last if same else None


def _unchanged(project: Project, last: Version) -> bool:
    root, then = project.folder, {name: kept.sha256 for name, kept in last.files.items()}
    if any(then.get(name) != digest for name, digest in project.files.items()):
        return False
    there = (p for p in (root / COMMENT_FOLDER).glob("*") if p.is_file() and not p.name.startswith(LOCK_PREFIX))
    comments = {path.relative_to(root).as_posix() for path in there}
    of_then = {name for name in then if name.startswith(f"{COMMENT_FOLDER}/")}
    return comments == of_then and all(digest_in(root, name) == then[name] for name in of_then)


def day_of(project: Project) -> date | None:
    """The day of the kept stage that the project still is; None where it is none, or something else by now."""
    kept = kept_as(project)
    return date.fromisoformat(kept.date) if kept is not None else None


def at_its_stage(project: Project) -> tuple[Project, tuple[Finding, ...]]:
    """Give a project with the stage that its draft is written at: a kept stage is never rebuilt with other inputs.

    What comes after a stage is the next one; after the last there is none, see :func:`final_stage`.
    """
    inputs = project.inputs
    try:
        last = last_stage(project.folder)
        if inputs is None or last is None or last.name not in STAGES or inputs.document.stage not in STAGES:
            return project, ()
        now = inputs.document.stage
        if STAGES.index(now) > STAGES.index(last.name):
            return project, ()
        same = _unchanged(project, last)
    except OSError:
        return project, ()
    at, following = Cell("项目.xlsx", "文件信息"), STAGES[STAGES.index(last.name) + 1 :]
    tell = partial(finding, stage=last.name, date=last.date, label=last.label)
    if same:
        said, stage = tell("stage-same", at), last.name
    elif not following:
        return project, (tell("stage-final", at),)
    else:
        stage = following[0]
        said = tell("stage-kept", at, now=now, next=stage, others="、".join(following))
    return replace(project, inputs=replace(inputs, document=replace(inputs.document, stage=stage))), (said,)


def final_stage(findings: Iterable[Finding]) -> Finding | None:
    """The finding that forbids to write a draft: the last stage was kept, and the inputs have changed since."""
    return next((f for f in findings if f.code == "stage-final"), None)
