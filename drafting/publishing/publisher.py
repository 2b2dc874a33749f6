"""Writes the draft and its 编制说明 for readers: one edition, every format asked for, what there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drafting.document.editions import Names, public_sources
from drafting.files import atomic
from drafting.findings import Finding, finding
from drafting.publishing.overlay import Overlay, find_overlay

if TYPE_CHECKING:
    from drafting.document.tree import Document, Image
    from drafting.journey import Journey
    from drafting.model.inputs import Inputs
    from drafting.render.docx.office import Office

FORMATS = ("docx", "html", "md", "pdf")
STATEMENT = "编制说明"
Edition = Literal["public", "internal"]
_SUFFIX: Mapping[str, str] = {"public": "", "internal": "（内部资料）"}


@dataclass
class Publisher:
    """
    One edition of a journey's documents.

    Attributes
    ----------
    journey
        Results and findings.
    edition
        ``public``: names no surveyed enterprise and no expert. ``internal``: the committee's own, marked 内部资料.
    quick
        Leave out what takes seconds: page labels and （续） by LibreOffice, charts.
    """

    journey: Journey
    edition: Edition = "public"
    quick: bool = False
    written: list[Path] = field(default_factory=list)
    said: list[Finding] = field(default_factory=list)
    _charts: dict[tuple[str, str], Sequence[Image]] = field(default_factory=dict)

    @property
    def inputs(self) -> Inputs:
        """What the project holds."""
        if self.journey.project.inputs is None:
            raise ValueError("nothing to publish: the project could not be read")
        return self.journey.project.inputs

    @cached_property
    def overlay(self) -> Overlay:
        """The committee's own templates."""
        found = find_overlay(self.journey.project)
        self.said += found.findings
        return found

    @cached_property
    def draft(self) -> Document:
        """The draft as a tree."""
        from drafting.document.compose import compose

        made = compose(self.inputs, self.journey.results, edition=self.edition, overlay=self.overlay.folder)
        if self.edition == "public":
            self._say_replaced(made)
        return made

    @property
    def composed(self) -> bool:
        """Whether the draft could be composed."""
        return "draft" in self.__dict__

    @cached_property
    def sources(self) -> Mapping[tuple[str, ...], str]:
        """Where each figure comes from, in words of the edition."""
        from drafting.record.results import sources

        words = public_sources if self.edition == "public" else tuple
        return {key: "；".join(words(cells)) for key, cells in sources(self.journey).items() if cells}

    def statement(self, form: str = "png") -> Document:
        """Compose the 编制说明 with pictures as ``png`` or ``svg``."""
        charts = self.charts(form)
        return self._compose_statement(charts) if charts else self._words_of_statement

    def charts(self, form: str, *subjects: str) -> Mapping[str, Sequence[Image]]:
        """Draw the pictures of some subjects (all by default); none with ``quick`` or without Matplotlib."""
        if self.quick:
            return {}
        from drafting.publishing.pictures import SUBJECTS, PicturesError, draw_pictures

        found: dict[str, Sequence[Image]] = {}
        for subject in subjects or SUBJECTS:
            if (form, subject) not in self._charts:
                try:
                    self._charts[form, subject] = draw_pictures(self.journey, subject, form)
                except PicturesError as error:
                    self._charts[form, subject] = ()
                    self._say("charts-missing", why=str(error))
            found[subject] = self._charts[form, subject]
        return found

    # --- writing ---
    def write(self, formats: Sequence[str], *, papers: Sequence[str] | None = None) -> None:
        """
        Write the draft in some formats and the 编制说明 in the same or in others.

        Raises
        ------
        OutputError
            If a file cannot be written. A text that cannot be composed is a finding in ``said``.
        """
        from drafting.document.faults import finding_of
        from drafting.document.numbering import CrossReferenceError
        from drafting.document.texts import TextError

        try:
            for form in formats:
                self._write(self.journey.draft_name, form, self.draft, report=False)
            for form in formats if papers is None else papers:
                self._write(STATEMENT, form, self.statement("png" if form == "docx" else "svg"), report=True)
            self._say_gaps()
        except (TextError, CrossReferenceError) as error:
            self.said.append(finding_of(error))

    def _write(self, stem: str, form: str, document: Document, *, report: bool) -> None:
        target = self.journey.output / f"{stem}{_SUFFIX[self.edition]}.{form}"
        make: Callable[[Document, bool, str], bytes | None] = {
            "docx": self._docx, "html": self._html, "md": self._markdown, "pdf": self._pdf,
        }[form]  # fmt: skip
        content = make(document, report, target.name)
        if content is None:
            return
        with atomic(target) as partial:
            partial.write_bytes(content)
        self.written.append(target)

    def _docx(self, document: Document, report: bool, name: str) -> bytes:
        from drafting.render.docx.report import report_bytes
        from drafting.render.docx.writer import word_bytes

        blueprint = self.overlay.blueprint

        def render(pages: Mapping[str, str] | None) -> tuple[bytes, tuple[str, ...]]:
            return report_bytes(document, pages, blueprint) if report else word_bytes(document, blueprint, pages)

        if self.quick:
            content, missing = render(None)
        else:
            from drafting.render.docx.pages import lay_out

            laid = lay_out(document, render, self._office, continued=not report)
            content, missing = laid.content, laid.missing
            if laid.outcome != "measured":
                self._say(f"pages-{laid.outcome}", file=name)
        from drafting.document.faults import styles_missing

        self.said += styles_missing(missing)
        return content

    @cached_property
    def _office(self) -> Office | None:
        from drafting.render.docx.office import find_office

        return find_office()

    def _html(self, document: Document, report: bool, name: str) -> bytes:
        from drafting.publishing.summary import summarise
        from drafting.render.html import render_html

        internal = self.edition == "internal"
        summary = None if report else summarise(self.journey)
        if summary is not None and not internal:
            summary = replace(summary, facts=tuple(f for f in summary.facts if f.label != "问题"))
        subjects = () if report else ("trial", *(("enterprises",) if internal else ()))
        charts = [image for images in self.charts("svg", *subjects).values() for image in images] if subjects else []
        inline = self._placed(document) if internal and not report else {}
        text = render_html(
            document, provenance=self.sources, summary=summary, charts=charts, inline=inline,
            findings=self.journey.findings if internal and not report else (),
        )  # fmt: skip
        return text.encode("utf-8")

    def _placed(self, document: Document) -> Mapping[str, Sequence[Finding]]:
        """Findings by the anchor of the clause, table or formula that they are about."""
        from drafting.render.docx.comments import anchors_of

        return anchors_of(self.journey.findings, self.journey.project.provenance)

    def _markdown(self, document: Document, report: bool, name: str) -> bytes:
        from drafting.render.markdown import render_markdown

        return render_markdown(document).encode("utf-8")

    def _pdf(self, document: Document, report: bool, name: str) -> bytes | None:
        from drafting.render.pdf import FontError, PdfError, render_pdf

        try:
            return render_pdf(document, report=report)
        except (FontError, PdfError) as error:
            self._say("pdf-failed", why=str(error))
        return None

    # --- what there is to say ---
    def _say(self, code: str, **values: Any) -> None:
        said = finding(code, **values)
        if said not in self.said:
            self.said.append(said)

    def _say_gaps(self) -> None:
        """What only the committee can write, in the draft and in the paper."""
        from drafting.document.faults import gaps

        known = {(f.code, f.message) for f in (*self.journey.findings, *self.said)}
        found = list(gaps(self.draft))
        for gap in gaps(self._words_of_statement):
            place, what = gap.values["place"], gap.values["what"]
            found.append(finding("gap-statement", clause=gap.clause, place=place, what=what))
        self.said += [f for f in found if (f.code, f.message) not in known]

    @cached_property
    def _words_of_statement(self) -> Document:
        return self._compose_statement({})

    def _compose_statement(self, charts: Mapping[str, Sequence[Image]]) -> Document:
        from drafting.document.papers.statement import compose_statement

        return compose_statement(
            self.inputs, self.journey.results, edition=self.edition, overlay=self.overlay.folder,
            sources=self.sources, findings=self.journey.findings, charts=charts,
        )  # fmt: skip

    def _say_replaced(self, document: Document) -> None:
        from drafting.document.compose import compose
        from drafting.document.editions import differing

        internal = compose(self.inputs, self.journey.results, edition="internal", overlay=self.overlay.folder)
        count = differing(internal, Names(self.inputs))
        if count:
            self._say("edition-replaced", count=str(count))
