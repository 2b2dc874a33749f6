"""Where a project stands on the way from its files to the draft, and the one next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from drafting.desk.causes import Cause, Section, causes
from drafting.findings import Kind
from drafting.keeping import basis_of, standing_of
from drafting.model.identity import name_key
from drafting.model.terms import BaselineSource
from drafting.run import Run
from drafting.words import outcomes, percent


class StageState(Enum):
    """How far a stage is."""

    DONE = "done"
    LOOK = "look"
    BLOCKED = "blocked"
    OPEN = "open"

    @property
    def chinese(self) -> str:
        """The word on the page."""
        return {"done": "完成", "look": "待看", "blocked": "受阻", "open": "未开始"}[self.value]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: what it is called, how far it is, and what there is to say about it in a line."""

    name: str
    state: StageState
    says: str


@dataclass(frozen=True, slots=True)
class Next:
    """The next single step.

    Attributes
    ----------
    action : str
        ``files``, ``findings``, ``build`` or ``outputs``.
    button, why : str
        What the button says, and one sentence on why.
    """

    action: str
    button: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The stages of a project and its next step."""

    stages: tuple[Stage, ...]
    next: Next
    causes: tuple[Cause, ...]

    @property
    def forbidding(self) -> int:
        """How many causes forbid submission."""
        return sum(c.section is Section.FORBIDS for c in self.causes)


def standing(run: Run) -> Standing:
    """Say where a project stands; reads which files of 成果/ were made from these inputs, computes nothing."""
    found = causes(run.findings)
    draft = _draft(run)
    parts = run.of_tables or {"": run}
    middle = (_together([(key, make(one)) for key, one in parts.items()]) for make in (_weights, _baselines, _trial))
    stages = (_reading(run, found), *middle, draft)
    return Standing(stages, _next(run, found, draft), found)


def _together(stages: Sequence[tuple[str, Stage]]) -> Stage:
    """One stage of all tables: as far as the one that is least far."""
    if len(stages) == 1:
        return stages[0][1]
    order = (StageState.BLOCKED, StageState.OPEN, StageState.LOOK, StageState.DONE)
    state = min((stage.state for _, stage in stages), key=order.index)
    return Stage(stages[0][1].name, state, "；".join(f"表 {key}：{stage.says}" for key, stage in stages))


def draft_file(run: Run) -> str:
    """Name of the draft for Word in 成果/."""
    return f"{run.draft_name}.docx"


def _reading(run: Run, found: Sequence[Cause]) -> Stage:
    inputs = run.project.inputs
    if inputs is None:
        missing = any(c.code == "project-file-missing" for c in found)
        return Stage("读取", StageState.BLOCKED, "还没有 项目.xlsx" if missing else "项目.xlsx 读不出来")
    parts = [f"{len(inputs.system.heads)} 项二级指标"]
    surveys = [of.survey for of in inputs.slices if of.survey is not None]
    if surveys:
        parts.append(f"{len({name_key(name) for survey in surveys for name in survey.enterprises})} 家企业")
    if inputs.experts:
        parts.append(f"{len(inputs.experts)} 位专家")
    forbidding = sum(c.section is Section.FORBIDS for c in found)
    if forbidding:
        return Stage("读取", StageState.BLOCKED, f"{forbidding} 类问题必须改正；已读到 {'、'.join(parts)}")
    return Stage("读取", StageState.DONE, "、".join(parts))


def _weights(run: Run) -> Stage:
    found = run.results.weights
    if found is None:
        return Stage("权重", StageState.OPEN, "还不能计算")
    groups = (found.first_level, *found.second_level)
    if not any(g.weights for g in groups):
        return Stage("权重", StageState.OPEN, "还没有专家答卷或给定的权重")
    if found.provisional:
        return Stage("权重", StageState.LOOK, f"暂定：{found.provisional_because}")
    worst = max((e.cr for e in found.experts), default=None)
    return Stage("权重", StageState.DONE, found.method + (f"，最大 CR {worst:.3f}" if worst is not None else ""))


def _baselines(run: Run) -> Stage:
    found = run.results.baselines
    if found is None or not found.indicators:
        return Stage("基准值", StageState.OPEN, "还没有调研数据或给定的基准值")
    indicators = found.by_indicator.values()
    whole = sum(all(row.by_grade and row.source is not None for row in of) for of in indicators)
    surveyed = sum(any(row.source is BaselineSource.SURVEY for row in of) for of in indicators)
    state = StageState.DONE if whole == len(indicators) else StageState.LOOK
    return Stage("基准值", state, f"{len(indicators)} 项中 {whole} 项已定，其中 {surveyed} 项来自调研")


def _trial(run: Run) -> Stage:
    found = run.results.trial
    if found is None:
        return Stage("试评价", StageState.OPEN, "要有调研数据、权重和全部基准值")
    reached = sum(found.distribution[k] for k in ("I", "II", "III"))
    total = sum(n for key, n in found.distribution.items() if key != "excluded")
    words = "、".join(f"{word} {n} 家" for word, n, _ in outcomes(found.distribution)[:3])
    rare = total and reached / total < 0.5
    share = percent(reached / total if total else None)
    return Stage("试评价", StageState.LOOK if rare else StageState.DONE, f"{words}；达到任一等级 {share}")


def _draft(run: Run) -> Stage:
    place = standing_of(run.project.folder)
    name = draft_file(run)
    if place is None or (name not in place.bases and name not in place.changed):
        return Stage("草案", StageState.OPEN, "还没有生成")
    if place.interrupted:
        return Stage("草案", StageState.LOOK, "上次输出中断，请重新生成")
    if name in place.changed:
        return Stage("草案", StageState.LOOK, "Word 草案写出后被人改过，已保留")
    if place.bases[name] != basis_of(run.project.files):
        return Stage("草案", StageState.LOOK, "输入已经改动，草案是改动之前的")
    return Stage("草案", StageState.DONE, "与现在的输入一致")


def _next(run: Run, found: Sequence[Cause], draft: Stage) -> Next:
    forbidding = [c for c in found if c.section is Section.FORBIDS]
    if run.project.inputs is None:
        if any(c.code == "project-file-missing" for c in found):
            return Next("files", "放入 项目.xlsx", "其他文件都按 项目.xlsx 里的指标来读，它是第一步。")
        return Next("findings", "看 项目.xlsx 为什么读不出来", "改好后重新放入，其余各步才能继续。")
    if forbidding:
        first = forbidding[0]
        where = f"（{first.place(1)}）" if first.areas else ""
        return Next(
            "findings", f"看 {len(forbidding)} 类必须改正的问题", f"先改这一类：{first.message.rstrip('。')}{where}。"
        )
    waiting = [c for c in found if c.kind is Kind.NEXT]
    if waiting and any(one.results.trial is None for one in (run.of_tables or {"": run}).values()):
        return Next("files", "放入还缺的文件", waiting[0].message)
    if draft.state is StageState.DONE:
        return Next("outputs", "下载草案", "草案与现在的输入一致，没有必须改正的问题。")
    return Next(
        "build", "重新生成草案" if draft.state is StageState.LOOK else "生成草案", "没有必须改正的问题，可以生成。"
    )
