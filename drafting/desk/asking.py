"""Who of the experts has answered what, by workbook; the questionnaires that can be made, and those made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.desk.remedies import on_page
from drafting.inside import open_regular, opened
from drafting.workbook import headings as h

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.model.inputs import Inputs
    from drafting.pipeline.questionnaires import Written
    from drafting.project.folder import Project

QUESTIONNAIRES = ("成果", "问卷")
AHP, DELPHI, RATING, REVISE = "ahp", "delphi", "rating", "revise"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire that was or is being answered by workbook.

    Attributes
    ----------
    slot : str
        Key of the place for returned workbooks.
    title : str
    answered, unusable : frozenset of str
        Codes of those whose workbook counts, and of those whose workbook came back and cannot be used.
    number : int
        Of the round; 1 for judgement matrices.
    """

    slot: str
    title: str
    answered: frozenset[str]
    unusable: frozenset[str]
    kind: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A questionnaire that can be made: its kind and round, and what it is called."""

    kind: str
    number: int
    title: str

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"{self.kind}-{self.number}"


def instruments(inputs: Inputs) -> tuple[Instrument, ...]:
    """What experts have answered by workbook, matrices first, then rounds of weights, then of ratings."""
    from drafting.analysis.weights.rounds import rating_rounds, weight_rounds

    found = []
    if inputs.judgements or h.JUDGEMENT_FOLDER in inputs.unusable:
        codes = frozenset(m.expert for m in inputs.judgements)
        found.append(_instrument(inputs, "judgements", h.JUDGEMENT_FOLDER, h.JUDGEMENT_FOLDER, codes, AHP, 1))
    for r in weight_rounds(inputs):
        codes, name = frozenset(a.expert for a in r.answers), f"德尔菲第{r.number}轮"
        found.append(_instrument(inputs, f"delphi-{r.number}", name, name, codes, DELPHI, r.number))
    for r in rating_rounds(inputs):
        codes, name = frozenset(a.expert for a in r.answers), r.name or f"重要性评分第{r.number}轮"
        found.append(_instrument(inputs, f"ratings-{r.number}", name, name, codes, RATING, r.number))
    return tuple(found)


def _instrument(
    inputs: Inputs, slot: str, title: str, name: str, answered: frozenset[str], kind: str, number: int
) -> Instrument:  # fmt: skip
    came = frozenset(inputs.unusable.get(name, ())) - answered
    return Instrument(slot, title, answered, came, kind, number)


def panel_of(inputs: Inputs) -> tuple[str, ...]:
    """Codes of the panel."""
    from drafting.analysis.weights.rounds import panel_codes

    return panel_codes(inputs)


def choices(inputs: Inputs, over_limit: bool) -> tuple[Choice, ...]:
    """The questionnaires that can be made now; rounds that have answers can be sent again to those missing."""
    found = [Choice(AHP, 1, "判断矩阵（层次分析法）")]
    if over_limit:
        found.append(Choice(REVISE, 1, "复核：只给 CR 超限的专家，附其原来的答案和建议"))
    for kind, word in ((DELPHI, "权重分配（德尔菲）"), (RATING, "重要性评分（筛选指标）")):
        last = max((i.number for i in instruments(inputs) if i.kind == kind), default=0)
        found += [Choice(kind, n, f"{word}第{n}轮") for n in (last + 1, last) if n]
    return tuple(found)


def make(folder: Path, choice: Choice) -> Written:
    """Write questionnaires into 成果/问卷/, as ``drafting questionnaires`` does.

    Raises OutputError: a file cannot be written.
    """
    from drafting.pipeline.questionnaires import write_ahp, write_delphi, write_revisions
    from drafting.project.answer_record import keeping
    from drafting.project.folder import load_project

    today = date.today()
    project: Project = keeping(load_project, today)(folder)
    if choice.kind == REVISE:
        return write_revisions(project)
    if choice.kind == AHP:
        return write_ahp(project, today=today)
    return write_delphi(project, choice.number, rating=choice.kind == RATING, today=today)


def made(folder: Path) -> Mapping[str, Sequence[str]]:
    """The sets of questionnaires that lie in 成果/问卷/ with the names of their files."""
    found: dict[str, Sequence[str]] = {}
    with suppress(OSError), opened(folder, QUESTIONNAIRES) as place:
        names = [n for n in place.names() if not n.startswith(".") and place.kind(n) == "folder"]
        for name in sorted(names):
            with suppress(OSError), place.enter(name) as one:
                files = [
                    n for n in sorted(one.names()) if n.endswith(".xlsx") and not n.startswith((".", h.LOCK_PREFIX))
                ]
                if files:
                    found[name] = files
    return found


def packed(folder: Path, which: str) -> bytes | None:
    """One set of questionnaires in one zip, to be mailed; None if there is none of that name."""
    files = made(folder).get(which)
    if files is None:
        return None
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files:
            with open_regular(folder.joinpath(*QUESTIONNAIRES, which, name), folder) as file:
                archive.writestr(f"{which}/{name}", file.read())
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Compared:
    """The published weights of one table by each method for which answers are there, as the library weighs."""

    caption: str
    """Of the table; empty where there is one only."""
    methods: tuple[str, ...]
    """The one in force first."""
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Tuple of (group, item, weights): Weights as text, — where a method gives none."""


def side_by_side(inputs: Inputs) -> tuple[Compared, ...]:
    """The weights of each table for which any answers are there."""
    captions = {t.key: t.caption or t.key for t in inputs.tables}
    found = (_compared(one, captions.get(one.table, "")) for one in inputs.slices if one.judgements or one.delphi)
    return tuple(c for c in found if c.methods)


def _compared(inputs: Inputs, caption: str) -> Compared:

    from drafting.analysis.weights.weigh import weigh
    from drafting.findings import Provenance

    present = inputs.settings.weight_method
    there = {"层次分析法": bool(inputs.judgements), "专家咨询法": bool(inputs.delphi)}
    columns: list[dict[tuple[str, str], str]] = []
    used = []
    for method in (present, *(m for m, answered in there.items() if answered and m != present)):
        settings = replace(inputs.settings, weight_method=method)
        found, _ = weigh(replace(inputs, settings=settings), Provenance(), brief=True)
        groups = () if found is None else (found.first_level, *found.second_level)
        column = {(g.group, w.name): str(w.published) for g in groups for w in g.weights if w.published is not None}
        if column:
            columns.append(column)
            used.append(method)
    keys = dict.fromkeys(key for column in columns for key in column)
    rows = ((g, name, tuple(c.get((g, name), "—") for c in columns)) for g, name in keys)
    return Compared(caption, tuple(used), tuple(rows))


def said(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Findings as sentences, each once."""
    return tuple(dict.fromkeys(f"{f.message}{on_page(f.remedy)}" for f in findings))
