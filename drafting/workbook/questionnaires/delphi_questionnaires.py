"""Delphi questionnaires: direct allocation of 100 points per group, or importance ratings of all candidates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from drafting.model.experts import Expert
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.workbook.headings import FIRST_LEVEL_ALLOCATION, RATING, SECOND_LEVEL_ALLOCATION
from drafting.workbook.questionnaires.cover import add_remarks, open_questionnaire
from drafting.workbook.questionnaires.delphi_sheets import Answering, Feedbacks, Line, add_answers, add_feedback
from drafting.workbook.questionnaires.identity import Identity
from drafting.workbook.style import save

TOTAL = 100
RATED = "重要性评分"
"""Group of the feedback on ratings."""


def allocation_questionnaire(
    expert: Expert,
    number: int,
    system: IndicatorSystem,
    groups: frozenset[str],
    feedback: Feedbacks | None = None,
    *,
    remarks: Sequence[str] = (),
    identity: Identity | None = None,
) -> Workbook:
    """
    Make one expert's questionnaire of one round: 100 points to be shared out in every group.

    Parameters
    ----------
    expert : Expert
        Whose questionnaire it is; the self-assessment is asked where it is not known.
    number : int
        The round.
    groups : frozenset of str
        Groups asked for (一级指标 and categories).
    feedback : mapping, optional
        What the expert sees of the round before; None in round 1. It is never filled in as an answer.
    remarks : sequence of str, optional
        What other experts wrote beside their answers, nobody named.
    identity : Identity, optional
        What the file says it is.
    """
    later = feedback is not None
    shown = feedback or {}
    book = open_questionnaire(expert, "delphi", f"第 {number} 轮", identity)
    first = [
        Line(FIRST_LEVEL, c.name, (c.name,), shown.get(FIRST_LEVEL, {}).get(c.name))
        for c in system.weighted if FIRST_LEVEL in groups
    ]  # fmt: skip
    second = [
        Line(c.name, i.code, (c.name, i.name), shown.get(c.name, {}).get(i.code))
        for c in system.adopted if c.name in groups
        for i in system.heads_of(c.name)
    ]  # fmt: skip
    hint = "只填浅黄色单元格：0～100 的数，{}合计恰为 100；没有预设答案，不了解的组可整组留空。"
    if first:
        title = f"一级指标权重（第 {number} 轮，{len(first)} 项）"
        how = Answering("权重", 0, TOTAL, TOTAL, title, hint.format("全表"))
        add_answers(book, FIRST_LEVEL_ALLOCATION, first, how, later=later)
    if second:
        title = f"二级指标权重（第 {number} 轮，{len({line.group for line in second})} 组 {len(second)} 项）"
        how = Answering("权重", 0, TOTAL, TOTAL, title, hint.format("每个一级指标内"))
        add_answers(book, SECOND_LEVEL_ALLOCATION, second, how, later=later)
    if later:
        lines = [*(Line(x.group, x.key, (x.key, ""), x.shown) for x in first), *second]
        add_feedback(book, lines, ("一级指标", "二级指标"), remarks)
    add_remarks(book)
    book.active = 2 if len(book.sheetnames) > 2 else 0
    return book


def write_allocation_questionnaire(
    path: Path,
    expert: str | Expert,
    number: int,
    system: IndicatorSystem,
    groups: frozenset[str],
    feedback: Feedbacks | None = None,
    *,
    identity: Identity | None = None,
) -> None:
    """
    Write a questionnaire as :func:`allocation_questionnaire` makes it; an existing file is replaced.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    whose = Expert(expert) if isinstance(expert, str) else expert
    book = allocation_questionnaire(whose, number, system, groups, feedback, identity=identity)
    save(book, path, title=allocation_title(number, whose.code))


def allocation_title(number: int, expert: str) -> str:
    """Title of a questionnaire of weights in its properties."""
    return f"专家咨询问卷 第 {number} 轮 {expert}"


def write_rating_questionnaire(
    path: Path,
    expert: str | Expert,
    number: int,
    system: IndicatorSystem,
    settings: Settings,
    feedback: Feedbacks | None = None,
    *,
    identity: Identity | None = None,
) -> None:
    """
    Write a questionnaire as :func:`rating_questionnaire` makes it; an existing file is replaced.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    whose = Expert(expert) if isinstance(expert, str) else expert
    book = rating_questionnaire(whose, number, system, settings, feedback, identity=identity)
    save(book, path, title=rating_title(number, whose.code))


def rating_title(number: int, expert: str) -> str:
    """Title of a questionnaire of ratings in its properties."""
    return f"重要性评分问卷 第 {number} 轮 {expert}"


def rating_questionnaire(
    expert: Expert,
    number: int,
    system: IndicatorSystem,
    settings: Settings,
    feedback: Feedbacks | None = None,
    *,
    remarks: Sequence[str] = (),
    identity: Identity | None = None,
) -> Workbook:
    """Make one expert's rating of all candidate indicators; parameters as :func:`allocation_questionnaire`."""
    shown = (feedback or {}).get(RATED, {})
    lines = [Line(i.category, i.code, (i.category, i.name), shown.get(i.code)) for i in system.heads]
    top = settings.rating_scale
    low = 0 if top == TOTAL else 1
    book = open_questionnaire(expert, "rating", f"第 {number} 轮，{low}～{top} 分", identity)
    hint = f"只填浅黄色单元格：{low}～{top} 分，{top} 分最重要；没有预设答案，不了解的可留空。"
    how = Answering("重要性", low, top, None, f"指标重要性评分（第 {number} 轮，{len(lines)} 项）", hint)
    add_answers(book, RATING, lines, how, later=feedback is not None)
    if feedback is not None:
        add_feedback(book, lines, ("一级指标", "二级指标"), remarks)
    add_remarks(book)
    book.active = 2
    return book
