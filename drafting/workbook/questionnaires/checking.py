"""A returned questionnaire against what was sent out: the right project, instrument, round, expert and issue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.identity import name_key
from drafting.workbook.headings import EXPERT_SHEET
from drafting.workbook.questionnaires.answers import member
from drafting.workbook.questionnaires.identity import RATINGS, Identity, Renaming, Source, visible_identity
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook


def _no_issue(_instrument: str, _round: int, _expert: str) -> int | None:
    return None


def _no_scale(_instrument: str, _round: int, _issue: int) -> int:
    return 0


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
    scale : callable
        Instrument, round, issue -> the scale of its ratings, 0 if unknown.
    asked : Mapping
        What the expert is asked now: group -> key of each item -> its name.
    """

    instruments: frozenset[str]
    round: int
    project: str = ""
    project_id: str = ""
    marked: bool = False
    latest: Callable[[str, int, str], int | None] = _no_issue
    scale: Callable[[str, int, int], int] = _no_scale
    asked: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))


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


def check_identity(
    book: Workbook, identity: Identity | None, expert: str, expected: Expected, report: Report
) -> frozenset[str] | None:
    """Say how far a returned questionnaire may count; what speaks against it is reported.

    ``identity``: as :func:`~drafting.workbook.questionnaires.identity.read_identity` gives it.
    ``expert``: the code on sheet 专家.
    Returns None where it may not count; else the groups in which it did not ask all that is asked now.
    """
    place = Cell(book.place.file, EXPERT_SHEET.title)
    if identity is None:
        report.add("questionnaire-no-identity" if expected.marked else "questionnaire-unmarked", place)
        return None if expected.marked else frozenset()
    if identity.source is Source.LINE:
        report.add("questionnaire-line-only", place)
    elif (seen := visible_identity(book)) is not None and name_key(seen.line) != name_key(identity.line):
        report.add("questionnaire-line-altered", place, says=seen.line, issued=identity.line)
    if _of_another_project(identity, expected):
        found, own = _known_as(identity.project, identity.project_id), _known_as(expected.project, expected.project_id)
        report.add("questionnaire-other-project", place, found=found, own=own)
        return None
    if identity.instrument not in expected.instruments:
        wanted = "或".join(sorted(expected.instruments))
        report.add("questionnaire-other-instrument", place, found=identity.instrument, wanted=wanted)
        return None
    if identity.round != expected.round:
        report.add("questionnaire-other-round", place, found=identity.round, own=expected.round)
        return None
    if name_key(identity.expert) != name_key(expert):
        report.add("questionnaire-other-expert", place, issued=identity.expert, found=expert)
        return None
    latest = expected.latest(identity.instrument, identity.round, identity.expert)
    if identity.issue and latest is not None and identity.issue < latest:
        return _of_older(identity, latest, expected, place, report)
    if identity.issue and expected.project_id and (latest is None or identity.issue > latest):
        report.add("questionnaire-issue-unknown", place, found=identity.issue)
    return frozenset()


def _of_older(
    identity: Identity, latest: int, expected: Expected, place: Cell, report: Report
) -> frozenset[str] | None:
    """What an older issue answers: all groups in which it asked what is asked now stay answered."""
    scales = {expected.scale(identity.instrument, identity.round, issue) for issue in (identity.issue, latest)}
    if identity.instrument == RATINGS and (0 in scales or len(scales) > 1):
        report.add("questionnaire-older-issue", place, found=identity.issue, latest=latest)
        return None
    renaming = Renaming(identity, expected.asked)
    lacking: dict[str, list[str]] = {}
    for group, members in expected.asked.items():
        then = renaming.items(group)
        known = {member(i.name, members) or renaming.member(group, i.name) for i in then}
        if then or identity.round == 1:  # a later round leaves out groups that have stopped
            lacking[group] = [name for code, name in members.items() if code not in known]
    words = "；".join(f"“{group}”的{'、'.join(names)}" for group, names in lacking.items() if names)
    if not words:
        report.add("questionnaire-older-same", place, found=identity.issue, latest=latest)
    elif identity.instrument == RATINGS:
        report.add("questionnaire-older-ratings", place, found=identity.issue, latest=latest, lacking=words)
    else:
        report.add("questionnaire-older-groups", place, found=identity.issue, latest=latest, lacking=words)
    return frozenset(group for group, names in lacking.items() if names)
