"""What lies in 成果/ for people: which file it is, for whom, and whether it belongs to the present inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from drafting.inside import opened
from drafting.keeping import basis_of, standing_of
from drafting.run import OUTPUT, Run

_INTERNAL = "（内部资料）"
_BESIDE = "（新"
_SUFFIXES = {".docx": "Word", ".html": "网页", ".md": "文本", ".pdf": "PDF", ".xlsx": "Excel", ".json": "记录"}


class Audience(Enum):
    """Who may be sent a file."""

    PUBLIC = "public"
    ENTERPRISES = "enterprises"
    OFFICE = "office"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Item:
    """A file to download.

    Attributes
    ----------
    name : str
        In 成果/.
    what, form : str
        What it is, and its kind.
    audience : Audience
    whom : str
        For whom it is, in words.
    state : str
        ``current``, ``older`` (of other inputs), ``changed`` (by a person) or ``unknown``.
    """

    name: str
    what: str
    form: str
    audience: Audience
    whom: str
    state: str
    bytes: int

    @property
    def keep(self) -> bool:
        """Whether it must not be sent out."""
        return self.audience is Audience.INTERNAL


def shelf(run: Run) -> tuple[Item, ...]:
    """List the files right in 成果/ that are for people, those for sending first."""
    place = standing_of(run.project.folder)
    basis = basis_of(run.project.files)
    found = []
    for name, size in _names(run.project.folder):
        what, audience, whom = _kind(run, name)
        if place is not None and name in place.changed:
            state = "changed"
        elif place is None or name not in place.bases:
            state = "unknown"
        else:
            state = "current" if place.bases[name] == basis else "older"
        form = _SUFFIXES.get(Path(name).suffix, "文件")
        found.append(Item(name, what, form, audience, whom, state, size))
    order = list(Audience)
    forms = list(_SUFFIXES.values())
    rank = {"标准草案": 0, "编制说明": 1, "编制说明附件": 2}
    return tuple(
        sorted(
            found,
            key=lambda i: (order.index(i.audience), rank.get(i.what, len(rank)), i.what, _at(forms, i.form), i.name),
        )
    )


def _at(forms: Sequence[str], form: str) -> int:
    return forms.index(form) if form in forms else len(forms)


def _names(root: Path) -> list[tuple[str, int]]:
    with suppress(OSError), opened(root, (OUTPUT,)) as folder:
        names = [n for n in folder.names() if not n.startswith((".", "~$")) and folder.kind(n) == "file"]
        return [(n, os.stat(folder.path / n, follow_symlinks=False).st_size) for n in names]
    return []


def _kind(run: Run, name: str) -> tuple[str, Audience, str]:
    stem = Path(name).stem.split(_BESIDE)[0]
    plain = stem.replace(_INTERNAL, "")
    what = {
        run.draft_name: "标准草案", "编制说明": "编制说明", "编制说明附件": "编制说明附件",
        "意见汇总处理表": "意见汇总处理表",
        f"{run.draft_name}-企业自评表": "企业自评表",
    }.get(plain)  # fmt: skip
    if _INTERNAL in stem:
        return f"{what or plain}（内部版）", Audience.INTERNAL, "仅供编制组：写明企业名称和专家代号"
    match what:
        case "标准草案" | "编制说明" | "编制说明附件":
            return what, Audience.PUBLIC, "归口单位、征求意见的单位、审查专家：不出现企业和专家"
        case "企业自评表":
            return what, Audience.ENTERPRISES, "填表的企业：只有指标、权重和基准值"
        case "意见汇总处理表":
            return what, Audience.OFFICE, "归口单位：写明提出意见的单位"
    words = {"结果": "计算记录", "检查结果": "检查结果清单"}
    return words.get(stem, stem), Audience.INTERNAL, "仅供编制组：含企业名称、专家代号或原始数据"
