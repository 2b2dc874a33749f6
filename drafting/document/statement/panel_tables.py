"""Tables of the 编制说明 about the panel: experts (by their edition's names), CR, judgements, rounds, statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from baselines.rounding import round_half_even
from drafting.document.editions import INTERNAL
from drafting.document.facts import number
from drafting.document.statement.facts import StatementFacts
from drafting.document.tables import head, text_cell, with_symbol
from drafting.document.tree import DASH, Cell, Column, Footnote, Note, Row, Superscript, Table, Text
from drafting.model.experts import Expert, JudgementMatrix
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight_details import (
    JudgementDetails,
    MethodDetails,
    SurveyWeightDetails,
    agreement_of,
    intervals_of,
)
from weighting.suggestions import scale_text

MOST_EXPERTS = 12
"""Experts side by side in one table."""
_NAME = 26.0


def decimal(value: float | None, places: int) -> str:
    """Print a number with so many decimals, — for none."""
    if not isinstance(value, int | float) or value != value:  # texts of committees ask as well
        return DASH
    return number(round_half_even(float(value), places))


def panel_table(paper: StatementFacts) -> Table:
    """Lay out the expert group: fields, titles, years; no name stands in any workbook.

    The public edition leaves out by which letter an expert goes elsewhere: field, title and years would tell whose
    judgements those are.
    """
    internal = paper.names.edition == INTERNAL
    experts = paper.facts.inputs.experts
    experts = tuple(sorted(experts, key=(lambda e: paper.names.expert(e.code)) if internal else _described))
    coefficients = {e.expert: e.cr for e in paper.authority.experts} if paper.authority else {}
    body = tuple(
        (
            text_cell(n),
            *((text_cell(paper.names.expert(e.code)),) if internal else ()),
            *map(text_cell, _described(e)),
            *((text_cell(decimal(coefficients.get(e.code), 2)),) if internal else ()),
        )
        for n, e in enumerate(experts, 1)
    )
    titles = ("序号", *(("专家",) if internal else ()), "专业领域", "职称", "从业年限", "熟悉程度")
    return Table(
        anchor="table:panel",
        caption="专家组组成",
        columns=(
            Column(8), *((Column(14),) if internal else ()), Column(26), Column(18), Column(12), Column(12),
            *((Column(10),) if internal else ()),
        ),
        head=(head(*titles, *(("权威系数",) if internal else ())),),
        body=body,
    )  # fmt: skip


def _described(expert: Expert) -> tuple[str, str, str, str]:
    return expert.field_of_work, expert.title, expert.years, expert.familiarity


def groups(paper: StatementFacts) -> tuple[str, ...]:
    """Names of the weight groups in order."""
    return (FIRST_LEVEL, *(c.name for c in paper.facts.weighted))


def ratio_tables(paper: StatementFacts) -> Iterator[Table]:
    """Lay out CR of every expert (rows) and matrix (columns)."""
    weights = paper.facts.results.weights
    found = {(e.expert, e.matrix): e for e in weights.experts} if weights else {}
    shown = [g for g in groups(paper) if any(matrix == g for _, matrix in found)]
    experts = sorted({e for e, _ in found}, key=paper.names.expert)
    if not shown:
        return
    left_out = any(not e.included for e in found.values())
    rows: list[Row] = []
    for expert in experts:
        cells = [text_cell(paper.names.expert(expert))]
        for group in shown:
            one = found.get((expert, group))
            mark = (Superscript("a"),) if one is not None and not one.included else ()
            cells.append(Cell((Text(decimal(one.cr, 4) if one else DASH), *mark)))
        rows.append(tuple(cells))
    yield Table(
        anchor="table:ratios",
        caption="各专家判断矩阵的一致性比例CR",
        columns=(Column(12), *(Column(88 / len(shown)) for _ in shown)),
        head=(head("专家", *shown),),
        body=tuple(rows),
        notes=(Note((Text("阶数不大于2的判断矩阵，CR取0。"),)),),
        footnotes=(Footnote("a", (Text("未采用的判断矩阵。"),)),) if left_out else (),
    )


def agreement_table(paper: StatementFacts) -> Table:
    """Lay out, per group, consistency of the group matrix and agreement of the panel."""
    rows: list[Row] = []
    for group in groups(paper):
        methods = paper.methods(group)  # of a combination only the judgements: another method has another agreement
        details = methods.get("", methods.get("层次分析法"))
        if details is None or isinstance(details, SurveyWeightDetails):
            continue
        judged = details if isinstance(details, JudgementDetails) else None
        consensus, kendall = agreement_of(details).consensus, agreement_of(details).kendall
        rows.append(
            (
                text_cell(group),
                text_cell(len(details.items)),
                text_cell(len(details.experts_used)),
                text_cell(decimal(None if judged is None else judged.group_lambda_max, 4)),
                text_cell(decimal(None if judged is None else judged.group_cr, 4)),
                text_cell(decimal(None if judged is None else judged.mean_expert_cr, 4)),
                text_cell(decimal(None if consensus is None else consensus.s_star, 3)),
                text_cell(decimal(None if kendall is None else kendall.w, 3)),
                text_cell(_probability(None if kendall is None else kendall.p)),
            )
        )
    return Table(
        anchor="table:agreement",
        caption="群体意见的一致性",
        columns=(Column(22), Column(8), Column(10), *(Column(10) for _ in range(6))),
        head=(
            head(
                "分组",
                "指标数",
                "专家数",
                with_symbol("群体", r"\lambda_{\max}"),
                "群体CR",
                "专家CR均值",
                with_symbol("共识度", "S^*"),
                with_symbol("Kendall ", "W"),
                with_symbol("", "p", "值"),
            ),
        ),
        body=tuple(rows),
        notes=(Note((Text("群体判断矩阵的CR会掩盖个体的不一致，判断矩阵是否可用以各专家的CR为准。"),)),),
    )


def _probability(value: float | None) -> str:
    """Print a probability: one that four decimals cannot show is not 0."""
    least = 0.0001
    return f"<{least:.4f}" if value is not None and 0 <= value < least / 2 else decimal(value, 4)


def weight_table(paper: StatementFacts, *, first: bool = False) -> Table:
    """Lay out every weight as computed and as published, with the interval over the experts where there is one.

    ``first``: those of the first level only, for the paper itself.
    """
    weights = paper.facts.results.weights
    rows: list[Row] = []
    combined = False
    for group in (weights.first_level, *(() if first else weights.second_level)) if weights else ():
        methods = paper.methods(group.group)
        combined = combined or bool(methods.keys() - {""})
        for position, weight in enumerate(group.weights):
            lead = (text_cell(group.group, rowspan=len(group.weights)),) if position == 0 else ()
            rows.append(
                (
                    *lead,
                    Cell((Text(weight.name),)),
                    text_cell(decimal(weight.exact, 4)),
                    text_cell(weight.published),
                    text_cell(_of_methods(methods, position, _interval)),
                    text_cell(_of_methods(methods, position, _variation)),
                )
            )
    return Table(
        anchor="table:first-weights" if first else "table:weights",
        caption="一级指标权重的计算值与公布值" if first else "权重的计算值与公布值",
        columns=(Column(19), Column(32, "left"), Column(10), Column(10), Column(18), Column(11)),
        head=(head("分组", "指标", "计算值", "公布值", "95%区间", "变异系数"),),
        body=tuple(rows),
        notes=(
            Note((Text("区间由对专家有放回重抽样得到；变异系数为各专家权重的标准差与均值之比。"),)),
            *((Note((Text("组合权重的区间和变异系数按参与组合的方法分别列出。"),)),) if combined else ()),
        ),
    )


def _of_methods(methods: Mapping[str, MethodDetails], position: int, show: Callable[[MethodDetails, int], str]) -> str:
    """Print a figure of one item by every method that has it; a combination has none of its own."""
    shown = {word: text for word, details in methods.items() if (text := show(details, position)) != DASH}
    return "；".join(f"{word}{text}" for word, text in shown.items()) or DASH


def _interval(details: MethodDetails, position: int) -> str:
    spread = intervals_of(details)
    if spread is None or position >= len(spread.items):
        return DASH
    return f"{decimal(spread.items[position].lower, 3)}～{decimal(spread.items[position].upper, 3)}"


def _variation(details: MethodDetails, position: int) -> str:
    found = agreement_of(details).cv or ()
    return decimal(found[position].cv, 3) if position < len(found) else DASH


def judgement_tables(paper: StatementFacts) -> Iterator[Table]:
    """Lay out every returned matrix: one row per pair above the diagonal, one column per expert."""
    for position, group in enumerate(groups(paper), 1):
        matrices = sorted(
            (m for m in paper.facts.inputs.judgements if m.group == group), key=lambda m: paper.names.expert(m.expert)
        )
        if not matrices:
            continue
        labels = matrices[0].labels
        for start in range(0, len(matrices), MOST_EXPERTS):
            part = matrices[start : start + MOST_EXPERTS]
            block = start // MOST_EXPERTS + 1
            yield _judgements(paper, group, labels, part, f"table:judgements-{position}-{block}")


def _judgements(
    paper: StatementFacts, group: str, labels: Sequence[str], matrices: Sequence[JudgementMatrix], anchor: str
) -> Table:
    experts = [paper.names.expert(m.expert).removeprefix("专家") for m in matrices]
    names = {i.code: i.name for i in paper.facts.indicators}
    places = [{label: i for i, label in enumerate(m.labels)} for m in matrices]
    rows: list[Row] = []
    for first, second in combinations(labels, 2):
        values = [
            m.values[at[first], at[second]] if first in at and second in at else float("nan")
            for m, at in zip(matrices, places, strict=True)
        ]
        pair = (text_cell(names.get(label, label)) for label in (first, second))
        rows.append((*pair, *(text_cell(_scale(float(v))) for v in values)))
    return Table(
        anchor=anchor,
        caption=f"判断矩阵：{group}",
        columns=(Column(_NAME / 2, "left"), Column(_NAME / 2, "left"), *(Column(74 / len(experts)) for _ in experts)),
        head=(
            (
                Cell((Text("两两比较"),), rowspan=2, colspan=2, align="center"),
                Cell((Text("专家"),), colspan=len(experts), align="center"),
            ),
            head(*experts),
        ),
        body=tuple(rows),
    )


def _scale(value: float) -> str:
    if value != value:
        return DASH
    whole = value if value >= 1 else 1 / value
    if abs(whole - round(whole)) < 1e-9:
        return scale_text(float(round(whole)) if value >= 1 else 1 / round(whole))
    return decimal(value, 3)


def allocation_tables(paper: StatementFacts) -> Iterator[Table]:
    """Lay out every allocation of the last round: one row per item, one column per expert."""
    rounds = {r.number: r for r in paper.facts.inputs.delphi}
    if not rounds:
        return
    names = {i.code: i.name for i in paper.facts.indicators}
    for position, group in enumerate(groups(paper), 1):
        told = paper.consulted(group)
        last = rounds.get(0 if told is None else told.round, list(rounds.values())[-1])
        found = {a.expert: x.weights for a in last.answers for x in a.allocations if x.group == group}
        experts = sorted(found, key=paper.names.expert)
        items = list(dict.fromkeys(key for weights in found.values() for key in weights))
        for start in range(0, len(experts), MOST_EXPERTS):
            part = experts[start : start + MOST_EXPERTS]
            yield Table(
                anchor=f"table:allocations-{position}-{start // MOST_EXPERTS + 1}",
                caption=f"第{last.number}轮专家赋权：{group}",
                columns=(Column(_NAME, "left"), *(Column(74 / len(part)) for _ in part)),
                head=(head("指标", *(paper.names.expert(e).removeprefix("专家") for e in part)),),
                body=tuple(
                    (text_cell(names.get(key, key)), *(text_cell(_points(found[e].get(key))) for e in part))
                    for key in items
                ),
            )


def opinions_table(paper: StatementFacts) -> Table:
    """Lay out every opinion that experts wrote for all to read, nobody named."""
    return Table(
        anchor="table:opinions",
        caption="专家在各轮咨询中的意见和建议",
        columns=(Column(20), Column(26, "left"), Column(54, "left")),
        head=(head("问卷", "对象", "意见和建议"),),
        body=tuple(
            (text_cell(instrument), text_cell(subject), text_cell(says)) for instrument, subject, says in paper.opinions
        ),
    )


def _points(value: float | None) -> str:
    return DASH if value is None or value != value else f"{value:g}"


def response_table(paper: StatementFacts) -> Table:
    """Lay out how many questionnaires of each round were sent and came back."""
    found = paper.delphi.response or {}
    return Table(
        anchor="table:response",
        caption="各轮咨询的发放与回收",
        columns=(Column(20), *(Column(16) for _ in range(5))),
        head=(head("轮次", "发出", "收回", "有效", "回收率（%）", "较上轮流失"),),
        body=tuple(
            (
                text_cell(r.name or f"第{n}轮"),
                text_cell(r.sent),
                text_cell(r.returned),
                text_cell(r.valid),
                text_cell(decimal(None if r.rate is None else 100 * r.rate, 1)),
                text_cell(DASH if r.attrition is None else decimal(100 * r.attrition, 1) + "%"),
            )
            for n, r in found.items()
        ),
    )


def statistics_tables(paper: StatementFacts) -> Iterator[Table]:
    """Lay out mean, spread and quartiles of every item in every round."""
    for position, group in enumerate(groups(paper), 1):
        told = paper.consulted(group)
        rows: list[Row] = []
        for n, items in told.rounds.items() if told is not None else ():
            for at, item in enumerate(items):
                lead = (text_cell(f"第{n}轮", rowspan=len(items)),) if at == 0 else ()
                figures = (item.mean, item.sd, item.cv, item.median, item.q1, item.q3)
                shown = (text_cell(decimal(figure, 2)) for figure in figures)
                rows.append((*lead, Cell((Text(item.item),)), text_cell(item.n), *shown))
        if rows:
            yield Table(
                anchor=f"table:statistics-{position}",
                caption=f"专家咨询结果的统计：{group}",
                columns=(Column(9), Column(28, "left"), *(Column(9) for _ in range(7))),
                head=(head("轮次", "指标", "n", "均值", "标准差", "变异系数", "中位数", "下四分位", "上四分位"),),
                body=tuple(rows),
            )
