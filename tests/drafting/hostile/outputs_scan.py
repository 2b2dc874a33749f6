"""Looks through outputs for what acts, fetches, hides or tells: one function for every kind of file that is written."""

from __future__ import annotations

import html.parser
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from drafting.resources import templates
from drafting.workbook.contents.notes import AUTHOR

STRANGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
    "|&#(?:x(?:0*(?:[0-8bcef]|1[0-9a-f]|7f|8[0-9a-f]|9[0-9a-f]|202[a-e]|206[6-9]|200[ef]));|(?:0*(?:[0-8]|1[124-9]|2\\d|3[01]|127|823[4-8]));)",
    re.I,
)
LOCAL = re.compile(r"(?:/(?:tmp|home|root|work|Users|var|private|mnt)/|(?<![A-Za-z])[A-Za-z]:[\\/]|file:/)")
FIELDS = re.compile(r"\s*(?:PAGE|PAGEREF|REF|SEQ|TOC|TC|HYPERLINK\s+\\l)\b", re.I)
ACTING_PARTS = re.compile(
    r"vbaProject|vbaData|\.bin$|externalLink|embeddings/|activeX|ctrlProps|connections|queryTable|webextension|altChunk",
    re.I,
)
FETCHING = re.compile(
    r"WEBSERVICE|HYPERLINK\s*\(|\bRTD\s*\(|\bDDE|FILTERXML|\bIMAGE\s*\(|\bCALL\s*\(|\||\[\d+\]|EVALUATE", re.I
)


def acting(path: Path, *, private: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a file, in words; ``private`` must not stand in it."""
    return [*_name(path), *_content(path.name, path.read_bytes(), private)]


def _name(path: Path) -> Iterator[str]:
    if STRANGE.search(path.name):
        yield f"name {path.name!r}"


def _content(name: str, data: bytes, private: tuple[str, ...]) -> Iterator[str]:
    suffix = Path(name).suffix.lower()
    if suffix in (".docx", ".xlsx", ".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for part in package.namelist():
                if ACTING_PARTS.search(part):
                    yield f"part {part}"
                yield from (f"{part}: {what}" for what in _content(part, package.read(part), private))
        return
    if suffix == ".pdf":
        yield from _pdf(data)
        return
    if suffix in (".png", ".woff2", ".jpg"):
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield "no text"
        return
    if found := STRANGE.search(text):
        yield f"character {found[0]!r} after {text[max(found.start() - 30, 0) : found.start()]!r}"
    if (found := LOCAL.search(re.sub(r"https?://[^\s\"'<>]*", "", text))) is not None:
        yield f"path {text[max(found.start() - 30, 0) : found.end() + 30]!r}"
    yield from (f"tells {word}" for word in private if word in text)
    if suffix in (".xml", ".rels"):
        yield from _office(name, text)
    elif suffix == ".html":
        yield from _page(text)
    elif (suffix == ".svg" and ACTING_SVG.search(text)) or (suffix == ".md" and ACTING_MD.search(text)):
        found = (ACTING_SVG if suffix == ".svg" else ACTING_MD).search(text)
        yield f"acts or fetches {text[max(found.start() - 30, 0) : found.end() + 30]!r}" if found else "acts"


ACTING_SVG = re.compile(
    r"<script|<foreignObject|\son\w+\s*=|href\s*=\s*[\"'](?!#|data:image/)|url\(\s*[\"']?(?!#)", re.I
)
ACTING_MD = re.compile(
    r"(?<!\\)<(?:script|iframe|object|embed|img|a|svg|form)\b|(?<!\\)\]\(\s*(?!#|[^):]*\.(?:svg|png)\))\S", re.I
)


def _office(name: str, text: str) -> Iterator[str]:
    for relation in re.findall(r"<Relationship\b[^>]*>", text):
        # 检查结果.xlsx links the workbooks of its own project: a relative path, no further up than the folder.
        beside = re.search(r'Type="[^"]*/hyperlink"', relation) and re.search(r'Target="(?![/\\]|\w+:)[^"]*"', relation)
        if 'TargetMode="External"' in relation and (not beside or "/../" in relation):
            yield f"external relation {relation[:200]}"
    if re.search(r"<!DOCTYPE|<!ENTITY", text):
        yield "document type"
    if re.search(r"attachedTemplate|<w:(?:object|control|altChunk|subDoc|mailMerge)|oleObject|<ddeLink", text):
        yield "acts"
    for instruction in re.findall(r"<w:instrText[^>]*>([^<]*)<", text) + re.findall(r'w:instr="([^"]*)"', text):
        if not FIELDS.match(instruction):
            yield f"field {instruction!r}"
    for formula in re.findall(r"<(?:f|formula1?|definedName)\b[^>]*>([^<]*)<", text):
        if FETCHING.search(formula):
            yield f"formula {formula!r}"
    if name.endswith("core.xml"):
        for who in re.findall(r"<(?:dc:creator|cp:lastModifiedBy)[^>]*>([^<]*)<", text):
            if who and who not in ACCOUNTS:
                yield f"account {who!r}"


ACCOUNTS = {AUTHOR}
"""Who may stand as author: the program."""


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.scripts: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag == "script"
        if self._script:
            self.scripts.append("")
        if tag in ("iframe", "object", "embed", "form", "base", "link", "applet", "frame"):
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            value = (value or "").strip()
            if name.startswith("on") or (tag == "script" and name == "src") or name == "srcdoc":
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "action", "xlink:href", "formaction", "poster") and not re.match(
                r"#|data:(?:image|font)/", value
            ):
                self.wrong.append(f"{tag} {name}={value[:60]}")
            if name == "style" and re.search(r"url\(|expression|@import", value, re.I):
                self.wrong.append(f"{tag} style")

    def handle_data(self, data: str) -> None:
        if self._script and self.scripts:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = False


def _page(text: str) -> Iterator[str]:
    tags = _Tags()
    tags.feed(text)
    yield from tags.wrong
    ours = (templates() / "html" / "page.js").read_text("utf-8").strip()
    yield from ("script" for script in tags.scripts if script.strip() != ours)
    if re.search(r"@import|url\(\s*[\"']?(?!data:|#)", text):
        yield "fetches"


def _pdf(data: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    for number in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1):
        try:
            found = reader.get_object(number)
        except Exception:  # a number that is none
            continue
        said = str(found)
        for word in (
            "/JavaScript",
            "/JS'",
            "/Launch",
            "/SubmitForm",
            "/EmbeddedFile'",
            "/GoToR",
            "/ImportData",
            "/RichMedia",
            "'/URI'",
        ):
            if word in said:
                yield f"pdf {word}"
