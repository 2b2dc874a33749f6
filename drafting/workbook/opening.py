"""Opening a file that may be broken or hostile: it is measured and looked through before anything is parsed."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from drafting.archives import DAMAGED
from drafting.files import MOST_RECORD, reading_reason
from drafting.inside import NotRegularError, open_regular
from drafting.workbook.limits import LIMITS, Limits, WordLimits

__all__ = ["LIMITS", "Archive", "Limits", "OpeningError", "is_encrypted", "open_archive", "read_bytes",
           "refuse_declarations", "refuse_many_cells", "unpack"]  # fmt: skip

CUSTOM_PROPERTIES = "docProps/custom.xml"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20
_HEAD = 4096
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DECLARATION = re.compile(rb"!(?:DOCTYPE|ENTITY)")  # begins with a rare byte: what is looked for first
_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_XML_SUFFIXES = (".xml", ".rels", ".vml")


class OpeningError(ValueError):
    """A file that cannot be read as a workbook.

    Attributes
    ----------
    code : str
        Code of the finding that words it.
    values : mapping
        Placeholders of the wording.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, object] = values


RECORD_LIMITS = replace(LIMITS, file_bytes=MOST_RECORD)
"""Of what stands in 记录/ as JSON and is read in our own process."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A workbook whose parts have been unpacked once under limits: the file's bytes and the XML that is looked at."""

    data: bytes
    worksheets: Mapping[str, bytes]
    parts: Mapping[str, bytes]
    """The workbook's own part, all relations, styles and custom properties."""
    workbook_part: str
    strings: tuple[bytes, ...] = ()
    """Parts of shared strings: one, in an honest workbook."""
    notes: Mapping[str, bytes] = field(default_factory=dict)
    """Parts of comments on cells, of drawings with boxes of text and pictures."""

    @property
    def unpacked(self) -> int:
        """Bytes of all worksheets."""
        return sum(map(len, self.worksheets.values()))


def read_bytes(path: Path, limits: Limits | WordLimits = LIMITS, inside: Path | None = None) -> bytes:
    """Read a file whole.

    Raises OpeningError when it is locked, gone, forbidden, empty, too large, no regular file, or behind a link.

    ``inside``: the project folder that the file stands in: below it no link or junction is followed.
    """
    try:
        with open_regular(path, inside) as file:
            size = os.fstat(file.fileno()).st_size
            if size > limits.file_bytes:
                raise OpeningError("file-too-large", size=size >> 20, limit=limits.file_bytes >> 20)
            data = file.read(size + 1)  # a file that grows meanwhile is cut off, and found damaged
    except NotRegularError as fault:
        name = path.name if inside is None else path.relative_to(inside).as_posix()
        code = {"link": "file-outside", "special": "file-special"}.get(fault.kind, "file-is-folder")
        raise OpeningError(code, file=name) from fault
    except PermissionError as fault:
        raise OpeningError("file-locked") from fault
    except OSError as fault:
        raise OpeningError("file-unreadable", reason=reading_reason(fault)) from fault
    if not data:
        raise OpeningError("file-empty")
    return data


def open_archive(data: bytes, limits: Limits = LIMITS) -> Archive:
    """Look through the parts of an .xlsx file without parsing them.

    Every part is unpacked in pieces and measured while it is unpacked; sizes stated in the archive are not believed.

    Raises OpeningError when the file is no workbook, damaged, protected, too large unpacked, or carries a document type
    or a part whose name climbs out of the archive.
    """
    if data.startswith(OLE_MAGIC):
        raise OpeningError("file-protected" if is_encrypted(data) else "file-xls")
    if not data.startswith(b"PK"):
        raise OpeningError("file-not-workbook", kind=_kind_of(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _look_through(archive, data, limits)
    except OpeningError:
        raise
    except DAMAGED as fault:
        raise OpeningError("file-damaged") from fault


def _look_through(archive: zipfile.ZipFile, data: bytes, limits: Limits) -> Archive:
    entries = archive.infolist()
    if len(entries) > limits.parts:
        raise OpeningError("file-bomb", what=f"{len(entries)} 个部件")
    worksheets: dict[str, bytes] = {}
    parts: dict[str, bytes] = {}
    notes: dict[str, bytes] = {}
    strings: list[bytes] = []
    total = 0
    names: set[str] = set()
    for entry in entries:
        name = entry.filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
            raise OpeningError("file-climbing-part", part=name)
        if name in names:
            raise OpeningError("file-damaged")
        names.add(name)
        if entry.flag_bits & 1:
            raise OpeningError("file-protected")
        content, size = unpack(archive, entry, limits, limits.total_bytes - total)
        total += size
        if content is None:
            continue
        refuse_declarations(content, name)
        if name.rpartition("/")[2].startswith(("comment", "drawing")) and name.endswith(".xml"):
            notes[name] = content  # and, whatever it is called, what it holds besides
        if name.endswith(("workbook.xml", ".xml.rels", "styles.xml")) or name == CUSTOM_PROPERTIES:
            parts[name] = content
        elif b"<sheetData" in content or b":sheetData" in content:
            worksheets[name] = content
        elif name.endswith("sharedStrings.xml") or b"sst" in content[:4096]:
            strings.append(content)
    book = next((n for n in parts if n.endswith("workbook.xml")), None)
    if book is None or "[Content_Types].xml" not in names:
        raise OpeningError("file-not-workbook", kind=_kind_of_archive(names))
    return Archive(data, worksheets, parts, book, tuple(strings), notes)


_KINDS = {
    b"%PDF": "PDF 文件", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片",
    b"II*\0": "图片", b"MM\0*": "图片",
    b"Rar!": "压缩包", b"7z\xbc\xaf": "压缩包", b"\x1f\x8b": "压缩包", b"{\\rtf": "RTF 文档",
}  # fmt: skip
_PARTS = {
    "xl/workbook.bin": "二进制工作簿（.xlsb）", "word/document.xml": "Word 文档", "ppt/presentation.xml": "演示文稿",
    "content.xml": "OpenDocument 文件（.ods 等）",
}  # fmt: skip


def _kind_of(data: bytes) -> str:
    """What a file is by its first bytes, as far as it matters for what to do with it."""
    known = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), "")
    return known or ("未知格式" if b"\0" in data[:_HEAD] else "文本（如 .csv、网页、邮件）")


def _kind_of_archive(names: Collection[str]) -> str:
    return next((kind for part, kind in _PARTS.items() if part in names), "压缩包")


def refuse_many_cells(archive: Archive, limits: Limits = LIMITS, known: Mapping[str, int] | None = None) -> None:
    """Refuse a workbook with more cells than are to be read.

    Raises OpeningError when there are too many.

    ``known``: cells of the worksheets that have been counted already, by the part's name.
    """
    counted = known or {}
    cells = sum(counted.get(n, 0) or sum(1 for _ in _CELL.finditer(xml)) for n, xml in archive.worksheets.items())
    if cells > limits.cells:
        raise OpeningError("file-bomb", what=f"{cells} 个单元格")


_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")


def is_encrypted(data: bytes) -> bool:
    """Whether an OLE file is the envelope of a document with a password."""
    return _ENCRYPTED in data


def unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits | WordLimits, left: int
) -> tuple[bytes | None, int]:
    """Unpack one part under limits; its content only if it is XML."""
    is_xml = entry.filename.lower().endswith(_XML_SUFFIXES)
    pieces: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK):
            if not size and piece.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
                is_xml = True
            size += len(piece)
            packed = max(entry.compress_size, 1)
            if size > min(limits.part_bytes, left) or (size > limits.ratio_from and size > limits.ratio * packed):
                raise OpeningError("file-bomb", what=f"部件 {entry.filename} 超过 {size >> 20} MB")
            if is_xml:
                pieces.append(piece)
    return (b"".join(pieces) if is_xml else None), size


def refuse_declarations(content: bytes, part: str) -> None:
    """Refuse a part that declares a document type, or is in an encoding that no program writes."""
    # A workbook never declares a document type; without one no entity can be defined, in or outside the file.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode()
    elif b"\0" in content[:64]:
        raise OpeningError("file-damaged")
    declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200])
    if declared and declared[1].lower() not in _ENCODINGS and not declared[1].lower().startswith(b"utf-16"):
        raise OpeningError("file-damaged")
    first = content.find(b"!")  # a single byte is found many times as fast as a pattern
    if first >= 0 and any(content[m.start() - 1 : m.start()] == b"<" for m in _DECLARATION.finditer(content, first)):
        raise OpeningError("file-doctype", part=part)
