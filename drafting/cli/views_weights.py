"""What ``drafting weights`` shows: weights, consistency, agreement, the consultation, screening, method comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from drafting.model.weight_details import MethodDetails, agreement_of, by_method, intervals_of
from drafting.words import percent

if TYPE_CHECKING:
    from drafting.analysis.weights.comparison import GroupComparison
    from drafting.cli.screen import Screen
    from drafting.model.consultation import Consultation, JudgementAdvice, PanelStanding, RoundResponse, Screening
    from drafting.model.results import ExpertConsistency, WeightGroup, Weights
    from drafting.run import Run

DASH = "—"


def show_weights(out: Screen, run: Run) -> None:
    """Weights of both baselines and the experts' consistency."""
    weights = run.results.weights
    if weights is None:
        out.line("权重：尚无（没有给定的权重，也没有可用的判断矩阵或德尔菲问卷）。")
        return
    because = f"，暂定：{weights.provisional_because}" if weights.provisional else ""
    out.line(f"权重（{weights.method}{because}）")
    out.table(("一级指标", "权重", "二级指标", "权重"), _rows(weights), align="lrlr")
    if weights.experts:
        show_consistency(out, weights.experts, weights.settings.get("CR限值", ""))


def _rows(weights: Weights) -> list[tuple[str, str, str, str]]:
    rows = []
    for first in weights.first_level.weights:
        group = next((g for g in weights.second_level if g.group == first.key), None)
        for n, w in enumerate(group.weights if group else ()):
            head = (first.name, f"{first.published}") if n == 0 else ("", "")
            rows.append((*head, w.name, f"{w.published}"))
        if group is None:
            rows.append((first.name, f"{first.published}", DASH, DASH))
    for group in weights.second_level:
        if all(group.group != w.key for w in weights.first_level.weights):
            for n, w in enumerate(group.weights):
                rows.append((f"{group.group}（附加）" if n == 0 else "", DASH, w.name, f"{w.published}"))
    return rows


def show_consistency(out: Screen, experts: tuple[ExpertConsistency, ...], limit: str) -> None:
    """One row per matrix: how consistent its experts are."""
    rows = []
    for matrix in dict.fromkeys(e.matrix for e in experts):
        of = [e for e in experts if e.matrix == matrix]
        over = [e.expert for e in of if not e.consistent]
        rows.append((matrix, of[0].n, len(of), f"{max(e.cr for e in of):.3f}", "、".join(over) or "无"))
    out.line(f"判断矩阵一致性（CR 限值 {limit}）")
    out.table(("判断矩阵", "阶数", "专家数", "最大CR", "超限专家"), rows, align="lrrrl")


# --- the panel --------------------------------------------------------------------------------------------------------
def show_panel(out: Screen, delphi: Consultation, panel: PanelStanding, groups: Sequence[WeightGroup]) -> None:
    """Who answered, agreement, rounds and the stopping rule, who has not answered and who must revise what."""
    _show_agreement(out, groups)
    _show_rounds(out, delphi)
    silent = {what: codes for what, codes in panel.not_answered.items() if codes}
    if silent:
        out.line("尚未交回可用答复的专家")
        known = {f"{r.name}问卷": r for r in (delphi.response or {}).values()}
        rows = [(what, _silent(codes, known.get(what))) for what, codes in silent.items()]
        out.table(("问卷", "专家"), rows, align="ll")
    revise = [(r.expert, r.matrix, f"{r.cr:.3f}", _advice(r.judgements)) for r in panel.revise]
    if revise:
        out.line("需修改判断矩阵的专家（首条为最值得复核的判断；全部见下方警告）")
        out.table(("专家", "判断矩阵", "CR", "建议复核"), revise, align="llrl")


def _silent(codes: Sequence[str], response: RoundResponse | None) -> str:
    """Who sent nothing usable, marked where the expert has left or did send something."""
    left, unusable = (response.withdrew or (), response.unusable or ()) if response is not None else ((), ())
    words = dict.fromkeys(left, "（已退出）") | dict.fromkeys(unusable, "（无法采用）")
    return "、".join(code + words.get(code, "") for code in codes)


def _advice(judgements: Sequence[JudgementAdvice]) -> str:
    if not judgements:
        return DASH
    first = judgements[0]
    return f"“{first.first}”比“{first.second}”改为 {first.step}，CR 变为 {first.cr_step:.3f}"


def _show_agreement(out: Screen, groups: Sequence[WeightGroup]) -> None:
    rows = []
    for name, details in (facet for group in groups for facet in _facets(group)):
        agreed = agreement_of(details)
        consensus = agreed.consensus
        if consensus is None:
            continue
        w = None if agreed.kendall is None else agreed.kendall.w
        cvs = [c.cv for c in agreed.cv or () if c.cv is not None]
        away = "、".join(agreed.outliers.experts if agreed.outliers else ()) or "无"
        rows.append(
            (name, f"{consensus.s_star:.3f}（{consensus.level}）", DASH if w is None else f"{w:.3f}",
             f"{max(cvs):.3f}" if cvs else DASH, _widest(details), away)
        )  # fmt: skip
    if rows:
        out.line("专家意见的一致程度")
        out.table(("组", "共识S*", "协调系数W", "最大CV", "95%区间最宽", "离群专家"), rows, align="lrrrrl")


def _facets(group: WeightGroup) -> Iterator[tuple[str, MethodDetails]]:
    """The details of a group, or those of each method that was combined for it."""
    for method, part in by_method(group.details).items():
        yield f"{group.group}（{method}）" if method else group.group, part


def _widest(details: MethodDetails) -> str:
    bootstrap = intervals_of(details)
    if bootstrap is None:
        return DASH
    widest = max(bootstrap.items, key=lambda i: i.upper - i.lower)
    return f"{widest.lower:.3f}～{widest.upper:.3f}"


def _show_rounds(out: Screen, delphi: Consultation) -> None:
    rows = [
        (r.name or f"第{number}轮", r.sent, r.valid, percent(r.rate), percent(r.attrition),
         _silent(r.not_returned, r) or "无")
        for number, r in (delphi.response or {}).items()
    ]  # fmt: skip
    if rows:
        out.line("各轮咨询的答复情况")
        out.table(("轮次", "发出", "有效", "积极系数", "流失", "未交回"), rows, align="lrrrrl")
    authority = delphi.authority
    if authority and delphi.response:
        verdict = "可接受" if authority.acceptable else "偏低"
        out.line(
            f"专家权威程度：判断依据 Ca={authority.mean_ca:.2f}，熟悉程度 Cs={authority.mean_cs:.2f}，"
            f"Cr={authority.mean_cr:.2f}（限值 {authority.limit:.2f}，{verdict}）"
        )
    stopping = delphi.stopping
    if stopping:
        frozen = "已冻结" if stopping.frozen else "未冻结"
        out.line(f"停止规则（{frozen}，SHA-256 {stopping.sha256[:12]}…）：{stopping.rule}")
        out.line(stopping.verdict.conclusion, bold=True)
        for reason in stopping.verdict.reasons:
            out.line(f"  {'√' if reason.passed else '×'} {reason.text}")
        out.line()


def show_screening(out: Screen, screening: Screening | None) -> None:
    """The candidate library by boundary values."""
    if screening is None:
        return
    limits = screening.boundaries
    out.line(
        f"指标筛选（界值法，第{screening.round}轮，{screening.experts} 位专家）：均值≥{limits.mean:.3f}，"
        f"满分率≥{percent(limits.full_mark_share)}，变异系数≤{limits.cv:.3f}；"
        f"{screening.delete_at} 项不满足即建议剔除，其余不满足的交编制组讨论"
    )
    rows = [
        (c.category, c.indicator, c.n, _figure(c.mean), percent(c.full_mark_share), _figure(c.cv),
         "、".join(c.failed) or DASH, c.decision)
        for c in screening.candidates
    ]  # fmt: skip
    heads = ("一级指标", "二级指标", "答复", "均值", "满分率", "变异系数", "不满足", "结论")
    out.table(heads, rows, align="llrrrrll")


def _figure(value: float | None) -> str:
    return DASH if value is None else f"{value:.3f}"


# --- method comparison ------------------------------------------------------------------------------------------------
def show_comparison(out: Screen, compared: Sequence[GroupComparison]) -> None:
    """Three prioritisations × RI tables side by side, then in words where the choice matters."""
    if not compared:
        out.line("方法比较：没有可用的判断矩阵。")
        return
    out.line("方法比较：三种算法 × 各 RI 表（只作比较，不改变设置）", bold=True)
    for group in compared:
        out.line(f"“{group.group}”：各算法的权重")
        _show_weights_by_method(out, group)
        if group.experts:
            out.line(f"“{group.group}”：CR 超限的专家数（共 {len(group.experts)} 位），最大 CR 在括号内")
            _show_verdicts(out, group)
        for sentence in group.words:
            out.line(f"  · {sentence}")
        out.line()


def _show_weights_by_method(out: Screen, group: GroupComparison) -> None:
    """Weights by method; by table as well where the tables lead to different weights (policy 剔除)."""
    rows: list[tuple[str, ...]] = []
    for method in dict.fromkeys(v.method for v in group.variants):
        of = [v for v in group.variants if v.method == method]
        differing = len({v.published for v in of}) > 1
        for v in of if differing else of[:1]:
            cells = [f"{p}（{e:.4f}）" for p, e in zip(v.published, v.exact, strict=True)] or [DASH] * len(group.items)
            rows.append((f"{method}·{v.table}" if differing else method, *cells))
    heads, *lines = zip(*rows, strict=True)
    table = [(item, *line) for item, line in zip(group.items, lines, strict=True)]
    out.table(("指标", *heads), table, align="l" + "r" * len(rows))


def _show_verdicts(out: Screen, group: GroupComparison) -> None:
    methods = list(group.experts[0].cr)
    tables = list(group.experts[0].cr[methods[0]])
    rows = []
    for method in methods:
        cells = []
        for table in tables:
            over = sum(not e.consistent[method][table] for e in group.experts)
            cells.append(f"{over}（{max(e.cr[method][table] for e in group.experts):.4f}）")
        rows.append((method, *cells))
    out.table(("算法", *tables), rows, align="l" + "r" * len(tables))
