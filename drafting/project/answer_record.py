"""记录/专家答复.json: every version of the experts' answers that was read. Append-only: the first one stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from drafting.files import OutputError
from drafting.findings import Cell, finding
from drafting.keeping import Keeper
from drafting.model.coded import JSON
from drafting.model.revisions import MATRICES, RATED, Answers, answers_of, changes
from drafting.project.folder import Project
from drafting.project.recorded_answers import FORMAT, RECORD_FILE, read_answer_record

_WHAT = "专家交回的答复：首次读到的内容和其后每次修改后的内容。只增不改。"


def keeping(read: Callable[[Path | str], Project], today: date) -> Callable[[Path | str], Project]:
    """Give a reading of project folders that also puts new and revised answers on record."""
    return lambda folder: keep_answers(read(folder), today)


def keep_answers(project: Project, today: date) -> Project:
    """Put answers that are not on record yet, or differ from the last version there, at the record's end.

    ``today``: day of the new entries.
    Returns it with the new versions known, and a finding where the record could not be written. A record that cannot be
    read is left alone; the reader has said so.
    """
    inputs = project.inputs
    if inputs is None or inputs.answer_record is None:
        return project
    if not _new(project, inputs.answer_record, today):
        return project
    found = inputs.answer_record

    def entered(present: bytes | None) -> bytes | None:
        nonlocal found
        try:
            found = read_answer_record(present) if present is not None else ()
        except ValueError:
            return None  # somebody damaged it meanwhile: it is left alone
        entries = _new(project, found, today)  # another run may have entered the same meanwhile
        found = (*found, *entries)
        return _content(found) if entries else None

    try:
        Keeper(project.folder).amend(Path(RECORD_FILE).name, entered)
    except OutputError as error:
        said = finding("answers-not-recorded", Cell(RECORD_FILE), reason=error.reason)
        return replace(project, findings=(*project.findings, said))
    return replace(project, inputs=replace(inputs, answer_record=found))


def _new(project: Project, kept: Sequence[Answers], today: date) -> list[Answers]:
    """Answers of a project that are not on record yet, or differ from the last version there."""
    inputs = project.inputs
    if inputs is None:
        return []
    last = {a.about: a for a in kept}
    return [
        _dated(project, answers, today)
        for answers in answers_of(inputs.judgements, inputs.delphi, inputs.ratings)
        if (known := last.get(answers.about)) is None
        or changes(known.values, answers.values)
        or _asked_anew(known, answers)
    ]


def _asked_anew(known: Answers, now: Answers) -> bool:
    """Whether other items were asked; blanks among ratings are not told apart from items not asked."""
    return len(next(iter(now.values), ())) == 2 and {frozenset(i) for i in known.values} != {
        frozenset(i) for i in now.values
    }


def _dated(project: Project, answers: Answers, today: date) -> Answers:
    where = project.provenance
    if answers.instrument == MATRICES:
        place = where.find("judgement", answers.expert, answers.group)
    else:
        number = "".join(c for c in answers.instrument if c.isdecimal())
        place = where.find("rating" if answers.group == RATED else "delphi", number, answers.expert)
    file = place.file if place else ""
    return replace(answers, file=file, sha256=project.files.get(file, ""), day=today.isoformat())


def _content(kept: Sequence[Answers]) -> bytes:
    lines = ",\n".join(json.dumps(_plain(a), ensure_ascii=False) for a in kept)
    head = json.dumps({"format": FORMAT, "what": _WHAT}, ensure_ascii=False)[:-1]
    return f'{head}, "entries": [\n{lines}\n]}}\n'.encode()


def _plain(answers: Answers) -> dict[str, JSON]:
    return {
        "instrument": answers.instrument, "expert": answers.expert, "group": answers.group, "day": answers.day,
        "file": answers.file, "sha256": answers.sha256, "answers": [[*item, v] for item, v in answers.values.items()],
    }  # fmt: skip
