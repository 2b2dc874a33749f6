"""Tables of the 编制说明 about survey, baselines and trial, and the one that leads every figure to its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from baselines.rounding import round_half_even
from drafting.document.editions import INTERNAL
from drafting.document.facts import number
from drafting.document.small_samples import FEW_IN_A_GROUP, note_of, singled_out
from drafting.document.statement.facts import MOST_TOLD, StatementFacts
from drafting.document.statement.panel_tables import decimal
from drafting.document.tables import figure_cell, head, text_cell, with_symbol
from drafting.document.tree import DASH, Cell, Column, Note, Row, Table, Text
from drafting.model.results import Baseline, IndicatorBaselines
from drafting.model.survey import State
from drafting.model.system import Indicator
from drafting.model.terms import GRADES
from drafting.words import EVALUATED, OUTCOMES, grade_word, interval


def reading_table(paper: StatementFacts) -> Table:
    """Lay out what the survey holds per indicator: values, missing, not applicable, below detection, left out."""
    survey = paper.facts.inputs.survey
    rows: list[Row] = []
    for position, indicator in enumerate(paper.facts.rows, 1):
        column = survey.columns.get(indicator.code) if survey else None
        baselines = paper.facts.baselines_of(indicator)
        if survey is None or column is None:
            counts = [DASH] * 6
        else:
            states = [int((column.states == s).sum()) for s in State]
            asked = len(survey) - states[State.NOT_APPLICABLE]
            left_out = baselines.excluded if baselines is not None else states[State.EXCLUDED]
            answered = asked - states[State.MISSING]
            counts = [
                str(baselines.n if baselines is not None else states[State.VALUE]),
                str(states[State.MISSING]),
                str(states[State.NOT_APPLICABLE]),
                str(states[State.NON_DETECT]),
                str(left_out),
                decimal(100 * answered / asked if asked else None, 1),
            ]
        rows.append((text_cell(position), Cell((Text(indicator.name),)), *map(text_cell, counts)))
    return Table(
        anchor="table:reading",
        caption="调研数据的填报情况",
        columns=(Column(7), Column(39, "left"), *(Column(9) for _ in range(6))),
        head=(head("序号", "二级指标", "有效", "缺失", "不适用", "未检出", "剔除", "填报率（%）"),),
        body=tuple(rows),
        notes=(Note((Text("填报率为有填报数据的企业数占适用该指标的企业数的百分比。"),)),),
    )


def reason_table(paper: StatementFacts) -> Table:
    """Lay out why each indicator was selected, and what it guides enterprises to."""
    rows = tuple(
        (
            text_cell(n),
            Cell((Text(i.name),)),
            text_cell("、".join(g.value for g in i.guidance)),
            text_cell("是" if i.limiting else "否"),
            Cell((Text(_reason(i)),), align="left"),
        )
        for n, i in enumerate(paper.facts.indicators, 1)
    )
    return Table(
        anchor="table:reasons",
        caption="二级指标的选取理由",
        columns=(Column(7), Column(28, "left"), Column(14), Column(9), Column(42, "left")),
        head=(head("序号", "二级指标", "引导方向", "限定性", "选取理由"),),
        body=rows,
    )


def _reason(indicator: Indicator) -> str:
    given = indicator.selection_reason.strip() or "【待补充：选取理由】"
    if indicator.qualitative:
        why = indicator.qualitative_reason.strip() or "【待补充：定性理由】"
        return f"{given.rstrip('。')}。定性理由：{why}"
    return given


def baseline_table(paper: StatementFacts) -> Table:
    """Lay out every surveyed baseline: the k-th best value, the published one, the share reached, the interval."""
    rows: list[Row] = []
    for indicator in paper.facts.rows:
        baselines = paper.facts.baselines_of(indicator)
        if baselines is None:
            continue
        given = [
            (g, baselines.by_grade[g])
            for g in GRADES
            if g in baselines.by_grade and baselines.by_grade[g].value is not None
        ]
        for at, (grade, baseline) in enumerate(given):
            lead = (
                (Cell((Text(indicator.name),), len(given)), text_cell(baselines.n or DASH, rowspan=len(given)))
                if at == 0
                else ()
            )
            rows.append(
                (
                    *lead,
                    text_cell(grade.chinese),
                    text_cell(baseline.k or DASH),
                    text_cell(_exact(baseline)),
                    figure_cell(paper.facts.keyed("level", indicator.code, grade.value), baseline.bound.format()),
                    text_cell(DASH if baseline.share is None else number(round_half_even(baseline.share * 100, 1))),
                    text_cell(interval(*(baseline.interval or (None, None)))),
                    text_cell(_source(baselines, baseline)),
                )
            )
    return Table(
        anchor="table:levels",
        caption="定量指标基准值的确定",
        columns=(
            Column(20, "left"), Column(9), Column(7), Column(7), Column(11), Column(11), Column(10), Column(18),
            Column(7),
        ),
        head=(
            head(
                "二级指标", with_symbol("有效企业数", "n"), "级别", with_symbol("名次", "k"),
                with_symbol("第", "k", "优值"), "基准值", "达到比例（%）", "置信区间", "来源",
            ),
        ),
        body=tuple(rows),
        notes=(
            Note((Text("达到比例按公布的基准值在调研样本中重新统计；区间的一端为—时，样本不足以给出该端。"),)),
            *((Note((Text(note_of(paper.facts.inputs.settings.small_samples)),)),) if _singled_out(paper) else ()),
        ),
    )  # fmt: skip


def _singled_out(paper: StatementFacts) -> bool:
    """Whether something in the table would tell what one enterprise reported."""
    if paper.names.edition == INTERNAL:
        return False
    every = (paper.facts.baselines_of(indicator) for indicator in paper.facts.rows)
    return any(any(singled_out(one, grade)) for one in every if one is not None for grade in one.by_grade)


def _exact(baseline: Baseline) -> str:
    """The k-th best value; a value that was given has no rank."""
    return DASH if baseline.exact is None or baseline.k is None else f"{baseline.exact:.10g}"


def _source(baselines: IndicatorBaselines, baseline: Baseline) -> str:
    source = baseline.source or baselines.source
    return source.chinese if source else DASH


def exclusion_table(paper: StatementFacts) -> Table:
    """Lay out which data were left out, and why."""
    names = {i.code: i.name for part in paper.facts.parts for i in part.indicators}
    return Table(
        anchor="table:exclusions",
        caption="未采用的数据及理由",
        columns=(Column(8), Column(18), Column(26), Column(48, "left")),
        head=(head("序号", "企业", "指标", "理由"),),
        body=tuple(
            (
                text_cell(n),
                text_cell(e.enterprise),
                text_cell(names.get(e.indicator, e.indicator) or "全部指标"),
                Cell((Text(e.reason or "【待补充：剔除理由】"),), align="left"),
            )
            for n, e in enumerate(paper.exclusions[:MOST_TOLD], 1)
        ),
        notes=_rest_of(paper),
    )


def _rest_of(paper: StatementFacts) -> tuple[Note, ...]:
    rest = len(paper.exclusions) - MOST_TOLD
    return (Note((Text(f"另有{rest}条未列出，全部见 项目.xlsx 的“剔除”表。"),)),) if rest > 0 else ()


# --- trial ------------------------------------------------------------------------------------------------------------
def outcome_table(paper: StatementFacts) -> Table:
    """Lay out how the grades fall, by stratum where there are strata."""
    strata = paper.trial.strata if paper.trial else {}
    keys = tuple(paper.facts.results.trial.distribution) if paper.facts.results.trial else ()
    few = {name for name, counts in strata.items() if not counts}  # the public edition's
    rows = [
        (
            text_cell(word),
            text_cell(n),
            text_cell(decimal(None if share is None else 100 * share, 1)),
            *(text_cell(DASH if name in few else counts.get(key, 0)) for name, counts in strata.items()),
        )
        for (word, n, share), key in zip(paper.outcomes, keys, strict=True)
    ]
    return Table(
        anchor="table:outcomes",
        caption="试评价结果的等级分布",
        columns=(Column(24), Column(16), Column(16), *(Column(44 / len(strata)) for _ in strata)),
        head=(head("等级", "企业数", f"{EVALUATED}（%）", *strata),),
        body=tuple(rows),
        notes=(Note((Text(FEW_IN_A_GROUP),)),) if few else (),
    )


def combined_table(paper: StatementFacts) -> Table:
    """Lay out how the grades of enterprises fall over all their tables, beside those of each table."""
    joined = paper.facts.results.combined
    parts = [(part.inputs.table, part.results.trial) for part in paper.facts.parts]
    columns = [(key, trial.distribution) for key, trial in parts if trial is not None]
    columns += [("综合", joined.distribution)] if joined is not None else []
    rows = [(text_cell(OUTCOMES[key]), *(text_cell(counts.get(key, 0)) for _, counts in columns)) for key in OUTCOMES]
    return Table(
        anchor="table:combined",
        caption="各表和综合评定的等级分布（企业数）",
        columns=(Column(24), *(Column(76 / max(len(columns), 1)) for _ in columns)),
        head=(head("等级", *(name for name, _ in columns)),),
        body=tuple(rows),
    )


def editions_table(paper: StatementFacts, *, joined: bool = False) -> Table | tuple[()]:
    """Lay out how many enterprises have which grades by the earlier edition and the draft; joined: over all tables."""
    beside = paper.facts.results.beside
    if beside is None:
        return ()
    grades = (*GRADES, None)
    return Table(
        anchor="table:editions-joined" if joined else "table:editions",
        caption=f"按旧版与按本文件{'综合' if joined else ''}评价的等级",
        columns=(Column(28), *(Column(18) for _ in grades)),
        head=(head("旧版的等级", *(f"本文件{grade_word(g)}" for g in grades)),),
        body=tuple(
            (text_cell(grade_word(old)), *(text_cell(beside.counts.get((old, new), 0)) for new in grades))
            for old in grades
        ),
        notes=(Note((Text("表中为企业数。"),)),),
    )


def binding_table(paper: StatementFacts, most: int = 5) -> Table:
    """Lay out the indicators that keep most enterprises from a grade."""
    found = paper.trial.binding if paper.trial else {}
    rows: list[Row] = []
    for grade in GRADES:
        of = [one for one in found.get(grade.value, ()) if one.blocked][:most]
        for at, one in enumerate(of):
            lead = (text_cell(grade.chinese, rowspan=len(of)),) if at == 0 else ()
            rows.append(
                (
                    *lead,
                    Cell((Text(one.indicator),)),
                    text_cell("是" if one.limiting else "否"),
                    text_cell(one.blocked),
                    text_cell(decimal(None if one.share is None else 100 * one.share, 1)),
                    text_cell(one.alone),
                )
            )
    return Table(
        anchor="table:binding",
        caption="制约评级的主要指标",
        columns=(Column(9), Column(40, "left"), Column(9), Column(18), Column(12), Column(12)),
        head=(head("级别", "二级指标", "限定性", "未达到的企业数", "占比（%）", "仅因该项"),),
        body=tuple(rows),
    )


# --- sources ----------------------------------------------------------------------------------------------------------
def source_tables(paper: StatementFacts) -> Iterator[Table]:
    """Lead every published figure to its source: cells or rounds, setting, share reached."""
    yield _weight_sources(paper)
    yield _baseline_sources(paper)


def _weight_sources(paper: StatementFacts) -> Table:
    weights = paper.facts.results.weights
    rows: list[Row] = []
    for group in (weights.first_level, *weights.second_level) if weights else ():
        first = weights is not None and group is weights.first_level
        for w in group.weights:
            key = paper.facts.keyed("weight", w.key) if first else paper.facts.keyed("weight", group.group, w.key)
            rows.append(
                (
                    text_cell(len(rows) + 1),
                    text_cell(group.group),
                    Cell((Text(w.name),)),
                    figure_cell(key, str(w.published)),
                    text_cell(f"{w.exact:.8g}"),
                    text_cell(group.method),
                    Cell((Text(paper.sources.get(key) or ("该组只有一项" if group.method == "唯一" else DASH)),)),
                )
            )
    return Table(
        anchor="table:weight-sources",
        caption="权重的来源",
        columns=(
            Column(6), Column(17), Column(24, "left"), Column(8), Column(16), Column(12), Column(24, "left"),
        ),
        head=(head("序号", "分组", "指标", "公布值", "计算值", "方法", "来源"),),
        body=tuple(rows),
    )  # fmt: skip


def _baseline_sources(paper: StatementFacts) -> Table:
    rows: list[Row] = []
    for indicator in paper.facts.rows:
        baselines = paper.facts.baselines_of(indicator)
        for grade, baseline in baselines.by_grade.items() if baselines else ():
            key = paper.facts.keyed("level", indicator.code, grade.value)
            published = figure_cell(key, baseline.bound.format())
            rows.append(
                (
                    text_cell(len(rows) + 1),
                    Cell((Text(indicator.name),)),
                    text_cell(grade.chinese),
                    replace(published, align="left") if indicator.qualitative else published,
                    text_cell(_source(baselines, baseline) if baselines else DASH),
                    text_cell(DASH if baseline.share is None else number(round_half_even(baseline.share * 100, 1))),
                    Cell((Text(_where(paper, indicator, baseline, key)),)),
                )
            )
    return Table(
        anchor="table:level-sources",
        caption="基准值的来源",
        columns=(
            Column(6), Column(24, "left"), Column(7), Column(22), Column(10), Column(11), Column(30, "left"),
        ),
        head=(head("序号", "指标", "级别", "公布值", "来源类别", "达到比例（%）", "来源"),),
        body=tuple(rows),
    )  # fmt: skip


def _where(paper: StatementFacts, indicator: Indicator, baseline: Baseline, key: tuple[str, ...]) -> str:
    parts = [paper.sources.get(key, "")]
    baselines = paper.facts.baselines_of(indicator)
    if baseline.k is not None and baselines is not None:
        parts.append(f"n={baselines.n}，k={baseline.k}")
    if (baseline.source or (baselines.source if baselines else None)) is not None and indicator.source_basis:
        parts.append(indicator.source_basis)
    return "；".join(p for p in parts if p) or DASH
