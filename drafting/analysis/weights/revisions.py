"""Revisions: what experts changed in answers they had returned, told beside the original (5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from drafting.findings import Cell, Finding, Provenance, finding
from drafting.model.consultation import AnswerRevision, AnswerVersion, ChangedAnswer
from drafting.model.inputs import Inputs
from drafting.model.revisions import MATRICES, RATED, RATING_ROUND, ROUND, Answers, Change, answers_of, changes
from weighting import scale_text

_NAMED = 6
NOTHING = "未答"


def revisions(inputs: Inputs, where: Provenance) -> tuple[tuple[AnswerRevision, ...], list[Finding]]:
    """Compare every version on record with the one before, and the answers as they stand now with the last.

    Returns one per revision; a warning where it changes a Delphi round whose feedback had gone out.
    """
    versions: dict[tuple[str, str, str], list[Answers]] = {}
    for a in inputs.answer_record or ():
        versions.setdefault(a.about, []).append(a)
    for a in answers_of(inputs.judgements, inputs.delphi, inputs.ratings):
        known = versions.get(a.about)
        if known and changes(known[-1].values, a.values):  # not on record: it could not be written, or nobody asked to
            known.append(a)
    revised: list[AnswerRevision] = []
    found: list[Finding] = []
    for of in versions.values():
        number = 1
        for before, after in pairwise(of):
            changed = changes(before.values, after.values)
            if not changed:
                continue
            number += 1
            cells = [_cell(inputs, where, after, c) for c in changed]
            revised.append(_revision(inputs, before, after, number, changed, cells))
            found.append(_finding(inputs, before, after, number, changed, cells))
    return tuple(revised), found


def _names(inputs: Inputs) -> Mapping[str, str]:
    return {i.code: i.name for i in inputs.system.indicators}


def _shown(instrument: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    return scale_text(value) if instrument == MATRICES else f"{value:g}"


def _revision(
    inputs: Inputs, before: Answers, after: Answers, number: int, changed: tuple[Change, ...], cells: list[Cell | None]
) -> AnswerRevision:
    names = _names(inputs)
    return AnswerRevision(
        instrument=after.instrument, expert=after.expert, group=after.group, version=number,
        day=after.day, file=after.file, sha256=after.sha256,
        previous=AnswerVersion(day=before.day, file=before.file, sha256=before.sha256),
        changes=tuple(
            ChangedAnswer(
                items=tuple(names.get(k, k) for k in c.item), before=c.before, after=c.after,
                text=_words(names, after.instrument, c), cell=cell.cell if cell and cell.cell else None,
            )
            for c, cell in zip(changed, cells, strict=True)
        ),
    )  # fmt: skip


def _words(names: Mapping[str, str], instrument: str, c: Change) -> str:
    items = "比".join(f"“{names.get(k, k)}”" for k in c.item)
    return f"{items}由 {_shown(instrument, c.before)} 改为 {_shown(instrument, c.after)}"


def _finding(
    inputs: Inputs, before: Answers, after: Answers, number: int, changed: tuple[Change, ...], cells: list[Cell | None]
) -> Finding:
    names = _names(inputs)
    said = []
    for c, cell in list(zip(changed, cells, strict=True))[:_NAMED]:
        at = f"（{cell.cell}）" if cell and cell.cell else ""
        said.append(_words(names, after.instrument, c) + at)
    more = f"；等 {len(changed)} 处" if len(changed) > _NAMED else ""
    closed = [r.name or ROUND.format(number=r.number) for r in inputs.delphi[:-1]]
    closed += [r.name or RATING_ROUND.format(number=r.number) for r in inputs.ratings[:-1]]
    later = after.instrument in closed
    return finding(
        "answers-revised-late" if later else "answers-revised", cells[0], expert=after.expert, group=after.group,
        instrument=after.instrument, version=number, day=before.day, changes="；".join(said) + more,
    )  # fmt: skip


def _cell(inputs: Inputs, where: Provenance, after: Answers, change: Change) -> Cell | None:
    """Cell of an answer as it stands now; of the sheet or file where the answer has gone."""
    if after.instrument == MATRICES:
        order = next((m.labels for m in inputs.judgements if (m.expert, m.group) == (after.expert, after.group)), ())
        pair = tuple(str(order.index(k)) for k in change.item if k in order)
        if len(pair) == 2:
            return where.find("judgement", after.expert, after.group, *pair)
        return where.find("judgement", after.expert, after.group)
    number = "".join(c for c in after.instrument if c.isdecimal())
    kind = "rating" if after.group == RATED else "delphi"
    return where.find(kind, number, after.expert, after.group, *change.item) or where.find(kind, number, after.expert)
