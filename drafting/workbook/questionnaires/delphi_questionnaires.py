"""Delphi questionnaires: direct allocation of 100 points per group, or importance ratings of all candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl import Workbook

from drafting.model.asking import BETWEEN, AskedGroup
from drafting.model.experts import Expert
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL
from drafting.workbook.headings import (
    FIRST_LEVEL_ALLOCATION,
    RATING,
    SECOND_LEVEL_ALLOCATION,
    TABLE,
    SheetForm,
    by_table,
)
from drafting.workbook.questionnaires.cover import add_remarks, open_questionnaire
from drafting.workbook.questionnaires.delphi_sheets import Answering, Feedbacks, Line, add_answers, add_feedback
from drafting.workbook.questionnaires.identity import Identity

TOTAL = 100
_SEVERAL = "；本标准有几张表，“分表”一列写明各组属于哪张表，几张表共用的组只答一次"
RATED = "重要性评分"
"""Group of the feedback on ratings."""


def allocation_questionnaire(
    expert: Expert,
    number: int,
    groups: Sequence[AskedGroup],
    feedback: Feedbacks | None = None,
    *,
    remarks: Sequence[str] = (),
    identity: Identity | None = None,
) -> Workbook:
    """Make one expert's questionnaire of one round: 100 points to be shared out in every group.

    ``expert``: whose questionnaire it is; the self-assessment is asked where it is not known.
    ``number``: the round.
    ``groups``: groups asked for (一级指标 and categories), of one table or of several.
    ``feedback``: what the expert sees of the round before; None in round 1. It is never filled in as an answer.
    ``remarks``: what other experts wrote beside their answers, nobody named.
    ``identity``: what the file says it is.
    """
    later = feedback is not None
    shown = feedback or {}
    several = any(g.tables for g in groups)
    notice = f"第 {number} 轮{_SEVERAL if several else ''}"
    book = open_questionnaire(expert, "delphi", notice, identity)
    first = _lines((g for g in groups if g.group == FIRST_LEVEL), shown)
    second = _lines((g for g in groups if g.group != FIRST_LEVEL), shown)
    hint = "只填浅黄色单元格：0～100 的数，{}合计恰为 100；没有预设答案，不了解的组可整组留空。"
    if first:
        tables = f"{len({line.group for line in first})} 张表 " if several else ""
        title = f"一级指标权重（第 {number} 轮，{tables}{len(first)} 项）"
        how = Answering("权重", 0, TOTAL, TOTAL, title, hint.format("每张表内" if several else "全表"))
        add_answers(book, _form(FIRST_LEVEL_ALLOCATION, groups), first, how, later=later)
    if second:
        title = f"二级指标权重（第 {number} 轮，{len({line.group for line in second})} 组 {len(second)} 项）"
        how = Answering("权重", 0, TOTAL, TOTAL, title, hint.format("每组" if several else "每个一级指标内"))
        add_answers(book, _form(SECOND_LEVEL_ALLOCATION, groups), second, how, later=later)
    if later:
        lines = [*(Line(x.group, x.key, (*x.texts, ""), x.shown) for x in first), *second]
        add_feedback(book, lines, (*((TABLE,) if several else ()), "一级指标", "二级指标"), remarks)
    add_remarks(book)
    book.active = 2 if len(book.sheetnames) > 2 else 0
    return book


def _lines(groups: Iterable[AskedGroup], shown: Feedbacks) -> list[Line]:
    """The items of groups in order; before them stand the tables, where there are several, and the category."""
    found = []
    for g in groups:
        lead = (*((BETWEEN.join(g.tables),) if g.tables else ()), *((g.group,) if g.group != FIRST_LEVEL else ()))
        found += [Line(g.name, key, (*lead, name), shown.get(g.name, {}).get(key)) for key, name in g.members.items()]
    return found


def _form(form: SheetForm, groups: Sequence[AskedGroup]) -> SheetForm:
    return by_table(form) if any(g.tables for g in groups) else form


def allocation_title(number: int, expert: str) -> str:
    """Title of a questionnaire of weights in its properties."""
    return f"专家咨询问卷 第 {number} 轮 {expert}"


def rating_title(number: int, expert: str) -> str:
    """Title of a questionnaire of ratings in its properties."""
    return f"重要性评分问卷 第 {number} 轮 {expert}"


def rating_questionnaire(
    expert: Expert,
    number: int,
    groups: Sequence[AskedGroup],
    settings: Settings,
    feedback: Feedbacks | None = None,
    *,
    remarks: Sequence[str] = (),
    identity: Identity | None = None,
) -> Workbook:
    """Make one expert's rating of all candidate indicators; parameters as :func:`allocation_questionnaire`."""
    shown = (feedback or {}).get(RATED, {})
    rated = [g for g in groups if g.group != FIRST_LEVEL]
    by_group = {g.name: {key: found for key in g.members if (found := shown.get(g.rated(key)))} for g in rated}
    lines = _lines(rated, by_group)
    top = settings.rating_scale
    low = 0 if top == TOTAL else 1
    notice = f"第 {number} 轮，{low}～{top} 分{_SEVERAL if any(g.tables for g in groups) else ''}"
    book = open_questionnaire(expert, "rating", notice, identity)
    hint = f"只填浅黄色单元格：{low}～{top} 分，{top} 分最重要；没有预设答案，不了解的可留空。"
    how = Answering("重要性", low, top, None, f"指标重要性评分（第 {number} 轮，{len(lines)} 项）", hint)
    add_answers(book, _form(RATING, groups), lines, how, later=feedback is not None)
    if feedback is not None:
        several = any(g.tables for g in groups)
        add_feedback(book, lines, (*((TABLE,) if several else ()), "一级指标", "二级指标"), remarks)
    add_remarks(book)
    book.active = 2
    return book
