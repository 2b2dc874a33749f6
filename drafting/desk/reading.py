"""The draft for reading: clause by clause, findings where they belong, each figure with the cell that it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drafting.desk.remedies import on_page
from drafting.findings import Finding

if TYPE_CHECKING:
    from drafting.progress import Progress
    from drafting.render.html import Sheet
    from drafting.run import Run


@dataclass(frozen=True, slots=True)
class Remark:
    """Findings at one place of the draft: the id in the page, what stands there."""

    id: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft as a page shows it."""

    title: str
    sheet: Sheet | None
    """None if it cannot be composed."""
    remarks: tuple[Remark, ...]
    """In the order of the draft."""
    said: tuple[Finding, ...]
    """What there is to say about composing it."""


def draft(run: Run, progress: Progress) -> Draft | None:
    """Compose the public edition, which names no enterprise and no expert; None without readable inputs.

    Takes a second or two, with a million enterprises a quarter of a minute: the desk remembers it.
    """
    from drafting.document.faults import finding_of
    from drafting.document.numbering import CrossReferenceError
    from drafting.document.texts import TextError
    from drafting.publishing.publisher import Publisher
    from drafting.render.docx.comments import anchors_of
    from drafting.render.html import render_sheet

    if run.project.inputs is None:
        return None
    progress.of = 3
    with Publisher(run, quick=True) as publisher:
        try:
            progress.begin("换去企业和专家的名称")
            _ = publisher.printed
            progress.begin("写成条文")
            document = publisher.draft
        except (TextError, CrossReferenceError) as error:
            return Draft(run.draft_name, None, (), (finding_of(error),))
        progress.begin("排成页面")
        own = [replace(f, remedy=on_page(f.remedy)) for f in run.findings]
        placed = anchors_of(own, run.project.provenance)
        sheet = render_sheet(document, provenance=publisher.sources, inline=placed)
        said = tuple(publisher.said)
    return Draft(document.title, sheet, _remarks(sheet, placed), said)


def _remarks(sheet: Sheet, placed: dict[str, list[Finding]]) -> tuple[Remark, ...]:
    """Those that the page shows, in its order."""
    found: dict[str, Sequence[Finding]] = {sheet.ids[a]: of for a, of in placed.items() if a in sheet.ids}
    at = {key: str(sheet.body).find(f'id="{key}"') for key in found}
    return tuple(Remark(key, tuple(found[key])) for key in sorted(found, key=lambda k: at[k]))
