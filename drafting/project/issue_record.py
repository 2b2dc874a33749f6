"""记录/问卷发放.json: which questionnaires were made, so that a returned one can be held against it. Append-only."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drafting.keeping import Keeper
from drafting.model.coded import JSON
from drafting.project.stopping_record import RecordError

RECORD_FILE = "记录/问卷发放.json"
FORMAT = 1
_WHAT = "发放过的问卷：项目号，各种问卷各轮的卷号、所问内容的指纹和专家。只增不改。"


@dataclass(frozen=True, slots=True)
class Issue:
    """Questionnaires of one instrument and round that asked the same."""

    instrument: str
    round: int
    number: int
    asked: str
    experts: frozenset[str]
    day: str = ""
    scale: int = 0
    """Highest answer that was asked for; 0 in records of before and where the instrument has but one scale."""
    begun_before: bool = False
    """Whether answers lay in the folder when the first issue was made: those may bear no identity."""


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """All issues of a project in the order in which they were made; ``project_id`` is drawn once."""

    project_id: str = ""
    project: str = ""
    issues: tuple[Issue, ...] = ()

    def all_marked(self, instrument: str, number: int) -> bool:
        """Whether every questionnaire of that instrument and round bears an identity."""
        own = [i for i in self.issues if (i.instrument, i.round) == (instrument, number)]
        return bool(own) and not any(i.begun_before for i in own)

    def latest(self, instrument: str, number: int, expert: str) -> int | None:
        """The issue that an expert was sent last; None if there is none on record."""
        found = [
            i.number for i in self.issues if (i.instrument, i.round) == (instrument, number) and expert in i.experts
        ]
        return max(found, default=None)

    def scale(self, instrument: str, number: int, issue: int) -> int:
        """The scale of an issue; 0 where it is not on record."""
        same = (i.scale for i in self.issues if (i.instrument, i.round, i.number) == (instrument, number, issue))
        return next(same, 0)


def fingerprint(asked: object) -> str:
    """Hash what is asked: names and their order do not count, which leaves a returned answer what it was."""
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def read_issue_record(data: bytes) -> IssueRecord:
    """Read the record.

    Raises ValueError if it is no such record.
    """
    try:
        content = json.loads(data.decode("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError("another format")
        issues = tuple(
            Issue(
                str(e["instrument"]), int(e["round"]), int(e["issue"]), str(e["asked"]),
                frozenset(map(str, e["experts"])), str(e["day"]),
                scale=int(e.get("scale", 0)), begun_before=bool(e.get("begun_before", False)),
            )
            for e in content["entries"]
        )  # fmt: skip
        return IssueRecord(str(content["project_id"]), str(content["project"]), issues)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no record of questionnaires") from error


def known_record(folder: Path) -> IssueRecord:
    """The record of a folder, an empty one where there is none.

    Raises RecordError if there is one that cannot be read; it is left alone.
    """
    path = folder / RECORD_FILE
    try:
        return read_issue_record(path.read_bytes()) if path.exists() else IssueRecord()
    except (OSError, ValueError) as error:
        raise RecordError(path) from error


def issue(
    folder: Path,
    instrument: str,
    number: int,
    asked: Mapping[str, Sequence[object]],
    *,
    project: str,
    day: date,
    scale: int = 0,
    begun_before: bool = False,
) -> tuple[IssueRecord, int]:
    """Put questionnaires on record before they are made and give them their issue number.

    Raises RecordError if the record cannot be read; OutputError if it cannot be written.

    ``asked``: expert -> what is asked. Where that is what the last issue asked, the questionnaires belong to it: making
    them again does not make those invalid that are on their way.
    """
    made: list[tuple[IssueRecord, int]] = []

    def entered(present: bytes | None) -> bytes | None:
        try:
            known = read_issue_record(present) if present is not None else IssueRecord()
        except ValueError as error:
            raise RecordError(folder / RECORD_FILE) from error
        record, number_of = _with(
            known, instrument, number, asked, project, day, scale=scale, begun_before=begun_before
        )
        made.append((record, number_of))
        return None if record is known else _content(record)

    Keeper(folder).amend(Path(RECORD_FILE).name, entered)
    return made[-1]


def _with(
    known: IssueRecord, instrument: str, number: int, asked: Mapping[str, Sequence[object]], project: str, day: date, *,
    scale: int, begun_before: bool,
) -> tuple[IssueRecord, int]:  # fmt: skip
    """The record with one more issue, or as it is where these questionnaires are on it."""
    same = [i for i in known.issues if (i.instrument, i.round) == (instrument, number)]
    print_of = fingerprint(sorted({fingerprint(a) for a in asked.values()}))
    last = max(same, key=lambda i: i.number, default=None)
    issued = 1 if last is None else last.number if last.asked == print_of else last.number + 1
    on_record: frozenset[str] = frozenset().union(*(i.experts for i in same if i.number == issued))
    if last is not None and issued == last.number and asked.keys() <= on_record:
        return known, issued
    first = begun_before and last is None
    new = Issue(
        instrument, number, issued, print_of, frozenset(asked) - on_record, day.isoformat(),
        scale=scale, begun_before=first,
    )  # fmt: skip
    return IssueRecord(known.project_id or secrets.token_hex(4), known.project or project, (*known.issues, new)), issued


def write_issue_record(folder: Path, record: IssueRecord) -> None:
    """Write a record where there is none.

    Raises OutputError if it cannot be written.
    """
    Keeper(folder).amend(Path(RECORD_FILE).name, lambda present: _content(record) if present is None else None)


def _content(record: IssueRecord) -> bytes:
    content: dict[str, JSON] = {
        "format": FORMAT, "what": _WHAT, "project_id": record.project_id, "project": record.project,
        "entries": [_plain(i) for i in record.issues],
    }  # fmt: skip
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _plain(i: Issue) -> dict[str, JSON]:
    experts: Sequence[str] = sorted(i.experts)
    return {
        "instrument": i.instrument, "round": i.round, "issue": i.number, "day": i.day, "asked": i.asked,
        "experts": experts, "scale": i.scale, "begun_before": i.begun_before,
    }  # fmt: skip
