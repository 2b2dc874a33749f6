"""Writes the draft and its 编制说明 for readers: one edition, every format asked for, what there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from drafting.changes.stages import day_of, history_of
from drafting.document.compose import compose
from drafting.document.editions import Names, differing, public_sources, without_names
from drafting.document.faults import finding_of, gaps, styles_missing
from drafting.document.numbering import CrossReferenceError
from drafting.document.redaction import Redactor
from drafting.document.statement.composing import compose_statement
from drafting.document.texts import TextError
from drafting.files import atomic
from drafting.findings import Cell, Finding, finding
from drafting.keeping.versions import VersionError
from drafting.publishing.layouts import Layouts
from drafting.publishing.overlay import Overlay, find_overlay
from drafting.publishing.pictures import PicturesError, as_png, baseline_pictures
from drafting.publishing.public_edition import drawn_run, printed_inputs, public_run
from drafting.publishing.summary import remarks, summarise
from drafting.render.html import render_html
from drafting.render.markdown import render_markdown
from drafting.render.pdf import FontError, PdfError, render_pdf

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import date

    from drafting.document.tree import Document, Image
    from drafting.keeping import Stage, Standing
    from drafting.model.history import History
    from drafting.model.inputs import Inputs
    from drafting.render.docx.pages import Laid
    from drafting.run import Run

FORMATS = ("docx", "html", "md", "pdf")
STATEMENT, ATTACHMENT = "编制说明", "编制说明附件"
Edition = Literal["public", "internal"]
_SUFFIX: Mapping[str, str] = {"public": "", "internal": "（内部资料）"}


@dataclass
class Publisher:
    """One edition of a run's documents."""

    run: Run
    """Results and findings."""
    edition: Edition = "public"
    """``public``: names no surveyed enterprise and no expert. ``internal``: the committee's own, marked 内部资料."""
    quick: bool = False
    """Leave out what takes seconds: page labels and （续） by LibreOffice, charts."""
    stage: Stage | None = None
    """Where to write what belongs to a generation; without one :meth:`write` makes one."""
    date: date | None = None
    """Day of completion for the cover; by default that of the kept stage that the project still is."""
    written: list[Path] = field(default_factory=list)
    """Files in the stage, or where they stand in the end."""
    said: list[Finding] = field(default_factory=list)
    _charts: dict[str, Sequence[Image]] = field(default_factory=dict)
    _begun: dict[str, Future[Laid]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.date = self.date or day_of(self.run.project)

    @property
    def inputs(self) -> Inputs:
        """What the project holds."""
        if self.run.project.inputs is None:
            raise ValueError("nothing to publish: the project could not be read")
        return self.run.project.inputs

    @cached_property
    def printed(self) -> Inputs:
        """The inputs as this edition prints them: in the public one without names and numbers in free text."""
        if self.edition != "public":
            return self.inputs
        printed, said = printed_inputs(self.run, self.inputs)
        self.said += [f for n, f in enumerate(said) if f not in (*self.said, *said[:n])]
        return printed

    @property
    def shown(self) -> Run:
        """The run as this edition prints it: in the public one without figures that are one enterprise's data."""
        return public_run(self.run, self.inputs) if self.edition == "public" else self.run

    @cached_property
    def _drawn(self) -> Run:
        """The run as pictures beside the text show it."""
        return drawn_run(self.shown, self._net) if self.edition == "public" else self.shown

    @cached_property
    def _net(self) -> Callable[[str], str]:
        return cache(Redactor(Names(self.inputs), self.inputs).net)  # names recur

    @cached_property
    def overlay(self) -> Overlay:
        """The committee's own templates."""
        found = find_overlay(self.run.project)
        self.said += found.findings
        return found

    @cached_property
    def draft(self) -> Document:
        """The draft as a tree."""
        made = compose(
            self.printed, self.shown.results, edition=self.edition, overlay=self.overlay.folder, date=self.date
        )
        if self.edition == "public":
            self._say_replaced(made)
        return made

    @property
    def composed(self) -> bool:
        """Whether the draft could be composed."""
        return "draft" in self.__dict__

    @cached_property
    def history(self) -> History | None:
        """What happened since the last stage; said where it cannot be told."""
        try:
            return history_of(self.run, self.draft)
        except VersionError as error:
            self._say("history-unusable", name=error.name, reason=error.reason)
        return None

    @cached_property
    def sources(self) -> Mapping[tuple[str, ...], str]:
        """Where each figure comes from, in words of the edition."""
        from drafting.record.results import sources

        words = public_sources if self.edition == "public" else tuple
        return {key: "；".join(words(cells)) for key, cells in sources(self.run).items() if cells}

    def statement(self, form: str = "docx") -> Document:
        """Compose the 编制说明 with the pictures that a format needs."""
        charts = self._charts_for(form, "trial")
        return self._compose_statement(charts) if charts else self._words_of_statement

    def attachment(self, form: str = "docx") -> Document:
        """Compose the 附件 of the 编制说明: matrices, sources, pictures; without chapters where there is nothing."""
        return self._compose_statement(self._charts_for(form), attached=True)

    def _charts_for(self, form: str, *subjects: str) -> Mapping[str, Sequence[Image]]:
        charts = self.charts(*subjects)
        if form == "docx" and charts:
            try:
                charts = as_png(charts)
            except PicturesError as error:
                self._say("charts-missing", why=str(error))
                charts = {}
        return charts

    def charts(self, *subjects: str) -> Mapping[str, Sequence[Image]]:
        """Draw the pictures of some subjects (all by default); none with ``quick``."""
        if self.quick:
            return {}
        from drafting.publishing.pictures import SUBJECTS, draw_pictures

        wanted = subjects or SUBJECTS
        for subject in wanted:
            if subject not in self._charts:
                self._charts[subject] = draw_pictures(self._drawn, subject, self.edition)
        return {subject: self._charts[subject] for subject in wanted}

    def __enter__(self) -> Self:
        """Nothing to do; leaving ends what was begun."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop what has not been written."""
        if "_layouts" in self.__dict__:
            self._layouts.stop()

    def begin(self) -> None:
        """Begin to lay out the draft as .docx, which takes seconds; :meth:`write` waits for it.

        What is computed meanwhile may be set as ``run`` if the draft says nothing of it.
        """
        if not self.quick:
            with suppress(TextError, CrossReferenceError):  # write() meets it again and says so
                self._begin(self._target(self.run.draft_name, "docx"), self.draft, report=False)

    def write(
        self,
        formats: Sequence[str],
        *,
        papers: Sequence[str] | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Write the draft in some formats and the 编制说明 in the same or in others.

        Word files are laid out meanwhile.

        Raises OutputError if a file cannot or may not be written. A text that cannot be composed is in ``said``.

        ``formats``, ``papers``: words of :data:`FORMATS` for the draft and for the 编制说明.
        ``progress``: called with the name of each step.
        """
        from drafting.publishing.outputs import permit, staged

        permit(self.run)
        papers = formats if papers is None else papers
        if self.stage is not None:
            self._write_all(formats, papers, progress)
            return
        before = len(self.written)
        try:
            with staged(self.run) as stage:
                self.stage = stage
                self._write_all(formats, papers, progress)
        finally:
            self.stage = None
        self.written[before:] = map(stage.landed, self.written[before:])
        self.said += stage.findings

    def _write_all(self, formats: Sequence[str], papers: Sequence[str], progress: Callable[[str], None]) -> None:
        before = len(self.written)
        try:
            for form in sorted(formats, key="docx".__ne__):
                progress(f"输出 {form}")
                self._write(self._target(self.run.draft_name, form), form, self.draft, report=False)
            for form in sorted(papers, key="docx".__ne__):
                progress(f"输出 {STATEMENT}")
                self._write(self._target(STATEMENT, form), form, self.statement(form), report=True)
                attached = self.attachment(form)
                if attached.chapters:
                    self._write(self._target(ATTACHMENT, form), form, attached, report=True)
            self._say_gaps()
        except (TextError, CrossReferenceError) as error:
            self.said.append(finding_of(error))
        self._finish()
        wanted = [self._target(self.run.draft_name, form) for form in formats]
        wanted += [self._target(paper, form) for paper in (STATEMENT, ATTACHMENT) for form in papers]
        self.written[before:] = sorted(self.written[before:], key=lambda path: wanted.index(path.name))

    def _target(self, stem: str, form: str) -> str:
        return f"{stem}{_SUFFIX[self.edition]}.{form}"

    def _write(self, target: str, form: str, document: Document, *, report: bool) -> None:
        if form == "docx":
            self._begin(target, document, report=report)
            return
        if form == "html":
            self.written.append(self._stage.last(target, self._html(document, report)))
            return
        make: Callable[[Document, bool], bytes | None] = {"md": self._markdown, "pdf": self._pdf}[form]
        content = make(document, report)
        if content is not None:
            self._save(target, content)

    @property
    def _stage(self) -> Stage:
        if self.stage is None:
            raise ValueError("files are written into a stage")
        return self.stage

    def _save(self, target: str, content: bytes) -> None:
        path = self._stage.folder / target
        with atomic(path) as partial:
            partial.write_bytes(content)
        self.written.append(path)

    def _begin(self, target: str, document: Document, *, report: bool) -> None:
        """Begin a Word file, or make it at once where nothing is to be laid out."""
        if self.quick:
            from drafting.publishing.layouts import word_file
            from drafting.render.docx.pages import Wanted

            content, missing = word_file(document, Wanted(), self.overlay.blueprint, report=report)
            self.said += styles_missing(missing)
            self._save(target, content)
        elif target not in self._begun:
            self._begun[target] = self._layouts.begin(document, report=report)

    def _finish(self) -> None:
        """Wait for the Word files that were begun and write them."""
        while self._begun:
            target, begun = next(iter(self._begun.items()))
            laid = begun.result()
            del self._begun[target]
            if laid.outcome != "measured":
                self._say(f"pages-{laid.outcome}", file=target, tables="、".join(laid.loose))
            self.said += styles_missing(laid.missing)
            self._save(target, laid.content)

    @cached_property
    def _layouts(self) -> Layouts:
        return Layouts(self.overlay.blueprint)

    def _html(self, document: Document, report: bool) -> Callable[[Standing | None], bytes]:
        """Make the page but for what it says of the files that will stand beside it."""
        from drafting.render.docx.comments import anchors_of

        internal = self.edition == "internal"
        summary = None if report else summarise(self.run)
        if summary is not None and not internal:
            facts = tuple(f for f in summary.facts if f.label != "问题")
            summary = without_names(replace(summary, facts=facts), self._net)
        subjects = () if report else ("trial", "barriers", *(("enterprises",) if internal else ()))
        charts = [image for images in self.charts(*subjects).values() for image in images] if subjects else []
        inline = anchors_of(self.run.findings, self.run.project.provenance) if internal and not report else {}
        told = remarks(self.run.findings) if internal and not report else ()
        pictures = () if report else baseline_pictures(self._drawn, self.edition)
        sources = self.sources

        def page(standing: Standing | None) -> bytes:
            notes = tuple(f.message for f in standing.of_documents.findings()) if standing is not None else ()
            said = summary if summary is None else replace(summary, notes=(*summary.notes, *notes))
            text = render_html(
                document, provenance=sources, summary=said, charts=charts, inline=inline, findings=told,
                pictures=pictures,
            )  # fmt: skip
            return text.encode("utf-8")

        return page

    def _markdown(self, document: Document, report: bool) -> bytes:
        return render_markdown(document).encode("utf-8")

    def _pdf(self, document: Document, report: bool) -> bytes | None:
        try:
            return render_pdf(document, report=report)
        except (FontError, PdfError) as error:
            self._say("pdf-failed", why=str(error))
        return None

    # --- what there is to say ---
    def _say(self, code: str, at: Cell | None = None, **values: Any) -> None:
        said = finding(code, at or Cell(), **values)
        if said not in self.said:
            self.said.append(said)

    def _say_gaps(self) -> None:
        """What only the committee can write, in the draft and in the paper."""
        known = {(f.code, f.message) for f in (*self.run.findings, *self.said)}
        found = list(gaps(self.draft))
        paper = gaps(self._words_of_statement)
        found += [finding("gap-statement", place=g.values["place"], what=g.values["what"]) for g in paper]
        self.said += [f for f in found if (f.code, f.message) not in known]

    @cached_property
    def _words_of_statement(self) -> Document:
        return self._compose_statement({})

    def _compose_statement(self, charts: Mapping[str, Sequence[Image]], *, attached: bool = False) -> Document:
        return compose_statement(
            self.printed, self.shown.results, edition=self.edition, overlay=self.overlay.folder,
            sources=self.sources, findings=self.run.findings, charts=charts, attached=attached,
            history=None if attached else self.history, date=self.date,
        )  # fmt: skip

    def _say_replaced(self, document: Document) -> None:
        internal = compose(self.inputs, self.run.results, edition="internal", overlay=self.overlay.folder)
        count = differing(internal, Redactor(Names(self.inputs), self.inputs))
        if count:
            self._say("edition-replaced", count=str(count))
