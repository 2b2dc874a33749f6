"""Contents and （续） without Word: the file says what LibreOffice lays out; hanging and absence are borne."""

from __future__ import annotations

import io
import re
import stat
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

pypdf = pytest.importorskip("pypdf")

from drafting.document.compose import compose  # noqa: E402 -- after the skip
from drafting.document.tree import Document, Table, blocks  # noqa: E402
from drafting.render.docx.contents import entries  # noqa: E402
from drafting.render.docx.estimate import estimated, roman  # noqa: E402
from drafting.render.docx.office import Office, OfficeError, find_office  # noqa: E402
from drafting.render.docx.pages import Laid, Render, Together, Wanted, lay_out, laying  # noqa: E402
from drafting.render.docx.writer import word_bytes  # noqa: E402
from tests.drafting.document import factory  # noqa: E402
from tests.drafting.render.numbered_by_word import text_of  # noqa: E402

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
needs_office = pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def draft() -> Document:
    return compose(factory.inputs(), factory.results())


def render(draft: Document) -> Render:
    def made(wanted: Wanted) -> tuple[bytes, tuple[str, ...]]:
        return word_bytes(draft, None, wanted.labels, wanted.breaks, final=wanted.final)

    return made


@pytest.fixture(scope="module")
def laid(draft: Document) -> Laid:
    return lay_out(draft, render(draft), find_office())


@pytest.fixture(scope="module")
def pages(laid: Laid) -> list[str]:
    office = find_office()
    assert office is not None
    reader = pypdf.PdfReader(io.BytesIO(office.to_pdf(laid.content)))
    return ["".join(p.extract_text().split()) for p in reader.pages]


def body_of(content: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read("word/document.xml"))[0]


@pytest.mark.slow
@needs_office
def test_labels_in_the_contents_equal_those_of_the_laid_out_pages(
    draft: Document, laid: Laid, pages: list[str]
) -> None:
    assert laid.outcome == "measured"
    written = {}
    for paragraph in body_of(laid.content).iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if style is not None and style.get(f"{W}val", "").lower().startswith(("toc", "gbtoc")):
            parts = re.split(r"(?=[IVX\d]+$)", text_of(paragraph), maxsplit=1)
            written[parts[0]] = parts[-1]
    listed = entries(draft)
    assert len(written) >= len(listed)
    first = next(n for n, text in enumerate(pages) if "1范围" in text and "目次" not in text)
    for entry in listed:
        label = laid.labels[entry.anchor]
        assert any(text_of_entry.startswith(entry.text) for text_of_entry in written), entry
        if label.isdecimal():
            title = "".join(entry.text.split())
            page = pages[first + int(label) - 1]
            tail = entry.text.split("\u3000")[-1]
            assert title in page or "".join(tail.split()) in page, (entry, label)


@pytest.mark.slow
@needs_office
def test_continued_stands_exactly_where_pages_break(draft: Document, laid: Laid, pages: list[str]) -> None:
    tables = {t.label: "".join(f"{t.label}{t.caption}".split()) for t in blocks(draft) if isinstance(t, Table)}
    captions = [text_of(p) for p in body_of(laid.content).iterchildren(f"{W}p") if text_of(p).endswith("（续）")]
    assert len(captions) == sum(map(len, laid.breaks.cuts.values())) > 0
    for caption in set(captions):
        label = caption.split("\u3000")[0]
        assert sum("".join(caption.split()) in page for page in pages) == captions.count(caption)
        assert label in tables
        # A continued table begins its page: only header (the number) stands above.
        for page in pages:
            if "".join(caption.split()) in page:
                assert page.index("".join(caption.split())) < 40


@pytest.mark.slow
@needs_office
def test_parts_repeat_the_head_and_merged_cells_begin_again(laid: Laid) -> None:
    for table in body_of(laid.content).iterchildren(f"{W}tbl"):
        rows = list(table.iterchildren(f"{W}tr"))
        if table.find(f"{W}tblPr/{W}tblDescription") is not None:
            continue  # a formula and its number
        head = [r for r in rows if r.find(f"{W}trPr/{W}tblHeader") is not None]
        assert head
        first = rows[len(head)]
        assert not [m for m in first.iter(f"{W}vMerge") if m.get(f"{W}val") == "continue"]


@pytest.mark.slow
@needs_office
def test_the_file_is_valid_and_the_same_every_time(draft: Document, laid: Laid, tmp_path: Path) -> None:
    from openxml_audit import OpenXmlValidator

    path = tmp_path / "laid.docx"
    path.write_bytes(laid.content)
    assert not list(OpenXmlValidator().validate(path).errors)
    assert lay_out(draft, render(draft), find_office()).content == laid.content


def test_without_it_the_contents_ask_to_be_refreshed(draft: Document) -> None:
    laid = lay_out(draft, render(draft), None)
    assert laid.outcome == "absent"
    assert laid.content == word_bytes(draft, None, None)[0]
    with zipfile.ZipFile(io.BytesIO(laid.content)) as package:
        assert b"updateFields" in package.read("word/settings.xml")


def test_one_that_hangs_is_killed_and_the_draft_comes(draft: Document, tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 300\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    started = time.monotonic()
    laid = lay_out(draft, render(draft), Office(str(program), limit=0.5))
    assert laid.outcome == "timeout"
    assert time.monotonic() - started < 30
    assert laid.content == word_bytes(draft, None, None)[0]


def test_one_that_fails_is_said(draft: Document) -> None:
    assert lay_out(draft, render(draft), Office("/bin/false")).outcome == "failed"


@pytest.mark.parametrize(("number", "word"), [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (99, "XCIX")])
def test_roman_numerals(number: int, word: str) -> None:
    assert roman(number) == word


def test_a_title_of_sixty_characters_stays_in_one_caption(draft: Document) -> None:
    long = replace(draft, cover=replace(draft.cover, title="某" * 60))
    assert "某" * 60 in text_of(body_of(word_bytes(long, None, None)[0]))


def test_where_the_second_layout_disagrees_the_table_stays_whole_and_is_named(
    draft: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version of LibreOffice half-way: rows are higher than they were measured."""
    from drafting.render.docx import pages as module

    names = module.bookmark_names(draft)
    table = next(
        n for n, t in enumerate(t for t in blocks(draft) if isinstance(t, Table)) if t.anchor == "table:system"
    )
    others = dict.fromkeys(names.values(), 2)

    def layout(height: float) -> module._Seen:
        places = {f"_HeadPlace{table}": (3, 600.0)}
        page, top = 3, 570.0
        for row in range(36):
            if top - height < 60.0:
                page, top = page + 1, 700.0
            places[f"_RowPlace{table}x{row}"] = (page, top)
            top -= height
        return module._Seen(others | {m: p for m, (p, _) in places.items()}, {m: t for m, (_, t) in places.items()})

    passes = iter([layout(20.0), layout(31.0)])
    monkeypatch.setattr(module, "_read", lambda _: next(passes))
    called: list[int] = []

    class Paper:
        version = "of this test"

        def to_pdf(self, _: bytes) -> bytes:
            called.append(1)
            return b""

    found = lay_out(draft, render(draft), Paper())  # type: ignore[arg-type]  # all that is asked of LibreOffice
    assert (found.outcome, found.loose, len(called)) == ("unsettled", ("表2",), 2)
    assert found.breaks.cuts == {}
    assert "（续）" not in text_of(body_of(found.content))
    with zipfile.ZipFile(io.BytesIO(found.content)) as package:
        assert b"updateFields" in package.read("word/settings.xml")


def test_estimated_labels_follow_the_order_of_the_parts(draft: Document) -> None:
    labels = estimated(draft)
    listed = entries(draft)
    pages = [int(labels[e.anchor]) for e in listed if labels[e.anchor].isdecimal()]
    assert pages == sorted(pages)
    assert pages[0] == 1
    assert [labels[e.anchor] for e in listed if not labels[e.anchor].isdecimal()] == ["II"]
    assert all(e.anchor in labels for e in listed)


@pytest.mark.slow
@needs_office
def test_estimated_labels_are_off_by_little(draft: Document, laid: Laid) -> None:
    guessed = estimated(draft)
    off = [abs(int(laid.labels[a]) - int(guessed[a])) for a in guessed if guessed[a].isdecimal()]
    assert max(off) <= 2


def test_a_layout_is_known_again_where_only_figures_are_others(draft: Document) -> None:
    """All figures are equally wide: a changed weight asks for no new layout unless a number grows longer."""
    from drafting.render.docx.copies import edited

    content, _ = word_bytes(draft)

    def copy(change: str) -> bytes:
        def replaced(body: etree._Element) -> None:
            for words in body.iter(f"{W}t"):
                words.text = re.sub(r"[0-9]", change, words.text or "")

        return edited(content, replaced)

    assert re.search("[1-9]", text_of(body_of(content)))
    assert copy("7") == copy("4")
    assert copy("77") != copy("7")


def test_a_layout_with_other_fonts_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A font that was installed since lets lines break elsewhere: what was kept before does not count."""
    from drafting.fonts import installed_fonts
    from drafting.render.docx import pages as module

    folder = tmp_path / "fonts" / "truetype"
    folder.mkdir(parents=True)
    seen = [installed_fonts((str(tmp_path / "fonts"), str(tmp_path / "absent")))]
    for name, content in (("simsun.ttc", b"1"), ("simsun.ttc", b"other"), ("simhei.ttf", b"1")):
        (folder / name).write_bytes(content)
        installed_fonts.cache_clear()
        seen.append(installed_fonts((str(tmp_path / "fonts"), str(tmp_path / "absent"))))
    assert len(set(seen)) == 4
    asked: list[bytes] = []

    class Paper:
        version = "of this test"

        def to_pdf(self, content: bytes) -> bytes:
            asked.append(content)
            return b""

    monkeypatch.setenv("DRAFTING_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(module, "_read", lambda _: module._Seen({}, {}))
    for fonts in (seen[0], seen[0], seen[1], seen[1]):
        monkeypatch.setattr(module, "installed_fonts", lambda fonts=fonts: fonts)
        module._seen_in(Paper(), [b"a copy"])  # type: ignore[arg-type]  # all that is asked of LibreOffice
    assert len(asked) == 2


def test_documents_that_wait_share_a_start_and_one_that_is_not_given_is_tried_alone(draft: Document) -> None:
    """Six starts of LibreOffice for three documents were a fifth of a build."""
    asked: list[int] = []

    class Paper:
        version = "of this test"

        def to_pdfs(self, contents: list[bytes]) -> list[bytes | None]:
            asked.append(len(contents))
            return [None for _ in contents]

        def to_pdf(self, _: bytes) -> bytes:
            asked.append(1)
            raise OfficeError("failed")

    together = Together(Paper())  # type: ignore[arg-type]  # all that is asked of LibreOffice
    for title in ("甲行业清洁生产评价指标体系", "乙行业清洁生产评价指标体系"):
        other = replace(draft, cover=replace(draft.cover, title=title))
        together.take(laying(other, render(other)))
    assert [laid.outcome for _, laid in together.step()] == ["failed", "failed"]
    assert asked == [2, 1, 1]
    assert not together
