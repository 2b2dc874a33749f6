"""The summary of a build that opens the HTML edition: key figures, weights with CR, baselines with shares, grades."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from drafting.desk.causes import causes
from drafting.findings import Finding, Severity
from drafting.model.identity import name_key
from drafting.model.terms import GRADES
from drafting.render.summary import Fact, Remark, Summary, SummaryTable
from drafting.words import EVALUATED, OUTCOMES, outcomes, percent

if TYPE_CHECKING:
    from drafting.model.results import Baselines, Trial, Weights
    from drafting.run import Run


_PLACES = 6
"""Ranges of one sheet, and sheets, that a remark names."""


def summarise(run: Run) -> Summary:
    """Put the key figures of a run into tables."""
    if not run.of_tables:
        return Summary(tuple(_tables(run)), _notes(run), _facts(run))
    joined = run.results.combined
    tables = [] if joined is None else [replace(_trial(joined), caption="综合评定：企业的等级分布")]
    notes: tuple[str, ...] = ()
    for key, one in run.of_tables.items():
        tables += [replace(table, caption=f"{key}·{table.caption}") for table in _tables(one)]
        notes += tuple(f"{key}的{note}" for note in _notes(one))
    return Summary(tuple(tables), notes, _facts(run))


def _tables(run: Run) -> list[SummaryTable]:
    results = run.results
    tables = []
    if results.trial:
        tables.append(_trial(results.trial))
        tables += _binding(results.trial)
    if results.weights:
        tables.append(_weights(results.weights))
    if results.baselines:
        tables.append(_baselines(results.baselines, run))
    return tables


def remarks(findings: Iterable[Finding]) -> tuple[Remark, ...]:
    """Findings by cause, for the panel before the draft."""
    return tuple(Remark(c.severity, c.message, c.remedy, c.clause, c.place(_PLACES)) for c in causes(findings))


def _facts(run: Run) -> tuple[Fact, ...]:
    inputs, results = run.project.inputs, run.results
    if inputs is None:
        return ()
    limiting = sum(i.limiting for i in inputs.system.heads)
    facts = [Fact("二级指标", str(len(inputs.system.heads)), f"其中限定性指标 {limiting} 项")]
    if inputs.tables:
        facts.insert(0, Fact("分表", str(len(inputs.tables)), "、".join(t.key for t in inputs.tables)))
        names = {name_key(n) for t in inputs.tables if t.survey is not None for n in t.survey.enterprises}
        facts.append(
            Fact(
                "调研企业",
                str(len(names)),
                "、".join(f"{t.key} {len(t.survey)} 家" for t in inputs.tables if t.survey is not None),
            )
        )
    if inputs.survey is not None:
        out = int(inputs.survey.violations.sum())
        facts.append(Fact("调研企业", str(len(inputs.survey)), f"其中 {out} 家因重大违法不参与评价" if out else ""))
    if results.weights and results.weights.experts:
        worst = max(e.cr for e in results.weights.experts)
        over = sum(not e.consistent for e in results.weights.experts)
        experts = len({e.expert for e in results.weights.experts})
        facts.append(Fact("专家", str(experts), f"最大 CR {worst:.3f}，超限 {over} 份", warn=over > 0))
    if results.trial:
        found = outcomes({k: n for k, n in results.trial.distribution.items() if k != "excluded"})
        graded = sum(n for word, n, _ in found if word != OUTCOMES["none"])
        share = sum(s or 0.0 for word, _, s in found if word != OUTCOMES["none"])
        facts.append(Fact("达到任一等级", percent(share), f"{graded} 家企业", warn=share < 0.3))
    errors = sum(1 + f.further for f in run.findings if f.severity is Severity.ERROR)
    warnings = sum(1 + f.further for f in run.findings if f.severity is Severity.WARNING)
    facts.append(Fact("问题", str(errors), f"错误；另有警告 {warnings} 条", warn=errors > 0))
    return tuple(facts)


def _notes(run: Run) -> tuple[str, ...]:
    weights = run.results.weights
    return (f"权重为暂定值：{weights.provisional_because}。",) if weights and weights.provisional else ()


def _trial(trial: Trial) -> SummaryTable:
    found = outcomes(trial.distribution)
    rows = tuple((word, str(n), percent(share)) for word, n, share in found)
    note = trial.details.sentence if trial.details else ""
    return SummaryTable(
        "试评价：调研企业的等级分布",
        ("等级", "企业数", EVALUATED),
        rows,
        "lrr",
        tuple(s or 0.0 for *_, s in found),
        note,
    )


def _binding(trial: Trial, most: int = 6) -> list[SummaryTable]:
    """The indicators that stop most enterprises short of grade III, so that the joint effect is seen at a glance."""
    items = trial.details.binding.get(GRADES[-1].value, ())[:most] if trial.details else ()
    if not items:
        return []
    rows = tuple((one.marked, str(one.blocked), percent(one.share), one.only) for one in items)
    note = "＊为限定性指标。“只差它”：只要该指标提升，企业即可达到Ⅲ级。各指标一起卡住的企业多于任何一项。"
    return [
        SummaryTable(
            "试评价：卡住企业达到Ⅲ级的指标", ("二级指标", "卡住企业", "占比", "只差它"), rows, "lrrr",
            tuple(one.share or 0.0 for one in items), note,
        )
    ]  # fmt: skip


def _weights(weights: Weights) -> SummaryTable:
    rows = []
    for group in weights.second_level:
        first = weights.category(group.group)
        of = [e for e in weights.experts if e.matrix == group.group]
        worst = f"{max(e.cr for e in of):.3f}" if of else "—"
        for n, w in enumerate(group.weights):
            head = (group.group, "—" if first is None else str(first), worst) if n == 0 else ("", "", "")
            rows.append((*head, w.name, str(w.published)))
    first_cr = [e.cr for e in weights.experts if e.matrix == weights.first_level.group]
    note = f"一级指标判断矩阵的最大 CR 为 {max(first_cr):.3f}。" if first_cr else ""
    return SummaryTable("权重", ("一级指标", "权重", "最大CR", "二级指标", "权重"), tuple(rows), "lrrlr", note=note)


def _baselines(baselines: Baselines, run: Run) -> SummaryTable:
    inputs = run.project.inputs
    rows = []
    for found in baselines.indicators:
        indicator = inputs.system.indicator(found.code) if inputs else None
        cells: list[str] = []
        for grade in GRADES:
            level = found.by_grade.get(grade)
            cells += ["—", "—"] if level is None else [level.bound.format(), percent(level.share)]
        name = indicator.name if indicator else found.code
        source = found.source.chinese if found.source else "—"
        rows.append((name, indicator.unit if indicator else "", source, str(found.n), *cells))
    heads = tuple(h for g in GRADES for h in (g.chinese, "达到"))
    return SummaryTable(
        "基准值与公布值实际达到的企业比例",
        ("二级指标", "单位", "来源", "企业数", *heads),
        tuple(rows),
        "lllr" + "lr" * 3,
    )
