"""The report on the panel for the 编制说明: one structure, written as page, JSON, Markdown and Word.

It answers what published Delphi studies leave out: who the experts are (by number and self-assessment), where the
questionnaire comes from, response and drop-out, the rule for stopping and whether it was kept, how dissent was treated,
rounds and their results. Experts appear as numbers of people only.
"""

from __future__ import annotations

import html
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from drafting.analysis.weights.authority import panel_authority
from drafting.analysis.weights.stopping import in_words
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Provenance
from drafting.model.experts import FrozenRule
from drafting.model.results import Weights
from drafting.panel import converting, naming
from drafting.panel.definition import Definition
from drafting.panel.lifecycle import Snapshot
from drafting.panel.records import Panel
from drafting.panel.results import PROPOSED, ClosedRound, GroupDissent, Opinion, RoundResult

_FEWEST = 5


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section: heading, paragraphs, tables."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class PanelReport:
    """The whole report."""

    title: str
    definition_sha256: str
    rule_sha256: str
    parts: tuple[Part, ...]


def report(
    owner: Panel, snapshots: Sequence[Snapshot], closed: Sequence[ClosedRound], codes: Mapping[str, str]
) -> PanelReport:
    """Write the report on all closed rounds of a panel; ``closed`` holds what was computed of each snapshot."""
    parts = [_questionnaire(owner), _experts(owner, snapshots, codes)]
    for taken, found in zip(snapshots, closed, strict=True):
        parts.append(_round(taken, found.shown))
        if any(g.count for g in found.dissent):
            parts.append(_dissent(taken, found.dissent))
        if found.opinions:
            parts.append(_opinions(taken, found.opinions))
    parts += _weights(owner, snapshots, codes)
    return PanelReport(owner.title, owner.definition_sha256, owner.rule_sha256, tuple(parts))


def _questionnaire(owner: Panel) -> Part:
    frozen = "—" if owner.frozen_at is None else datetime.fromtimestamp(owner.frozen_at).strftime("%Y-%m-%d")
    groups = owner.definition.groups
    count = sum(len(g.items) for g in groups)
    tables = f"{len(owner.definition.tables)} 张表" if owner.definition.tables else ""
    return Part(
        "问卷与规则",
        (
            f"问卷由项目的一级指标、二级指标自动生成，{tables}共 {len(groups)} 组 {count} 项；"
            f"没有预设答案。问卷、标度、四分位算法和停止规则于 {frozen}（首轮开始前）冻结。",
            f"停止规则：{in_words(owner.rule)}",
            f"问卷校验码（SHA-256）：{owner.definition_sha256}；停止规则校验码：{owner.rule_sha256}。",
        ),
    )


def _experts(owner: Panel, snapshots: Sequence[Snapshot], codes: Mapping[str, str]) -> Part:
    people = converting.experts(snapshots, codes)
    known = tuple(e for e in people if e.familiarity and all((e.practice, e.theory, e.literature, e.intuition)))
    lines = [f"邀请专家 {len(codes)} 名，以代号参加，互不知情；本报告不出现代号。"]
    if len(known) >= _FEWEST:
        panel = panel_authority(owner.definition.inputs(known))
        if panel is not None:
            lines.append(
                f"{len(known)} 名专家完成权威程度自评：判断依据 Ca 均值 {panel.mean_ca:.2f}，"
                f"熟悉程度 Cs 均值 {panel.mean_cs:.2f}，权威系数 Cr 均值 {panel.mean_cr:.2f}"
                f"（不低于 {panel.limit:.2f} 为可接受；赋值表 {panel.table.name}）。"
            )
    else:
        lines.append(f"完成权威程度自评的专家不足 {_FEWEST} 名，不列均值。")
    return Part("专家组", tuple(lines))


def _round(taken: Snapshot, shown: RoundResult) -> Part:
    lines = [
        f"发出 {shown.asked} 份，收回有效 {shown.valid} 份（网上 {shown.web} 份，工作簿 {shown.mail} 份），"
        f"积极系数 {shown.valid / shown.asked:.1%}。"
    ]
    if shown.before is not None and shown.retained is not None:
        left = shown.before - shown.retained
        lines.append(f"上一轮作答的 {shown.before} 名专家中，本轮 {shown.retained} 名继续作答，退出 {left} 名。")
    if shown.conclusion:
        lines += _judged(shown.reasons, shown.conclusion)
    for t in shown.tables:
        response = f"征询 {t.asked} 名，答复 {t.valid} 名，积极系数 {t.valid / t.asked if t.asked else 0:.1%}。"
        said = _judged(t.reasons, t.conclusion) if t.conclusion else []
        lines += [f"表“{t.key}”（{t.caption}）：{response}", *said]
    tables = []
    for g in shown.groups:
        if g.hidden:
            lines.append(f"“{g.name}”有效答复 {g.n} 份，不足 {_FEWEST} 份，不列群体结果。")
            continue
        rows = tuple(
            (
                i.name,
                str(i.n),
                _n(i.mean),
                _n(i.sd),
                _n(i.cv, 3),
                _n(i.median),
                f"{_n(i.q1)}～{_n(i.q3)}",
                "—" if i.change is None else f"{i.change:.1%}",
                _n(i.weight, 4),
            )
            for i in g.items
        )
        note = f"，Kendall W={g.w:.3f}（p{_p(g.w_p)}）" if g.w is not None else ""
        if g.consistent is not None:
            note += f"，CR 合格 {g.consistent}/{g.n}，CR 中位数 {_n(g.cr_median, 3)}，共识度 S*={_n(g.consensus, 3)}"
        tables.append(
            Table(
                f"{g.name}（n={g.n}{note}）",
                ("指标", "n", "均值", "标准差", "变异系数", "中位数", "四分位", "与上轮变动", "权重"),
                rows,
            )
        )
    return Part(taken.round.title, tuple(lines), tuple(tables))


def _judged(reasons: Sequence[tuple[str, bool]], conclusion: str) -> list[str]:
    """What the rule asks and what was found, then the conclusion."""
    return ["；".join(f"{text}（{'满足' if ok else '不满足'}）" for text, ok in reasons) + "。", conclusion]


def _dissent(taken: Snapshot, spoken: Sequence[GroupDissent]) -> Part:
    total = sum(g.count for g in spoken)
    rows = tuple(
        (g.name, d.item, f"{d.value:g}", f"{d.q1:g}～{d.q3:g}", d.side, said)
        for g in spoken
        for d in g.lines
        if (said := naming.passed_on(d.reason))
    )
    silent = total - len(rows)
    text = (
        f"四分位区间以外的答案共 {total} 个，均保留并计入统计；"
        f"其中 {len(rows)} 个写明理由，匿名反馈给各专家（{silent} 个未写理由）。"
    )
    tables = (Table("区间以外答案的理由", ("组", "指标", "答案", "四分位", "位置", "理由"), rows),) if rows else ()
    return Part(f"{taken.round.title}：分歧意见的处理", (text,), tables)


def _opinions(taken: Snapshot, said: Sequence[Opinion]) -> Part:
    """All that was written but what its writers meant for the organiser alone."""
    shown = [o for o in said if o.passed_on or (o.about == PROPOSED and naming.passed_on(o.text))]
    kept_back = len(said) - len(shown)
    rest = f"；另有 {kept_back} 条注明仅供组织者，不列" if kept_back else ""
    tables = (Table("书面意见", ("关于", "意见"), tuple((o.about, o.text) for o in shown)),) if shown else ()
    return Part(f"{taken.round.title}：书面意见", (f"书面意见与建议 {len(shown)} 条，匿名{rest}。",), tables)


def weights_of(
    definition: Definition, snapshots: Sequence[Snapshot], codes: Mapping[str, str], owner: Panel
) -> list[tuple[str, Weights]]:
    """Weights by each method that was asked, of several tables each, computed as ``drafting weights`` does."""
    people = converting.experts(snapshots, codes)
    rounds = converting.delphi_rounds(definition, snapshots, codes)
    matrices = converting.judgements(definition, snapshots, codes)
    found = []
    for method, there in (("专家咨询法", bool(rounds)), ("层次分析法", bool(matrices))):
        if not there:
            continue
        inputs = definition.inputs(people, delphi=rounds, judgements=matrices, method=method)
        inputs = replace(inputs, frozen_rule=FrozenRule(owner.rule.canonical_json(), owner.rule_sha256))
        for one in inputs.slices:
            weighed, _ = weigh(one, Provenance())
            if weighed is not None:
                found.append((f"{method}，表“{one.table}”" if one.table else method, weighed))
    return found


def _weights(owner: Panel, snapshots: Sequence[Snapshot], codes: Mapping[str, str]) -> list[Part]:
    if max((len(s.answers) for s in snapshots), default=0) < _FEWEST:
        return []
    parts = []
    for method, weighed in weights_of(owner.definition, snapshots, codes, owner):
        tables = tuple(
            Table(
                g.group,
                ("指标", "权重", "未修约"),
                tuple((w.name, str(w.published), f"{w.exact:.6f}") for w in g.weights),
            )
            for g in (weighed.first_level, *weighed.second_level)
        )
        note = f"结果为暂定：{weighed.provisional_because}。" if weighed.provisional else ""
        parts.append(Part(f"权重（{method}）", (note,) if note else (), tables))
    return parts


def _n(value: float | None, digits: int = 2) -> str:
    return "—" if value is None or value != value else f"{value:.{digits}f}"


def _p(value: float | None) -> str:
    return " 不可得" if value is None else "<0.001" if value < 0.001 else f"={value:.3f}"


# --- the report in files -------------------------------------------------------------------------
def as_json(found: PanelReport) -> str:
    """The report as JSON."""
    return json.dumps({"format": 1, **asdict(found)}, ensure_ascii=False, indent=1)


def as_markdown(found: PanelReport) -> str:
    """The report as Markdown."""
    lines = [f"# {_md(found.title)}：专家咨询报告", ""]
    for part in found.parts:
        lines += [f"## {_md(part.heading)}", ""]
        for paragraph in part.paragraphs:
            lines += [_md(paragraph), ""]
        for table in part.tables:
            lines += [f"**{_md(table.caption)}**", "", "| " + " | ".join(map(_md, table.head)) + " |"]
            lines += ["|" + " --- |" * len(table.head)]
            lines += ["| " + " | ".join(map(_md, row)) + " |" for row in table.rows]
            lines.append("")
    return "\n".join(lines)


def _md(text: str) -> str:
    """Text that stays text: what experts wrote must not become markup."""
    for sign in "\\`*_[]#|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(html.escape(text, quote=False).split())


def as_docx(found: PanelReport) -> bytes:
    """The report as a Word document."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document: Any = docx.Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    document.core_properties.author = ""
    document.add_heading(_text(f"{found.title}：专家咨询报告"), 0)
    for part in found.parts:
        document.add_heading(_text(part.heading), 1)
        for paragraph in part.paragraphs:
            document.add_paragraph(_text(paragraph))
        for table in part.tables:
            document.add_paragraph(_text(table.caption)).runs[0].bold = True
            grid = document.add_table(1, len(table.head), style="Table Grid")
            for cell, text in zip(grid.rows[0].cells, table.head, strict=True):
                cell.text = _text(text)
            for row in table.rows:
                for cell, text in zip(grid.add_row().cells, row, strict=True):
                    cell.text = _text(text)
            document.add_paragraph()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _text(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n" or c >= " " else "\ufffd" for c in text)
