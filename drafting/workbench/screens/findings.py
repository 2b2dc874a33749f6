"""问题: by cause, what forbids submission first; after a mended upload what is solved, what remains, what is new."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.causes import Section, causes, clauses
from drafting.desk.mended import mended
from drafting.workbench.visit import NotFoundError, Visit, attachment, screen

PLACES = 4
"""Ranges of one sheet, and sheets, that are written out before the rest is folded away."""


def _show(visit: Visit) -> Response:
    seen = visit.seen()
    found = seen.derive("causes", lambda run: causes(run.findings))
    before = visit.bench.memory.before(visit.place.folder, seen.key)
    books = sorted({f.place.file for f in seen.run.findings if f.place.file.endswith(".xlsx") and f.place.cell})
    change = None if before is None else mended(before, seen.run.findings)
    fresh = {id(f) for c in change.new for f in c.findings} if change else set()
    new = {id(c) for c in found if any(id(f) in fresh for f in c.findings)}
    return visit.page(
        "findings.html.j2", sections=[(s, [c for c in found if c.section is s]) for s in Section], found=found,
        change=change, new=new, ids=id, places=PLACES, books=books,
    )  # fmt: skip


def _annotated(visit: Visit) -> Response:
    """The workbook with its findings marked, made in a folder that is gone afterwards; nothing is written."""
    from tempfile import TemporaryDirectory

    from drafting.workbook.annotate import annotate

    run = visit.seen(30.0).run
    name = visit.text("file")
    own = [f for f in run.findings if f.place.file == name]
    if not own or name not in run.project.files:
        raise NotFoundError
    with TemporaryDirectory() as folder:
        made = annotate(visit.place.folder / name, own, Path(folder) / "标注.xlsx")
        if made is None:
            raise NotFoundError
        content = made.read_bytes()
    stem = name.rsplit("/", 1)[-1].removesuffix(".xlsx")
    return attachment(content, f"{stem}（标注）.xlsx")


def _clauses(visit: Visit) -> Response:
    """Each clause that asks for something, how it is met and how the project stands on it."""
    parts = visit.seen().derive("clauses", clauses)
    return visit.page("clauses.html.j2", parts=parts)


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/findings", "findings", get=_show),
        screen("/p/{project}/findings/annotated", "annotated", get=_annotated),
        screen("/p/{project}/clauses", "findings", get=_clauses),
    )
