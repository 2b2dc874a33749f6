"""What ``drafting baselines`` shows: the baselines, how sure they are, how the survey was read, what-if."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drafting.model.bound_value import BoundKind
from drafting.model.terms import GRADES
from drafting.words import OUTCOMES, percent

if TYPE_CHECKING:
    from drafting.analysis.baselines.what_if import WhatIf
    from drafting.cli.screen import Screen
    from drafting.model.results import Baseline, IndicatorBaselines
    from drafting.model.survey import Reading
    from drafting.run import Run

DASH = "—"
_GRADE_WIDTH = 10
_IN_WORDS = "文字"
"""Stands for a grade in words, which a column of figures has no room for; the draft has it in full."""
_MOVES = 10
"""Enterprises with another grade that are named on the screen."""


def _cells(baseline: Baseline | None) -> tuple[str, str]:
    if baseline is None:
        return DASH, DASH
    says = baseline.bound.format()
    short = baseline.bound.kind is not BoundKind.TEXT and len(says) <= _GRADE_WIDTH
    return says if short else _IN_WORDS, percent(baseline.share)


def _name(run: Run, found: IndicatorBaselines) -> str:
    inputs = run.project.inputs
    assert inputs is not None  # there are baselines
    indicator = inputs.system.indicator(found.code)
    return indicator.name + ("＊" if indicator.limiting else "") + (f"〔{found.stratum}〕" if found.stratum else "")


def show_baselines(out: Screen, run: Run) -> None:
    """Baselines with the shares really reached."""
    baselines, inputs = run.results.baselines, run.project.inputs
    if baselines is None or inputs is None:
        # Findings may keep a survey from being read or computed: that there is none is not said then.
        why = "原因见下列错误" if run.failed else "没有调研数据，也没有给定的基准值"
        out.line(f"基准值：尚无（{why}）。")
        return
    rows = []
    for found in (*baselines.indicators, *baselines.strata):
        cells = [c for g in GRADES for c in _cells(found.by_grade.get(g))]
        source = found.source.chinese if found.source else DASH
        unit = inputs.system.indicator(found.code).unit
        rows.append((_name(run, found) + (f" {unit}" if unit else ""), source, found.n, *cells))
    worded = any(_IN_WORDS in row for row in rows)
    more = f"；“{_IN_WORDS}”：该级为文字要求，全文见草案" if worded else ""
    out.line(f"基准值与公布值实际达到的企业比例（＊为限定性指标{more}）")
    heads = [h for g in GRADES for h in (f"{g.chinese}", "达到")]
    out.table(("二级指标", "来源", "企业数", *heads), rows, align="llr" + "rr" * 3)


def show_details(out: Screen, run: Run) -> None:
    """Rank, interval, bootstrap, Excel's value and expected share of every survey grade; suspicious values."""
    baselines = run.results.baselines
    if baselines is None:
        return
    confidence = baselines.settings.get("置信水平", "0.95")
    rows, compared = [], []
    for found in (*baselines.indicators, *baselines.strata):
        sample, doubtful = (found.details.sample, found.details.doubtful) if found.details else (None, None)
        for place, (grade, of) in enumerate(zip(GRADES, sample.grades.values(), strict=True) if sample else ()):
            rows.append(
                (
                    _name(run, found) if place == 0 else "", grade.chinese, f"{of.k}/{of.n}", of.ties,
                    _number(of.exact), _interval(of.interval), _interval(of.bootstrap), _number(of.excel_percentile),
                    percent(of.expected_share),
                )
            )  # fmt: skip
        if doubtful is not None:
            for effect, what in ((doubtful.with_and_without, "待核实"), (doubtful.excluded_effect, "已剔除")):
                if effect is not None:
                    sides = (effect.with_them, effect.without)
                    shown = ["／".join(_number(side[g.value]) for g in GRADES) for side in sides]
                    compared.append((_name(run, found), what, effect.count, *shown))
    if rows:
        out.line(
            f"依据：第 k 优值（k/n）、并列数、区间（置信水平 {confidence}；缺端为 {DASH}）、"
            "Excel 的 PERCENTILE 值（仅供比较）、全行业期望达到比例 k/(n+1)"
        )
        heads = ("二级指标", "等级", "k/n", "并列", "精确值", "次序统计量区间", "自助法区间", "Excel值", "期望比例")
        out.table(heads, rows, align="llrrrrrrr")
    if compared:
        out.line("采用与不采用这些数据时的Ⅰ级／Ⅱ级／Ⅲ级精确值")
        out.table(("二级指标", "数据", "个数", "采用", "不采用"), compared, align="llrrr")


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.6g}"


def _interval(ends: tuple[float | None, float | None] | None) -> str:
    return DASH if ends is None else f"{_number(ends[0])}～{_number(ends[1])}"


def show_reading(out: Screen, reading: Reading | None) -> None:
    """How the survey was read: columns, conversions, what was left out."""
    if reading is None:
        return
    place = "·".join(part for part in (reading.file, reading.sheet) if part)
    out.line(
        f"数据读取：{place}，{reading.rows} 行，{reading.enterprises} 家企业"
        + (f"；重复的 {reading.repeated} 行按“{reading.duplicate_rule}”处理" if reading.repeated else "")
        + (f"；{reading.nameless} 行没有企业名称，未采用" if reading.nameless else "")
    )
    rows = []
    for c in reading.columns:
        stated = c.stated_unit or ("公式结果" if c.derived_from else "")
        converted = [f"{stated}→{c.unit}（×{c.factor}）"] if c.factor != "1" else []
        converted += [f"文本数字 {c.from_text}"] if c.from_text else []
        converted += [f"百分比格式 {c.from_percent}"] if c.from_percent else []
        converted += [f"单位写在数值后 {c.with_unit}"] if c.with_unit else []
        converted += [f"由公式 {c.derived_from}"] if c.derived_from else []
        counts = (c.values, c.missing, c.not_applicable, c.non_detect, c.unreadable)
        shown = [str(n) if n else "" for n in counts]
        rows.append((c.heading or "（计算）", c.cell, c.meaning, *shown, "；".join(converted)))
    heads = ("列", "单元格", "含义", "数值", "缺失", "不适用", "未检出", "不能识别", "换算")
    out.table(heads, rows, align="lllrrrrrl")


def show_what_if(out: Screen, found: WhatIf) -> None:
    """What the changed baselines would get, and how the trial grades would move."""
    rows = [
        (e.name + (f"〔{e.stratum}〕" if e.stratum else ""), e.change.grade.chinese, e.before, percent(e.share_before),
         e.after, percent(e.share_after), e.n, "；".join(e.out_of_order))
        for pooled in found.effects for e in (pooled, *pooled.strata)
    ]  # fmt: skip
    out.line("试算：只在这里改变，不写入项目")
    out.table(("二级指标", "等级", "现值", "达到", "试算值", "达到", "企业数", "注意"), rows, align="llrrrrrl")
    if found.before is None or found.after is None:
        out.line("试评价：缺权重、基准值或调研数据，不能比较等级分布。")
        return
    shift = [(OUTCOMES[k], n, found.after[k], f"{found.after[k] - n:+d}") for k, n in found.before.items()]
    out.table(("等级", "现在", "试算", "变化"), shift, align="lrrr")
    words = [
        f"{m.enterprise}：{m.before.chinese if m.before else '未达到'}→{m.after.chinese if m.after else '未达到'}"
        for m in found.moves[:_MOVES]
    ]
    if words:
        more = f" 等 {found.moved} 家" if found.moved > len(words) else ""
        listed = "" if len(found.moves) == found.moved else f"（--json 列出前 {len(found.moves)} 家）"
        out.line(f"等级改变的企业：{'；'.join(words)}{more}{listed}")
