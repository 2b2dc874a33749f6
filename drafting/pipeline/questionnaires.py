"""Questionnaires of a project for the whole panel: AHP, Delphi rounds with feedback, importance ratings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.analysis.weights.ahp import advice_for
from drafting.analysis.weights.opinions import opinion_findings, remarks_for
from drafting.analysis.weights.rounds import weight_rounds
from drafting.analysis.weights.stopping import in_words, rule_of
from drafting.analysis.weights.uncertainty import generator
from drafting.files import file_stem
from drafting.findings import Cell, Finding, Provenance, finding
from drafting.keeping import Keeper, basis_of
from drafting.model.experts import Expert
from drafting.model.revisions import RATING_ROUND, ROUND
from drafting.model.weight_groups import groups_of
from drafting.pipeline.round_feedback import feedback_for, groups_of_round, round_before, rounds_before
from drafting.project import issue_record, stopping_record
from drafting.project.in_place import AHP_SENT, DELPHI_SENT, RATING_SENT, REVISION_SENT, SENT_FOLDER, SPLIT_SENT
from drafting.project.stopping_record import RecordError
from drafting.workbook import headings as h
from drafting.workbook.questionnaires.identity import MATRICES, RATINGS, WEIGHTS, Identity, items_of
from weighting import split_questionnaire
from weighting.split import RECOMMENDED_FROM
from weighting.stopping_rule import StoppingRuleError

if TYPE_CHECKING:
    from openpyxl import Workbook

    from drafting.model.inputs import Inputs
    from drafting.project.folder import Project


Tick = Callable[[int, int], None]
"""Called after each file with the number done and the number to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """Questionnaires written, and what is to be said about it."""

    files: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()


def _quiet(_: int, __: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class _Sending:
    """Questionnaires of one instrument and round on their way into 成果/问卷/, each known by an identity."""

    project: Project
    inputs: Inputs
    instrument: str
    round: int
    asked: Mapping[str, tuple[str, ...]]
    """Group -> codes or category names of its items."""
    tick: Tick
    project_id: str = ""
    issue: int = 0
    files: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def record(self, asked: Mapping[str, Sequence[object]], returned: str, today: date, scale: int = 0) -> bool:
        """Put the questionnaires on record; False (with a finding) where the record cannot be read.

        ``asked``: expert -> what is asked.
        ``returned``: folder in which answers are returned: those that lie there already bear no identity.
        """
        before = any((self.project.folder / returned).glob("*.xlsx"))
        name = self.inputs.document.title
        try:
            record, self.issue = issue_record.issue(
                self.project.folder, self.instrument, self.round, asked, project=name, day=today, scale=scale,
                begun_before=before,
            )  # fmt: skip
        except RecordError:
            self.findings.append(finding("questionnaire-record-unreadable", Cell(issue_record.RECORD_FILE)))
            return False
        self.project_id = record.project_id
        return True

    def known(self, expert: str) -> None:
        """Take over the issue on record for a file that goes back to an expert; without one it has none."""
        with suppress(RecordError):
            record = issue_record.known_record(self.project.folder)
            self.project_id = record.project_id
            self.issue = record.latest(self.instrument, self.round, expert) or 0

    def identity(self, expert: str, groups: frozenset[str] | None = None) -> Identity:
        """What the file of one expert says it is; ``groups``: those that it asks for, if not all."""
        asked = {group: of for group, of in self.asked.items() if groups is None or group in groups}
        return Identity(
            self.inputs.document.title, self.project_id, self.instrument, self.round, expert, self.issue,
            items_of(self.inputs.system, asked),
        )  # fmt: skip

    def write(
        self, folder: str, codes: Collection[str], made: Callable[[Expert], tuple[Workbook, str]]
    ) -> Written:  # fmt: skip
        """Write one questionnaire per expert; a file that somebody filled in stays, the new one is beside it.

        ``codes``: experts who get one; of the names of files, codes that a file system would confuse get a number
        behind.
        ``made``: the questionnaire of an expert and its title.
        """
        from drafting.workbook.style import save

        taken: set[str] = set()
        with Keeper(self.project.folder).stage(basis_of(self.project.files)) as stage:
            for expert in self.inputs.experts:
                stem = file_stem(expert.code, "专家", taken=taken)
                if expert.code in codes:
                    path = stage.folder / SENT_FOLDER / folder / f"{stem}.xlsx"
                    book, title = made(expert)
                    save(book, path, title=title)
                    self.files.append(path)
                    self.tick(len(self.files), len(codes))
        self.files = [stage.landed(path) for path in self.files]
        self.findings += stage.findings
        return self.result

    @property
    def result(self) -> Written:
        """What was written and what is to be said."""
        return Written(tuple(self.files), tuple(self.findings))


def write_ahp(project: Project, *, split: bool = False, today: date | None = None, tick: Tick = _quiet) -> Written:
    """Write one judgement-matrix questionnaire per expert into 成果/问卷/.

    Raises OutputError if a file cannot be written.

    ``split``: whether groups of ten or more are dealt out: every expert compares a regular part of the pairs.
    ``today``: day of the record; the present one by default.
    """
    from drafting.workbook.questionnaires.writing import ahp_questionnaire, ahp_title

    inputs = project.inputs
    if inputs is None:
        return Written()
    if not inputs.experts:
        return Written(findings=(_no_experts(),))
    if not _compared(inputs):
        return Written(findings=(_nothing_open(project),))
    dealt = _dealt(inputs) if split else {}
    pairs = {e.code: {group: parts[k] for group, parts in dealt.items()} for k, e in enumerate(inputs.experts)}
    sending = _Sending(project, inputs, MATRICES, 1, compared_keys(inputs), tick)
    items = sorted((group, sorted(of)) for group, of in sending.asked.items())
    asked = {code: [items, {g: sorted(p) for g, p in of.items()}] for code, of in pairs.items()}
    if not sending.record(asked, h.JUDGEMENT_FOLDER, today or date.today()):
        return sending.result

    def made(expert: Expert) -> tuple[Workbook, str]:
        mark = sending.identity(expert.code)
        return ahp_questionnaire(inputs, expert, asked=pairs[expert.code], identity=mark), ahp_title(expert.code)

    sending.write(SPLIT_SENT if dealt else AHP_SENT, pairs, made)
    if split and not dealt:
        sending.findings.append(finding("split-nothing-large"))
    for group, parts in dealt.items():
        n = len(_compared(inputs)[group])
        sending.findings.append(finding("split-dealt", group=group, each=len(parts[0]), all=n * (n - 1) // 2))
    return sending.result


def write_revisions(project: Project, *, tick: Tick = _quiet) -> Written:
    """Write every expert over the CR limit a copy of the own answers to revise, with what to look at again.

    The committee sends it back to the expert; nobody's answers are changed here.

    Raises OutputError if a file cannot be written.
    """
    from drafting.workbook.questionnaires.writing import ahp_questionnaire, ahp_title

    inputs = project.inputs
    if inputs is None:
        return Written()
    asked = _advice(inputs, project.provenance)
    if not asked:
        return Written(findings=(finding("revisions-none"),))
    sending = _Sending(project, inputs, MATRICES, 1, compared_keys(inputs), tick)

    def made(expert: Expert) -> tuple[Workbook, str]:
        sending.known(expert.code)
        own = [m for m in inputs.judgements if m.expert == expert.code]
        says = "；".join(f"“{group}”{words}" for group, words in asked[expert.code])
        notice = f"程序算得以下各组 CR 超过限值 {inputs.settings.cr_limit}，请复核：{says}"
        mark = sending.identity(expert.code)
        return ahp_questionnaire(inputs, expert, answers=own, notice=notice, identity=mark), ahp_title(expert.code)

    return sending.write(REVISION_SENT, asked, made)


def write_delphi(project: Project, number: int, *, rating: bool = False, today: date, tick: Tick = _quiet) -> Written:
    """Write one questionnaire per expert for a round; before the first of weights the stopping rule is put on record.

    Raises OutputError if a file cannot be written.

    ``number``: the round of the instrument, from 1; from 2 on every expert sees the own last answer and the group's
    quartiles.
    ``rating``: importance ratings of all candidates instead of weights: rounds of their own.
    ``today``: day of the record.
    """
    from drafting.workbook.questionnaires import delphi_questionnaires as forms

    inputs = project.inputs
    if inputs is None:
        return Written()
    if not inputs.experts:
        return Written(findings=(_no_experts(),))
    before = round_before(inputs, number, rating=rating)
    parent = h.RATING_FOLDER if rating else h.DELPHI_FOLDER
    if number > 1 and before is None:
        place = Cell(f"{parent}/{h.ROUND_FOLDER.format(number=number - 1)}")
        return Written(
            findings=(finding("questionnaires-no-previous", place, number=number, before=number - 1, folder=parent),)
        )
    groups, stopped = groups_of_round(inputs, number, rating=rating)
    if not groups and not rating:
        return Written(findings=(_nothing_open(project),))
    keys = {a.name: tuple(a.members) for a in groups}
    sending = _Sending(project, inputs, RATINGS if rating else WEIGHTS, number, keys, tick)
    sending.findings += [] if rating else _freeze(project, number, today)
    returned = f"{parent}/{h.ROUND_FOLDER.format(number=number)}"
    gone = {e.code for e in inputs.experts if e.left_in and number >= e.left_in}
    if gone:
        experts = "、".join(sorted(gone))
        sending.findings.append(finding("questionnaires-withdrew", count=len(gone), number=number, experts=experts))
    if stopped:
        sending.findings.append(finding("questionnaires-stopped", tables="、".join(stopped), number=number))
    own = {e.code: [a for a in groups if not a.tables or a.concerns(e.tables)] for e in inputs.experts}
    own = {code: asked for code, asked in own.items() if asked and code not in gone}
    most = inputs.settings.rating_scale if rating else 100
    what = {code: [sorted((a.name, sorted(a.members)) for a in asked), most] for code, asked in own.items()}
    if not sending.record(what, returned, today, most):
        return sending.result
    if before is not None:
        sending.findings += opinion_findings(inputs, project.provenance)
    answers = rounds_before(inputs, number, rating=rating)
    name = (RATING_ROUND if rating else ROUND).format(number=number - 1)

    def made(expert: Expert) -> tuple[Workbook, str]:
        asked = own[expert.code]
        shown = feedback_for(inputs, answers, expert.code, number - 1, rating=rating) if answers else None
        said = remarks_for(inputs, expert.code, (before.name if before else "") or name)
        mark = sending.identity(expert.code, frozenset(a.name for a in asked))
        if rating:
            settings = inputs.settings
            book = forms.rating_questionnaire(expert, number, asked, settings, shown, remarks=said, identity=mark)
            return book, forms.rating_title(number, expert.code)
        book = forms.allocation_questionnaire(expert, number, asked, shown, remarks=said, identity=mark)
        return book, forms.allocation_title(number, expert.code)

    return sending.write((RATING_SENT if rating else DELPHI_SENT).format(number=number), own, made)


def compared_keys(inputs: Inputs) -> Mapping[str, tuple[str, ...]]:
    """Codes of what is compared, by group."""
    return {a.name: tuple(a.members) for a in inputs.asked if a.open}


def _advice(inputs: Inputs, where: Provenance) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By expert over the CR limit the groups to revise, as their sheets are called."""
    found: dict[str, dict[str, str]] = {}
    for one in inputs.slices:
        names = {a.group: a.name for a in inputs.asked if not one.table or one.table in a.tables}
        for expert, of in advice_for(one, groups_of(one.system), where.for_table(one.table)).items():
            for group, words in of:
                found.setdefault(expert, {}).setdefault(names.get(group, group), words)
    return {expert: tuple(of.items()) for expert, of in found.items()}


def _nothing_open(project: Project) -> Finding:
    place = project.provenance.find("setting", "权重方法") or Cell(h.PROJECT_FILE, h.INDICATORS.title)
    return finding("questionnaires-all-given", place)


def _no_experts() -> Finding:
    return finding("questionnaires-no-experts", Cell(h.PROJECT_FILE, h.EXPERTS.title))


def _compared(inputs: Inputs) -> Mapping[str, tuple[str, ...]]:
    from drafting.workbook.questionnaires.writing import compared_of

    return compared_of(inputs)


def _dealt(inputs: Inputs) -> Mapping[str, tuple[frozenset[tuple[int, int]], ...]]:
    """Pairs of each large group by expert; the same seed deals the same pairs again."""
    dealt = {}
    for group, labels in _compared(inputs).items():
        if len(labels) >= RECOMMENDED_FROM:
            rng = generator(inputs.settings, group, "split")
            parts = split_questionnaire(len(labels), len(inputs.experts), rng).pairs
            dealt[group] = tuple(frozenset(pairs) for pairs in parts)
    return dealt


def _freeze(project: Project, number: int, today: date) -> list[Finding]:
    """Put the stopping rule on record, unless answers are already there: a late record would prove nothing."""
    inputs = project.inputs
    if inputs is None:
        return []
    if inputs.frozen_rule is None and weight_rounds(inputs):
        return [finding("stopping-rule-not-frozen")]
    try:
        rule = rule_of(inputs.settings)
    except StoppingRuleError:
        return [finding("stopping-rule-unfit", project.provenance.find("setting", "停止规则：稳定限值"))]
    place = Cell(stopping_record.RECORD_FILE)
    try:
        written = stopping_record.freeze(project.folder, rule, in_words(rule), today, number)
    except RecordError:
        return [finding("stopping-record-unreadable", place)]
    if written:
        return [finding("stopping-rule-frozen", place, words=in_words(rule), sha256=rule.sha256)]
    return []
