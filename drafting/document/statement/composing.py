"""The 编制说明: why the draft says what it says, in the order of national practice, from inputs and results alone."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 -- the parameter is called date
from pathlib import Path
from typing import Any, Literal

from drafting.document import numbering
from drafting.document.apart import apart
from drafting.document.editions import Names, published
from drafting.document.facts import GIVEN, Facts, SettingLine, named, parts
from drafting.document.markup import Marked
from drafting.document.references import normative, replaced
from drafting.document.settings import unused
from drafting.document.statement import baseline_tables, panel_tables
from drafting.document.statement.facts import Key, StatementFacts
from drafting.document.statement.history import bodies_table
from drafting.document.statement.labels import in_chinese
from drafting.document.statement.policies import policy_table
from drafting.document.tables import (
    consistency_table,
    random_index_table,
    selection_table,
    settings_table,
    text_cell,
)
from drafting.document.texts import Texts
from drafting.document.tree import Block, Clause, Cover, Document, Image, Table
from drafting.findings import Finding
from drafting.model.history import History
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.resources import templates
from drafting.standard import read_toml

FOLDER = "gb-t-43329/papers"
WORD = "编制说明"
_BY_TABLE = {
    "statement-weights": "statement-opinions", "statement-levels": "", "statement-trial": "statement-combined",
    "attached-survey": "", "attached-weights": "", "statement-answers": "", "statement-distributions": "",
    "statement-sources": "",
}  # fmt: skip
"""Texts that a standard with several tables has once per table, and what follows all of them."""
_ATTACHED = (
    ("attached-survey", "调研数据的填报情况"),
    ("attached-weights", "权重的计算"),
    ("statement-answers", "专家判断（匿名）"),
    ("statement-distributions", "各项指标的分布和对标曲线"),
    ("statement-sources", "公布数值的来源"),
)
"""Texts of the 附件 with their titles; one that has nothing to say is left out."""


def compose_statement(
    inputs: Inputs,
    results: Results,
    *,
    edition: Literal["public", "internal"] = "public",
    date: Date | None = None,
    overlay: Path | None = None,
    sources: Mapping[Key, str] | None = None,
    findings: Sequence[Finding] = (),
    charts: Mapping[str, Sequence[Image]] | None = None,
    attached: bool = False,
    history: History | None = None,
) -> Document:
    """Compose the 编制说明, or its 附件.

    The paper is what a committee signs; where every figure comes from, every matrix and allocation, and the pictures of
    single indicators stand in the 附件.

    Raises TextError, CrossReferenceError as :func:`drafting.document.compose.compose`.

    ``inputs``, ``results``: what the project holds and what the runs found. A run not made, and what only the committee
    can tell, is marked 【待补充：…】.
    ``edition``: ``public`` calls experts 专家A … and enterprises 企业1 …; ``internal`` uses the project's own names.
    ``date``: day of the paper.
    ``overlay``: a committee's folder of texts, laid over ours.
    ``sources``: key of a published figure -> where it comes from, in words of the edition.
    ``findings``: of the runs: what was found about the data is told here.
    ``charts``: pictures by subject: ``weights``, ``levels``, ``indicators``, ``curves``, ``trial``, ``barriers``.
    ``attached``: compose the 附件; it has no chapters where there is nothing to attach.
    ``history``: what changed since the last stage, who commented and what was decided.
    """
    facts = Facts(inputs, results, edition, date)
    names = Names(inputs, edition)
    paper = StatementFacts(facts, names, sources or {}, findings, charts or {}, history)
    composer = _Composer(paper, Texts(overlay, FOLDER))
    if attached:
        named_parts = [_Part(key, title) for key, title in _ATTACHED]
        cover = _cover(facts, f"{WORD}附件")
    else:
        named_parts, cover = _outline(), _cover(facts, WORD)
    parts_of = (composer.clause(part) for part in named_parts)
    document = Document(
        cover=cover,
        front=(),
        chapters=tuple(chapter for chapter in parts_of if chapter.children),
        date=date,
        edition=edition,
    )
    return published(in_chinese(numbering.resolve(document)), names)


@dataclass(frozen=True, slots=True)
class _Part:
    """A chapter or clause of the outline; one without parts within has the text of its key."""

    key: str
    title: str
    parts: tuple[_Part, ...] = ()


def _outline() -> list[_Part]:
    def read(part: Any) -> _Part:
        return _Part(part["key"], part["title"], tuple(map(read, part.get("part", ()))))

    text = (templates() / FOLDER / "outline.toml").read_text("utf-8")
    return [read(part) for part in tomllib.loads(text)["part"]]


def _cover(facts: Facts, word: str) -> Cover:
    stage = facts.inputs.document.stage
    return Cover(
        banner="",
        code="",
        number="",
        title=f"《{facts.title}》{f'（{stage}）' if stage else ''}{word}",
        completed="\u3000".join(("标准起草组", *((f"{facts.date.year}年{facts.date.month}月",) if facts.date else ()))),
        issuers=(),
        flags=("内部资料",) if facts.edition == "internal" else (),
    )


class _Composer:
    """Fills the parts of one paper."""

    def __init__(self, paper: StatementFacts, texts: Texts) -> None:
        self._paper = paper
        self._texts = texts
        facts = paper.facts
        self._context = facts.context() | {
            "paper": paper,
            "names": paper.names,
            "parts": parts,
            "references": normative(facts),
            "replaced": replaced(facts.inputs),
            "legal": tuple(p for p in facts.inputs.policies if p.name.startswith("中华人民共和国") or "法" in p.name),
            "policy_groups": tuple(
                (g, tuple(p for p in facts.inputs.policies if p.group == g)) for g in facts.standard.policy_groups
            ),
            "decimal": panel_tables.decimal,
            "named": named,
            "told": self._told,
        }
        self._tables: dict[str, Callable[[], Table | Iterable[Block]]] = {
            "table:panel": lambda: panel_tables.panel_table(paper),
            "table:reading": lambda: baseline_tables.reading_table(paper),
            "table:combined": lambda: baseline_tables.combined_table(paper),
            "table:editions-joined": lambda: baseline_tables.editions_table(paper, joined=True),
            "table:conversions": lambda: paper.conversions or (),
            "table:selection": lambda: selection_table(facts),
            "table:reasons": lambda: baseline_tables.reason_table(paper),
            "table:weight-settings": self._weight_settings,
            "table:ri": lambda: random_index_table(facts),
            "table:consistency": lambda: consistency_table(facts),
            "table:ratios": lambda: panel_tables.ratio_tables(paper),
            "table:agreement": lambda: panel_tables.agreement_table(paper),
            "table:weights": lambda: panel_tables.weight_table(paper),
            "table:first-weights": lambda: panel_tables.weight_table(paper, first=True),
            "table:bodies": lambda: bodies_table(paper),
            "table:policies": lambda: policy_table(paper),
            "table:response": lambda: panel_tables.response_table(paper),
            "table:opinions": lambda: panel_tables.opinions_table(paper),
            "tables:statistics": lambda: panel_tables.statistics_tables(paper),
            "table:level-settings": self._baseline_settings,
            "table:levels": lambda: baseline_tables.baseline_table(paper),
            "table:exclusions": lambda: baseline_tables.exclusion_table(paper),
            "table:outcomes": lambda: baseline_tables.outcome_table(paper),
            "table:editions": lambda: baseline_tables.editions_table(paper),
            "table:binding": lambda: baseline_tables.binding_table(paper),
            "tables:sources": lambda: baseline_tables.source_tables(paper),
            "tables:judgements": lambda: panel_tables.judgement_tables(paper),
            "tables:allocations": lambda: panel_tables.allocation_tables(paper),
        }

    def _told(self, matter: str, what: str, end: str = "") -> str:
        said = self._paper.facts.told(matter, what, end)
        return said if isinstance(said, Marked) else self._paper.names.text(said)

    def clause(self, part: _Part) -> Clause:
        """Make a chapter or clause of the outline."""
        inner = tuple(self.clause(p) for p in part.parts)
        children = tuple(c for c in inner if c.children) if inner else self.blocks(part.key)
        return Clause(part.title, children, f"part:{part.key}")

    def blocks(self, name: str) -> tuple[Block, ...]:
        """Fill in one text; what is about weights, baselines or the trial once for every table."""
        if self._paper.facts.several and name in _BY_TABLE:
            alike = name == "statement-weights" and self._paper.facts.method == GIVEN  # nothing to say of each
            told = self._text(name) if alike else self._by_table(name)
            return (*told, *(self._text(_BY_TABLE[name]) if _BY_TABLE[name] else ()))
        return self._text(name)

    def _text(self, name: str) -> tuple[Block, ...]:
        return self._texts.blocks(name, self._context, self._insert)

    def _by_table(self, name: str) -> Iterator[Clause]:
        for position, (paper, table) in enumerate(zip(self._paper.parts, self._paper.facts.tables, strict=True)):
            blocks = _Composer(paper, self._texts)._text(name)
            if blocks:
                yield Clause(table.caption, apart(blocks, position, table.key), f"{name}@{position + 1}")

    def _insert(self, name: str) -> tuple[Block, ...] | None:
        kind, _, subject = name.partition(":")
        if kind == "charts":
            return tuple(self._paper.charts.get(subject, ()))
        make = self._tables.get(name)
        if make is None:
            return None
        made = make()
        return tuple(_with_rows((made,) if isinstance(made, Table) else made))

    def _weight_settings(self) -> Table:
        weights = self._paper.facts.results.weights
        return self._settings(weights.settings if weights else {}, "table:weight-settings", "权重确定方法的设置")

    def _baseline_settings(self) -> Table:
        baselines = self._paper.facts.results.baselines
        return self._settings(baselines.settings if baselines else {}, "table:level-settings", "基准值取值方法的设置")

    def _settings(self, settings: Mapping[str, str], anchor: str, caption: str) -> Table:
        facts = self._paper.facts
        lines = []
        idle = unused(facts)
        for label, value in settings.items():
            if label in idle or not value:
                continue
            try:
                meaning = facts.setting_lines(label)[0].note
            except KeyError:  # a rule of the standard or of the program, not a row of 方法设置
                meaning = read_toml("draft/settings.toml").get(label, "")
            lines.append(SettingLine(label, named(label, value), meaning))
        return settings_table(lines, anchor, caption)


def _with_rows(blocks: Iterable[Block]) -> Iterator[Block]:
    """Leave tables that were given nothing to show with one row of dashes."""
    for block in blocks:
        if isinstance(block, Table) and not block.body:
            yield replace(block, body=(tuple(text_cell("") for _ in block.columns),))
        else:
            yield block
