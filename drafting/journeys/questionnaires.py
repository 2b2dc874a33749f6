"""Questionnaires of a project for the whole panel: AHP, Delphi rounds with feedback, importance ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.files import file_stem
from drafting.findings import Cell, Finding, finding
from drafting.keeping import Keeper, Stage, basis_of
from drafting.model.experts import Expert
from drafting.workbook import headings as h

if TYPE_CHECKING:
    from drafting.analysis.weights.groups import Group
    from drafting.model.inputs import Inputs
    from drafting.project.folder import Project
    from drafting.workbook.questionnaires.delphi_sheets import Feedbacks
    from weighting import ItemFeedback, PanelRound

AHP_FOLDER, SPLIT_FOLDER, REVISION_FOLDER = "层次分析法", "层次分析法分卷", "层次分析法复核"
DELPHI_FOLDER, RATING_FOLDER = "德尔菲第{number}轮", "重要性评分第{number}轮"

Tick = Callable[[int, int], None]
"""Called after each file with the number done and the number to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """Questionnaires written, and what is to be said about it."""

    files: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()


def _quiet(_: int, __: int) -> None:
    """Nobody watches."""


def write_ahp(project: Project, *, split: bool = False, tick: Tick = _quiet) -> Written:
    """Write one judgement-matrix questionnaire per expert into 成果/问卷/.

    Parameters
    ----------
    split
        Whether groups of ten or more are dealt out: every expert compares a regular part of the pairs.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    from drafting.workbook.questionnaires.writing import write_ahp_questionnaire

    inputs = project.inputs
    if inputs is None:
        return Written()
    if not inputs.experts:
        return Written(findings=(_no_experts(),))
    if not _compared(inputs):
        return Written(findings=(_nothing_open(project),))
    dealt = _dealt(inputs) if split else {}
    files = []
    with _staged(project) as stage:
        folder = stage.folder / "问卷" / (SPLIT_FOLDER if dealt else AHP_FOLDER)
        for k, (expert, path) in enumerate(_targets(inputs, folder)):
            asked = {group: parts[k] for group, parts in dealt.items()}
            write_ahp_questionnaire(path, inputs, expert, asked=asked)
            files.append(path)
            tick(len(files), len(inputs.experts))
    notes = []
    if split and not dealt:
        notes.append(finding("split-nothing-large"))
    for group, parts in dealt.items():
        n = len(_compared(inputs)[group])
        notes.append(finding("split-dealt", group=group, each=len(parts[0]), all=n * (n - 1) // 2))
    return _written(stage, files, notes)


def write_revisions(project: Project, *, tick: Tick = _quiet) -> Written:
    """Write every expert over the CR limit a copy of the own answers to revise, with what to look at again.

    The committee sends it back to the expert; nobody's answers are changed here.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    from drafting.analysis.weights.ahp import advice_for
    from drafting.analysis.weights.groups import groups_of
    from drafting.workbook.questionnaires.writing import write_ahp_questionnaire

    inputs = project.inputs
    if inputs is None:
        return Written()
    asked = advice_for(inputs, groups_of(inputs.system), project.provenance)
    if not asked:
        return Written(findings=(finding("revisions-none"),))
    files = []
    with _staged(project) as stage:
        for expert, path in _targets(inputs, stage.folder / "问卷" / REVISION_FOLDER):
            if expert.code in asked:
                own = [m for m in inputs.judgements if m.expert == expert.code]
                notice = "请复核：" + "；".join(f"“{group}”{words}" for group, words in asked[expert.code])
                write_ahp_questionnaire(path, inputs, expert, answers=own, notice=notice)
                files.append(path)
                tick(len(files), len(asked))
    return _written(stage, files, () if files else (finding("revisions-none"),))


def write_delphi(project: Project, number: int, *, rating: bool = False, today: date, tick: Tick = _quiet) -> Written:
    """Write one questionnaire per expert for a Delphi round; before round 1 the stopping rule is put on record.

    Parameters
    ----------
    number
        The round, from 1; from 2 on every expert sees the own last answer and the group's quartiles.
    rating
        Importance ratings of all candidates instead of weights.
    today
        Day of the record.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    from drafting.analysis.weights.groups import groups_of
    from drafting.workbook.questionnaires.delphi_questionnaires import (
        write_allocation_questionnaire,
        write_rating_questionnaire,
    )

    inputs = project.inputs
    if inputs is None:
        return Written()
    if not inputs.experts:
        return Written(findings=(_no_experts(),))
    groups = [g for g in groups_of(inputs.system) if g.asked]
    previous = _previous(inputs, groups, number, rating=rating)
    if number > 1 and all(r.number != number - 1 for r in inputs.delphi):
        place = Cell(f"{h.DELPHI_FOLDER}/{h.ROUND_FOLDER.format(number=number - 1)}")
        return Written(findings=(finding("questionnaires-no-previous", place, number=number, before=number - 1),))
    asked = frozenset(g.name for g in groups)
    if not asked and not rating:
        return Written(findings=(_nothing_open(project),))
    notes = _freeze(project, number, today)
    files = []
    with _staged(project) as stage:
        folder = stage.folder / "问卷" / (RATING_FOLDER if rating else DELPHI_FOLDER).format(number=number)
        for expert, path in _targets(inputs, folder):
            shown = _feedback(inputs, groups, previous, expert.code, number - 1) if previous else None
            if rating:
                write_rating_questionnaire(path, expert.code, number, inputs.system, inputs.settings, shown)
            else:
                write_allocation_questionnaire(path, expert.code, number, inputs.system, asked, shown)
            files.append(path)
            tick(len(files), len(inputs.experts))
    return _written(stage, files, notes)


def _staged(project: Project) -> AbstractContextManager[Stage]:
    return Keeper(project.folder).stage(basis_of(project.files))


def _written(stage: Stage, files: Sequence[Path], notes: Sequence[Finding]) -> Written:
    """What was written, where it stands; a questionnaire that was filled in stays, the new one is beside it."""
    return Written(tuple(map(stage.landed, files)), (*notes, *stage.findings))


def _nothing_open(project: Project) -> Finding:
    place = project.provenance.find("setting", "权重方法") or Cell(h.PROJECT_FILE, h.INDICATORS.title)
    return finding("questionnaires-all-given", place)


def _no_experts() -> Finding:
    return finding("questionnaires-no-experts", Cell(h.PROJECT_FILE, h.EXPERTS.title))


def _targets(inputs: Inputs, folder: Path) -> Iterator[tuple[Expert, Path]]:
    """Each expert with the file to write; codes that a file system would confuse get a number behind them."""
    taken: set[str] = set()
    for expert in inputs.experts:
        yield expert, folder / f"{file_stem(expert.code, '专家', taken=taken)}.xlsx"


def _compared(inputs: Inputs) -> Mapping[str, tuple[str, ...]]:
    from drafting.workbook.questionnaires.writing import comparison_groups

    return comparison_groups(inputs.system)


def _dealt(inputs: Inputs) -> Mapping[str, tuple[frozenset[tuple[int, int]], ...]]:
    """Pairs of each large group by expert; the same seed deals the same pairs again."""
    from drafting.analysis.weights.uncertainty import generator
    from weighting import split_questionnaire
    from weighting.split import RECOMMENDED_FROM

    dealt = {}
    for group, labels in _compared(inputs).items():
        if len(labels) >= RECOMMENDED_FROM:
            rng = generator(inputs.settings, group, "split")
            parts = split_questionnaire(len(labels), len(inputs.experts), rng).pairs
            dealt[group] = tuple(frozenset(pairs) for pairs in parts)
    return dealt


def _freeze(project: Project, number: int, today: date) -> list[Finding]:
    """Put the stopping rule on record, unless answers are already there: a late record would prove nothing."""
    from drafting.analysis.weights.stopping import in_words, rule_of
    from drafting.project.stopping_record import RECORD_FILE, RecordError, freeze
    from weighting.stopping_rule import StoppingRuleError

    inputs = project.inputs
    if inputs is None:
        return []
    if inputs.frozen_rule is None and inputs.delphi:
        return [finding("stopping-rule-not-frozen")]
    try:
        rule = rule_of(inputs.settings)
    except StoppingRuleError:
        return [finding("stopping-rule-unfit", project.provenance.find("setting", "停止规则：稳定限值"))]
    try:
        written = freeze(project.folder, rule, in_words(rule), today, number)
    except RecordError:
        return [finding("stopping-record-unreadable", Cell(RECORD_FILE))]
    if written:
        return [finding("stopping-rule-frozen", Cell(RECORD_FILE), words=in_words(rule), sha256=rule.sha256)]
    return []


def _previous(
    inputs: Inputs, groups: list[Group], number: int, *, rating: bool
) -> Mapping[str, tuple[PanelRound, tuple[str, ...]]]:
    """Answers of the round before by group, with the keys of their items."""
    from drafting.analysis.weights.rounds import RATED, panel_round, rating_round

    before = next((r for r in inputs.delphi if r.number == number - 1), None)
    if before is None:
        return {}
    if rating:
        rated = rating_round(inputs, before)
        return {} if rated is None else {RATED: (rated, tuple(i.code for i in inputs.system.active))}
    answers = ((g, panel_round(g, before)) for g in groups)
    return {g.name: (p, g.keys) for g, p in answers if p is not None}


def _feedback(
    inputs: Inputs,
    groups: list[Group],
    previous: Mapping[str, tuple[PanelRound, tuple[str, ...]]],
    expert: str,
    number: int,
) -> Feedbacks:
    """What one expert is shown: own answer, median and quartiles, distribution, reasons of the others."""
    from drafting.analysis.weights.rounds import opinions

    shown: dict[str, Mapping[str, ItemFeedback]] = {}
    for group, (answers, keys) in previous.items():
        reasons = opinions(inputs, number, group, keys, answers.experts)
        shown[group] = dict(zip(keys, _items(inputs, answers, expert, reasons), strict=True))
    return shown


def _items(
    inputs: Inputs, answers: PanelRound, expert: str, reasons: tuple[tuple[str | None, ...], ...]
) -> tuple[ItemFeedback, ...]:
    import numpy as np

    from weighting import PanelRound, feedback

    if expert not in answers.experts:  # did not answer the round before, and sees what the others said
        silent = np.full((1, len(answers.items)), np.nan)
        answers = PanelRound(
            np.vstack([answers.values, silent]), (*answers.experts, expert), answers.items, answers.group, answers.scale
        )
        reasons = (*reasons, (None,) * len(answers.items))
    return feedback(answers, expert, reasons=reasons, convention=inputs.settings.quartile).items
