"""A returned questionnaire against what was sent out: the right project, instrument, round, expert and issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drafting.findings import Cell
from drafting.model.identity import name_key
from drafting.workbook.headings import EXPERT_SHEET
from drafting.workbook.questionnaires.identity import Identity, Source, visible_identity
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook


def _no_issue(_instrument: str, _round: int, _expert: str) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a questionnaire in some place has to be.

    Attributes
    ----------
    instruments : frozenset of str
        Words of :mod:`~drafting.workbook.questionnaires.identity`.
    round : int
        1 for judgement matrices.
    project, project_id : str
        ``project_id`` is empty where no questionnaire of the project is on record: then the name decides.
    marked : bool
        Whether every questionnaire of this round was sent out with an identity, so that one without is none of them.
    latest : callable
        Instrument, round, expert -> the issue that the expert was sent last, None if unknown.
    """

    instruments: frozenset[str]
    round: int
    project: str = ""
    project_id: str = ""
    marked: bool = False
    latest: Callable[[str, int, str], int | None] = _no_issue


def _of_another_project(identity: Identity, expected: Expected) -> bool:
    """Compare the projects by their numbers, by their names where one has none; without either nothing is known."""
    if identity.project_id and expected.project_id:
        return identity.project_id != expected.project_id
    names = name_key(identity.project), name_key(expected.project)
    return all(names) and names[0] != names[1]


def _known_as(name: str, project_id: str) -> str:
    """A project in words: copies of a folder and projects without a title have but their numbers to tell them apart."""
    number = f"项目号 {project_id}" if project_id else ""
    return "，".join(x for x in (f"“{name}”" if name else "未写名称", number) if x)


def check_identity(book: Workbook, identity: Identity | None, expert: str, expected: Expected, report: Report) -> bool:
    """Say whether a returned questionnaire may count; what speaks against it is reported.

    Parameters
    ----------
    identity
        As :func:`~drafting.workbook.questionnaires.identity.read_identity` gives it.
    expert
        The code on sheet 专家.
    """
    place = Cell(book.place.file, EXPERT_SHEET.title)
    if identity is None:
        report.add("questionnaire-no-identity" if expected.marked else "questionnaire-unmarked", place)
        return not expected.marked
    if identity.source is Source.LINE:
        report.add("questionnaire-line-only", place)
    elif (seen := visible_identity(book)) is not None and name_key(seen.line) != name_key(identity.line):
        report.add("questionnaire-line-altered", place, says=seen.line, issued=identity.line)
    if _of_another_project(identity, expected):
        found, own = _known_as(identity.project, identity.project_id), _known_as(expected.project, expected.project_id)
        report.add("questionnaire-other-project", place, found=found, own=own)
        return False
    if identity.instrument not in expected.instruments:
        wanted = "或".join(sorted(expected.instruments))
        report.add("questionnaire-other-instrument", place, found=identity.instrument, wanted=wanted)
        return False
    if identity.round != expected.round:
        report.add("questionnaire-other-round", place, found=identity.round, own=expected.round)
        return False
    if name_key(identity.expert) != name_key(expert):
        report.add("questionnaire-other-expert", place, issued=identity.expert, found=expert)
        return False
    latest = expected.latest(identity.instrument, identity.round, identity.expert)
    if identity.issue and latest is not None and identity.issue < latest:
        report.add("questionnaire-older-issue", place, found=identity.issue, latest=latest)
        return False
    if identity.issue and expected.project_id and (latest is None or identity.issue > latest):
        report.add("questionnaire-issue-unknown", place, found=identity.issue)
    return True
