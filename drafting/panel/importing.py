"""Returned workbooks into an open round: read like a project's, then saved like an answer on the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from drafting.findings import Cell, Finding, Severity
from drafting.model.experts import Expert, Remark
from drafting.panel import items, records
from drafting.panel.answering import Answer, Fate, save_answers
from drafting.panel.converting import values_of_answer, values_of_matrices
from drafting.panel.definition import Definition, Instrument
from drafting.panel.records import Channel, Member, Panel, Round, RoundState, StateError
from drafting.panel.submitting import IncompleteError, fingerprint, hand_in, latest_submission
from drafting.project.issue_record import IssueRecord, known_record
from drafting.project.stopping_record import RecordError
from drafting.workbook.opening import LIMITS, OpeningError
from drafting.workbook.questionnaires.answers import members_of, rated_of, read_expert
from drafting.workbook.questionnaires.checking import Expected, check_identity
from drafting.workbook.questionnaires.delphi_answers import DelphiReader
from drafting.workbook.questionnaires.identity import MATRICES, RATINGS, WEIGHTS, Identity, Renaming, read_identity
from drafting.workbook.questionnaires.judgements import read_judgements
from drafting.workbook.questionnaires.remarks import FIELDS, read_assessment, read_remarks
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook, read_workbook

UPLOAD_LIMITS = replace(LIMITS, file_bytes=5 << 20, part_bytes=20 << 20, total_bytes=40 << 20, parts=300, cells=200_000)
"""A questionnaire has some hundred cells; what unpacks to more is none."""
MOST_FILES = 200
UPLOAD_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Returned:
    """One returned workbook: what became of it."""

    file: str
    code: str = ""
    values: Mapping[str, str] | None = None
    findings: tuple[Finding, ...] = ()
    fault: str = ""

    @property
    def usable(self) -> bool:
        """Whether its answers can be saved."""
        return bool(self.values) and not self.fault


def read_returned(panel: Panel, own: Round, members: Sequence[Member], file: str, data: bytes) -> Returned:
    """Read one workbook; everything wrong with it is told at once."""
    report = Report()
    try:
        if len(data) > UPLOAD_LIMITS.file_bytes:
            raise OpeningError("file-too-large", size=len(data) >> 20, limit=UPLOAD_LIMITS.file_bytes >> 20)
        if not data:
            raise OpeningError("file-empty")
        book = read_workbook(data, file, UPLOAD_LIMITS)
        code = read_expert(book, file.rsplit(".", 1)[0], [Expert(m.code) for m in members], {}, report)
        identity = read_identity(book)
        whose = next((Expert(m.code, tables=m.tables) for m in members if m.code == code), Expert(code or ""))
        if code and check_identity(book, identity, code, _expected(panel, own, whose), report) is not None:
            values = _values(panel.definition, own, book, whose, identity, report)
        else:
            values = None
    except OpeningError as error:
        report.add(error.code, Cell(file), **error.values)
        return Returned(file, findings=tuple(report.findings), fault="无法读取。")
    wrong = any(f.severity is Severity.ERROR for f in report.findings)
    fault = "有错误，没有导入。" if wrong else ("" if values else "没有可用的答案。")
    return Returned(file, code or "", values, tuple(report.findings), fault)


WORDS = {Instrument.PAIRWISE: MATRICES, Instrument.ALLOCATION: WEIGHTS, Instrument.RATING: RATINGS}


def _expected(panel: Panel, own: Round, whose: Expert) -> Expected:
    """What a workbook for this round has to be; what was mailed is on record in the project, where it can be read."""
    word = WORDS[own.instrument]
    # the matrices of all rounds are one questionnaire
    number = 1 if own.instrument is Instrument.PAIRWISE else own.number
    try:
        record = known_record(Path(panel.folder))
    except RecordError:
        record = IssueRecord()
    groups = panel.definition.of(own.instrument)
    asked = {g.name: {i.key: i.name for i in g.items} for g in groups if g.concerns(whose.tables)}
    return Expected(
        frozenset({word}), number, panel.definition.title, record.project_id,
        marked=record.all_marked(word, number), latest=record.latest, scale=record.scale, asked=asked,
    )  # fmt: skip


def _values(
    definition: Definition, own: Round, book: Workbook, expert: Expert, identity: Identity | None, report: Report
) -> dict[str, str]:
    """Answers, self-assessment and remarks; matched by the items' codes where the workbook says what they were."""
    code, tables = expert.code, expert.tables
    frozen = definition.inputs(())
    system, known = frozen.system, frozen.asked
    everything = rated_of(known) if own.instrument is Instrument.RATING else members_of(known)
    renaming = Renaming(identity, everything) if identity is not None else None
    beside: list[tuple[str, Cell]] = []
    if own.instrument is Instrument.PAIRWISE:
        asked = {g.name: g.concerns(tables) for g in definition.groups}
        named = {g: m for g, m in everything.items() if g in asked}
        wanted = frozenset(g for g in named if asked[g])
        matrices = read_judgements(book, code, named, wanted, report, renaming)
        values = values_of_matrices(definition, matrices)
    else:
        kind = "rating" if own.instrument is Instrument.RATING else "delphi"
        several = known if frozen.tables else ()
        reader = DelphiReader(
            system=system,
            number=own.number,
            rating_scale=definition.scale[1],
            report=report,
            kind=kind,
            renaming=renaming,
            beside=beside,
            asked=several,
        )
        answer = reader.read(book, code)
        values = values_of_answer(definition, own.instrument, answer) if answer is not None else {}
    if renaming is not None and renaming.renamed:
        words = "；".join(f"“{old}”现名“{new}”" for old, new in renaming.renamed.items())
        report.add("items-renamed", book.place, renamed=words)
    if not values:
        return {}
    said = read_assessment(book, report)
    values |= {item: said[word] for item, word in zip(items.SELF_ASSESSMENT, FIELDS, strict=True) if word in said}
    return values | _comments(read_remarks(book, code, own.title, report, beside))


def _comments(remarks: Sequence[Remark]) -> dict[str, str]:
    """Remarks beside the answers: what others may read, and what is the organiser's."""
    whole = [r.text for r in remarks if not r.proposal and not r.private]
    private = [r.text for r in remarks if r.private]
    proposed = [r.text for r in remarks if r.proposal and not r.private]
    if private:
        proposed = ["仅供组织者：" + "\n".join(private), *proposed]
    texts = {items.COMMENTS[0]: "\n".join(whole), items.COMMENTS[1]: "\n".join(proposed)}
    return {item: text for item, text in texts.items() if text}


def save_returned(connection: Connection, panel: Panel, own: Round, returned: Returned, actor: str, at: int) -> str:
    """Hand in a workbook for its expert: exactly what it says, whatever stands on the pages.

    A draft on the pages that was never handed in stays as it is and is not counted. Otherwise the draft follows the
    workbook, so that the expert can go on from there; what it said before is kept in history.

    Returns
    -------
    str
        What was done, in Chinese.

    Raises
    ------
    StateError
        The round is not open.
    IncompleteError
        The workbook alone cannot be submitted.
    AnswerError
        A value that no page would take.
    """
    member = next(m for m in records.members_of(connection, panel.id) if m.code == returned.code)
    found = records.round_locked(connection, own.id)
    if found.state is not RoundState.OPEN:
        raise StateError(f"{own.title}没有在征询，不能导入。")
    values = {
        item: items.canonical(panel.definition, own.instrument, item, value)
        for item, value in (returned.values or {}).items()
    }
    handed = latest_submission(connection, own.id, member.pseudonym)
    draft = {i: v for i, (v, _) in records.answers_of(connection, own.id, member.pseudonym).items() if v}
    unfinished = bool(draft) and fingerprint(draft)[1] not in (handed.sha256 if handed else "", fingerprint(values)[1])
    versions = -1 if unfinished else _follow(connection, own, member.pseudonym, values, draft, at)
    done = hand_in(connection, panel, found, member.pseudonym, values, at, channel=Channel.MAIL, draft=versions)
    kept = f"，网上草稿 {len(draft)} 项未动" if unfinished else ""
    records.record(
        connection, at, actor, "workbook-taken", panel_id=panel.id, round_id=own.id, subject=member.code,
        detail=f"{len(values)} 项{kept}",
    )  # fmt: skip
    said = f"已导入 {len(values)} 项并提交（第 {done.number} 次）"
    if handed is not None and handed.sha256 != done.sha256:
        said += f"，取代其第 {handed.number} 次提交（{handed.channel.chinese}，留有历史）"
    if unfinished:
        said += f"。其网上另有未提交的草稿 {len(draft)} 项，原样保留，没有计入"
    return f"{said}。"


def _follow(
    connection: Connection, own: Round, pseudonym: str, values: Mapping[str, str], draft: Mapping[str, str], at: int
) -> int:
    """Let the draft say what the workbook says; its versions in all."""
    wanted = {**dict.fromkeys(draft, ""), **values}
    given = [Answer(None, own.id, pseudonym, i, v, None, Channel.MAIL) for i, v in wanted.items()]
    outcomes = save_answers(connection, given, at)
    assert all(o.fate is Fate.SAVED for o in outcomes)
    return sum(version for _, version in records.answers_of(connection, own.id, pseudonym).values())


__all__ = ["MOST_FILES", "UPLOAD_BYTES", "IncompleteError", "Returned", "read_returned", "save_returned"]
