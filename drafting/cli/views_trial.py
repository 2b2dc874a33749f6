"""What the commands trial, evaluate and calibrate show on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drafting.model.tables import SEPARATELY
from drafting.model.terms import GRADES
from drafting.words import EVALUATED, OUTCOMES, grade_word, outcomes, percent

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.desk.proposals import Proposal
    from drafting.model.coded import JSON
    from drafting.model.inputs import Inputs
    from drafting.model.results import Beside, Move, Trial
    from drafting.model.trial_details import DeepTrial, ListedTrial


EMPTY_TRIAL: dict[str, JSON] = {
    "enterprises": [],
    "distribution": {"I": 0, "II": 0, "III": 0, "none": 0, "excluded": 0},
}
_MOST = 10
_BAR = 30
_KINDS = {"baseline": "基准值", "dropped": "视为都达到Ⅰ级", "weight": "权重", "category-weight": "一级指标权重"}
_ROMAN: dict[str, str] = {grade.value: grade.chinese for grade in GRADES}


def show_joint_effect(out: Screen, trial: Trial) -> None:
    """The sentence, the distribution, the indicators that stop most enterprises."""
    show_distribution(out, trial)
    _binding(out, trial)


def show_distribution(out: Screen, trial: Trial) -> None:
    """The sentence and the distribution of grades."""
    sentence = trial.details.sentence if trial.details else ""
    if sentence:
        for line in out.wrapped(f"试评价：{sentence}"):
            out.line(line, bold=True)
    rows = [(word, n, percent(share), _bar(share)) for word, n, share in outcomes(trial.distribution)]
    out.table(("等级", "企业数", EVALUATED, ""), rows, align="lrrl")


def binding_in_short(trial: Trial, most: int = 3) -> list[str]:
    """A line for grade III and one for grade I: the indicators that stop most enterprises."""
    lines = []
    for grade in (GRADES[-1], GRADES[0]):
        found = trial.details.binding.get(grade, ())[:most] if trial.details else ()
        if found:
            named = "、".join(f"{one.indicator}（{percent(one.share)}）" for one in found)
            lines.append(f"卡住企业最多的指标，{_ROMAN[grade]}：{named}")
    return lines


def _bar(share: float | None) -> str:
    return "█" * round(_BAR * (share or 0.0))


def _binding(out: Screen, trial: Trial, most: int = 5) -> None:
    binding = trial.details.binding if trial.details else {}
    rows = []
    for grade in reversed(GRADES):
        for place, one in enumerate(binding.get(grade, ())[:most]):
            head = _ROMAN[grade] if place == 0 else ""
            rows.append((head, one.marked, one.blocked, percent(one.share), one.only))
    if rows:
        out.line("卡住企业最多的指标（＊为限定性指标；“只差它”：只要该指标提升到Ⅰ级，企业即可达到该等级）")
        out.table(("等级", "二级指标", "卡住企业", "占比", "只差它"), rows, align="llrrr")


def show_trial(out: Screen, trial: Trial | None, *, most: int = 20, deep: bool = False) -> None:
    """Joint effect first, then strata, boundary, what moves the distribution, the enterprises."""
    if trial is None:
        out.line("试评价：尚无（需要权重、基准值和调研数据）。")
        return
    show_joint_effect(out, trial)
    details = trial.details
    if details is not None:
        _by(out, details.regions, "地区")
        _by(out, details.strata, "分组")
    if deep and details is not None:
        if details.listed is not None:
            _together(out, details.listed)
            _boundary(out, details.listed)
        if details.deep is not None:
            _sensitivity(out, details.deep)
            _stability(out, details.deep)
    rows = []
    for e in trial.enterprises[:most]:
        indices = ["—" if (y := e.y[g]) is None else f"{float(y):.2f}" for g in e.y]
        outcome = "excluded" if e.excluded else e.grade.value if e.grade else "none"
        rows.append((e.enterprise, *indices, OUTCOMES[outcome], _shorten(e.reasons)))
    if rows:
        out.table(("企业", "Y_Ⅰ", "Y_Ⅱ", "Y_Ⅲ", "等级", "未达到更高等级的原因"), rows, align="lrrrll")
    if len(trial.enterprises) > most:
        out.line(f"（仅列前 {most} 家，共 {len(trial.enterprises)} 家；全部结果见 --json 或 成果/ 中的文件）")


def show_combined(out: Screen, inputs: Inputs | None, joined: Trial | None, *, most: int = 20) -> None:
    """Enterprises over all their tables; nothing for a project with one table."""
    if inputs is None or not inputs.tables:
        return
    if joined is None:
        rule = inputs.settings.several_tables
        out.line(f"综合：不作（多表评定：{rule}）。" if rule == SEPARATELY else "综合：尚无（原因见下列错误）。")
        return
    out.line(f"综合（多表评定：{inputs.settings.several_tables}）", bold=True)
    show_distribution(out, joined)
    if not most:
        return
    tables = {d.enterprise: d for d in joined.joined.enterprises} if joined.joined else {}
    rows = []
    for e in joined.enterprises[:most]:
        of = tables.get(e.enterprise)
        graded = zip(of.tables, of.grades, strict=True) if of else ()
        each = "、".join(f"{k} {_ROMAN[g] if g else '—'}" for k, g in graded)
        indices = ["—" if (y := e.y[g]) is None else f"{float(y):.2f}" for g in e.y]
        outcome = "excluded" if e.excluded else e.grade.value if e.grade else "none"
        rows.append((e.enterprise, each, *indices, OUTCOMES[outcome], _shorten(e.reasons)))
    out.table(("企业", "各表", "Y_Ⅰ", "Y_Ⅱ", "Y_Ⅲ", "综合", "未达到更高等级的原因"), rows, align="llrrrll")
    if len(joined.enterprises) > most:
        out.line(f"（仅列前 {most} 家，共 {len(joined.enterprises)} 家；全部结果见 --json）")


def _by(out: Screen, found: Mapping[str, Mapping[str, int]], head: str) -> None:
    if len(found) < 2:
        return
    rows = [(name, *counts.values()) for name, counts in found.items()]
    out.table((head, *OUTCOMES.values()), rows, align="lrrrrr")


def _together(out: Screen, listed: ListedTrial) -> None:
    rows = []
    for grade in reversed(GRADES):
        for place, one in enumerate(listed.together.get(grade, ())[:3]):
            rows.append((_ROMAN[grade] if place == 0 else "", "、".join(one.indicators), one.count))
    if rows:
        out.line("一起卡住企业的指标组合")
        out.table(("等级", "二级指标", "企业数"), rows, align="llr")


def _boundary(out: Screen, listed: ListedTrial) -> None:
    close = listed.boundary
    if not close:
        return
    out.line(
        f"临界企业 {len({one.enterprise for one in close})} 家（只差一项且相差 10% 以内、指数差 5 分以内，或刚达到）"
    )
    rows = []
    for one in close[:_MOST]:
        gap = "—" if one.gap is None else f"{one.gap:.2f} 分" if one.unit == "points" else percent(one.gap)
        what = "可升至" if one.rises else "易失去"
        rows.append((one.enterprise, f"{what}{_ROMAN[one.grade]}", one.indicator or "综合指数", gap))
    out.table(("企业", "临界", "指标", "相差"), rows, align="lllr")


def _sensitivity(out: Screen, deep: DeepTrial) -> None:
    shifts = deep.sensitivity[:_MOST]
    if not shifts:
        return
    out.line("逐项变动的影响（基准值：达到比例放宽或收紧 10 个百分点；权重：增减 0.05），影响大的在前")
    rows = []
    for one in shifts:
        what = _KINDS[one.kind] + (f"（{_ROMAN[one.grade]}）" if one.grade else "")
        change = f"{one.before} → {one.after}" if one.after else ""
        rows.append((one.subject, what, change, *list(one.distribution.values())[:4]))
    out.table(("对象", "变动", "由 → 到", "Ⅰ级", "Ⅱ级", "Ⅲ级", "未达Ⅲ级"), rows, align="lllrrrr")


def _stability(out: Screen, deep: DeepTrial) -> None:
    if deep.experts:
        most = max(deep.experts, key=lambda one: one.changed)
        out.line(f"逐一去掉一位专家：最多 {most.changed} 家企业等级改变（去掉 {most.expert} 时）。")
    boot = deep.bootstrap
    if boot is not None:
        ends = boot.intervals
        words = "、".join(f"{OUTCOMES[g]} {ends[g][0]}～{ends[g][1]} 家" for g in (*GRADES, "none"))
        out.line(
            f"对企业重抽样 {boot.replicates} 次（种子 {boot.seed}）：{words}；"
            f"企业等级平均有 {percent(boot.kept)} 的次数不变。"
        )
    if deep.experts or boot is not None:
        out.line()


def _shorten(reasons: tuple[str, ...], width: int = 40) -> str:
    """The first reason, cut to a readable width."""
    if not reasons:
        return ""
    text = reasons[0]
    more = f" 等{len(reasons)}条" if len(reasons) > 1 else ""
    return (text if len(text) <= width else text[: width - 1] + "…") + more


def show_calibration(out: Screen, made: Proposal) -> None:
    """What is asked, what is reached, at what price, and what becomes of each baseline."""
    from drafting.analysis.trial.calibration import CAUTION

    found, draft = made.calibration, made.draft
    asked = "、".join(
        f"{_ROMAN[g]}{'' if n == 0 else '及以上'} {float(100 * s):g}%"
        for n, (g, s) in enumerate(zip(GRADES, found.asked, strict=True))
    )
    out.line(f"联合校准：目标 {asked}（{found.evaluated} 家企业）", bold=True)
    out.line(CAUTION)
    out.line()
    total = found.evaluated
    rows = [
        (OUTCOMES[k], n, percent(n / total), found.distribution_after[k], percent(found.distribution_after[k] / total))
        for k, n in found.distribution_before.items()
        if k != "excluded"
    ]
    out.table(("等级", "按5.5.2", "比例", "校准后", "比例"), rows, align="lrrrr")
    for text in made.shortfalls():
        out.line(text, colour="yellow")
    out.line("代价曲线：从 5.5.2 到目标，各基准值的达到比例一共移动多少个百分点")
    curve = [(*p.targets, *p.reached, f"{p.price:.1f}") for p in found.curve]
    heads = ("目标Ⅰ", "目标Ⅱ↑", "目标Ⅲ↑", "达到Ⅰ", "达到Ⅱ↑", "达到Ⅲ↑", "代价")
    out.table(heads, curve, align="r" * 7)
    changes = [
        (
            draft.names[c.indicator] if c.grade == 0 else "", _ROMAN[GRADES[c.grade]], c.value_before,
            percent(c.share_before), c.value_after, percent(c.share_after),
        )
        for c in found.changes
    ]  # fmt: skip
    out.line("各基准值的变化")
    out.table(("二级指标", "等级", "按5.5.2", "达到", "校准后", "达到"), changes, align="llrrrr")
    if found.fixed:
        out.line("保持不变（政策值、定性要求）：" + "、".join(draft.names[j] for j in found.fixed))


# --- the earlier edition beside the draft -----------------------------------------------------------------------------
def show_beside(out: Screen, beside: Beside | None, *, most: int = 20) -> None:
    """The same enterprises by the earlier edition: how many have which grades, who moves and why."""
    if beside is None:
        return
    out.line("与旧版比较", bold=True)
    grades = (*GRADES, None)
    rows = [(grade_word(old), *(str(beside.counts.get((old, new), 0)) for new in grades)) for old in grades]
    out.table(("旧版＼新版", *map(grade_word, grades)), rows, align="lrrrr")
    same = len(beside.moves) - beside.better - beside.worse
    out.line(f"等级提高 {beside.better} 家，降低 {beside.worse} 家，不变 {same} 家。")
    moved = [m for m in beside.moves if m.direction]
    told = [(m.enterprise, grade_word(m.before), grade_word(m.after), _why(m)) for m in moved[:most]]
    if told:
        out.table(("企业", "旧版", "新版", "较低一级的原因"), told, align="llll")
    if beside.lacking:
        for line in out.wrapped(f"旧版的指标中没有可用数据、按不适用处理的：{'、'.join(beside.lacking)}。"):
            out.line(line)


def _why(move: Move) -> str:
    """What keeps an enterprise from the better of its two grades: the reasons name every grade above the worse one."""
    better = move.after if move.direction > 0 else move.before
    of_that = [reason for reason in move.why if better and reason.startswith(f"未达到{better.chinese}")]
    return next(iter((*of_that, *move.why)), "—")
