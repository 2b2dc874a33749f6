"""Where the input files of a project go: a fixed slot for each kind, and what may go into it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from drafting.archives import DAMAGED
from drafting.files import file_stem
from drafting.findings import Cell
from drafting.inside import opened
from drafting.workbook import headings as h
from drafting.workbook.opening import LIMITS, OpeningError, open_archive
from drafting.workbook.report import worded

_XLSX = (".xlsx",)
_MACROS = re.compile(r"vbaproject|macrosheets/|activex/", re.IGNORECASE)
_ROUNDED = re.compile(r"(delphi|ratings)-([1-9][0-9]?)")
_SAMPLE = 1 << 16
_TYPES = "[Content_Types].xml"


class UploadError(ValueError):
    """A file that is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Present:
    """A file that stands in a slot."""

    name: str
    """Its path in the project."""
    bytes: int
    changed: float
    open: bool = False
    """Whether Excel has it open."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for input files.

    Attributes
    ----------
    key : str
        Its name in addresses.
    title, purpose : str
        For people.
    folder : str
        Folder in the project; empty for a single file right in it.
    stem : str
        Name of the single file without its ending; empty where the slot takes many files under their own names.
    suffixes : tuple of str
        Endings that may be taken.
    """

    key: str
    title: str
    purpose: str
    folder: str = ""
    stem: str = ""
    suffixes: tuple[str, ...] = _XLSX
    present: tuple[Present, ...] = ()

    @property
    def many(self) -> bool:
        """Whether it takes many files."""
        return not self.stem

    @property
    def accept(self) -> str:
        """Endings as a file field wants them."""
        return ",".join(self.suffixes)

    def target(self, filename: str, content: bytes) -> str:
        """Look a file over and say under which path it goes into the project.

        A returned 企业调查表 is called by its enterprise: all of them come back under the name they were sent out with.

        Raises UploadError if it may not go there.
        """
        last = PurePosixPath(filename.replace("\\", "/")).name
        suffix = checked(last, content, self.suffixes)
        own = _sender(content) if self.folder == h.ENTERPRISE_FOLDER else ""
        stem = self.stem or file_stem(own or last.rsplit(".", 1)[0], "文件")
        return "/".join(part for part in (self.folder, stem + suffix) if part)


def slots(folder: Path, delphi: bool = True, ratings: bool = True) -> tuple[Slot, ...]:
    """Give the slots of a project with what stands in them.

    ``delphi``, ``ratings``: whether slots for these rounds are given although no file stands in them yet.
    """
    found = [_PROJECT, _SURVEY, _FORMS, _JUDGEMENTS]
    for kind, wanted in (("delphi", delphi), ("ratings", ratings)):
        rounds = _rounds(folder, kind)
        found += [_round(kind, n) for n in rounds]
        if wanted:
            found.append(_round(kind, max(rounds, default=0) + 1))
    return tuple(_filled(folder, slot) for slot in (*found, _OPINIONS))


def slot_of(folder: Path, key: str) -> Slot | None:
    """The slot of a name; None if there is none."""
    fixed = {s.key: s for s in (_PROJECT, _SURVEY, _FORMS, _JUDGEMENTS, _OPINIONS)}
    match = _ROUNDED.fullmatch(key)
    slot = fixed.get(key) or (_round(match[1], int(match[2])) if match else None)
    return None if slot is None else _filled(folder, slot)


_PROJECT = Slot("project", "项目.xlsx", "指标、权重设置、基准值来源、文字。其他文件都按它来读。", stem="项目")
_SURVEY = Slot(
    "survey", "调研数据", "一行一家企业，一列一项指标；也可以是 .csv 或 .parquet。", stem=h.SURVEY_STEM,
    suffixes=h.SURVEY_SUFFIXES,
)  # fmt: skip
_FORMS = Slot(
    "forms",
    "企业调查表",
    "收回的企业调查表，一家企业一个文件，可以一次选多个；每份成为调研数据的一行。",
    h.ENTERPRISE_FOLDER,
)
_JUDGEMENTS = Slot(
    "judgements", "判断矩阵", "收回的层次分析问卷，一位专家一个文件，可以一次选多个。", h.JUDGEMENT_FOLDER
)
_OPINIONS = Slot(
    "opinions", "意见", "收回的征求意见表（Excel 或 Word），一个单位一个文件，可以一次选多个。", h.COMMENT_FOLDER,
    suffixes=h.COMMENT_SUFFIXES,
)  # fmt: skip
_KINDS = {
    "delphi": (h.DELPHI_FOLDER, "德尔菲", "收回的权重咨询问卷，一位专家一个文件。"),
    "ratings": (h.RATING_FOLDER, "重要性评分", "收回的重要性评分问卷，一位专家一个文件。"),
}


def _round(kind: str, number: int) -> Slot:
    folder, title, purpose = _KINDS[kind]
    where = f"{folder}/{h.ROUND_FOLDER.format(number=number)}"
    return Slot(f"{kind}-{number}", f"{title} 第 {number} 轮", purpose, where)


def _rounds(folder: Path, kind: str) -> list[int]:
    with suppress(OSError), opened(folder, (_KINDS[kind][0],)) as inner:
        return sorted({n for name in inner.names() if (n := h.round_number(name)) is not None and n < 100})
    return []


def _filled(folder: Path, slot: Slot) -> Slot:
    return replace(slot, present=tuple(_present(folder, slot)))


def _present(root: Path, slot: Slot) -> Iterator[Present]:
    parts = PurePosixPath(slot.folder).parts
    with suppress(OSError), opened(root, parts) as folder:
        names = folder.names()
        for name in names:
            path = PurePosixPath(name)
            if name.startswith((".", h.LOCK_PREFIX)) or path.suffix.lower() not in slot.suffixes:
                continue
            if (slot.stem and path.stem != slot.stem) or folder.kind(name) != "file":
                continue
            stat = os.stat(folder.path / name, follow_symlinks=False)
            open_there = h.LOCK_PREFIX + name in names
            yield Present("/".join((*parts, name)), stat.st_size, stat.st_mtime, open_there)


def _sender(content: bytes) -> str:
    from drafting.workbook.enterprise.reading import sender

    return sender(content)


def checked(name: str, content: bytes, suffixes: Sequence[str]) -> str:
    """The ending that the content has; what a name says of it does not count."""
    if not content:
        raise UploadError(f"“{name}”是空文件。请确认它已从网盘下载到本机，再重新选择。")
    if content.startswith(b"PAR1"):
        found = ".parquet"
    elif content.startswith(b"PK") and ".docx" in suffixes and _is_word(content):
        found = ".docx"
        _check_parts(name, content)
    elif content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        found = ".xlsx"
        _check_workbook(name, content)
    else:
        found = ".csv" if _is_text(content) else ""
    if found not in suffixes:
        kinds = "、".join(suffixes)
        raise UploadError(f"“{name}”不是这里能用的文件（{kinds}）。请在 Excel 中另存为“Excel 工作簿（.xlsx）”再上传。")
    return found


def _check_workbook(name: str, content: bytes) -> None:
    if len(content) > LIMITS.file_bytes:
        raise UploadError(f"“{name}”超过 {LIMITS.file_bytes >> 20} MB。请删去无关的工作表和图片后再上传。")
    try:
        open_archive(content)
    except OpeningError as fault:
        said = worded(fault, Cell(name))
        raise UploadError(f"“{name}”：{said.message}{said.remedy}") from fault
    _check_parts(name, content)


def _is_word(content: bytes) -> bool:
    with suppress(*DAMAGED), zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "word/document.xml" in archive.namelist()
    return False


def _check_parts(name: str, content: bytes) -> None:
    """Refuse what may act; a Word file is unpacked when it is read, in a process of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            kinds, parts = b"", archive.namelist()
            if _TYPES in parts:
                with archive.open(_TYPES) as part:
                    kinds = part.read(_SAMPLE << 4)  # of an archive that has not been unpacked yet
    except DAMAGED as fault:
        raise UploadError(f"“{name}”已损坏，没有采用。请在 Excel 或 Word 中另存后再上传。") from fault
    if b"macroEnabled" in kinds or any(_MACROS.search(part) for part in parts):
        raise UploadError(f"“{name}”带有宏或控件，没有采用。请在 Excel 或 Word 中另存为不带宏的文件再上传。")


def _is_text(content: bytes) -> bool:
    sample = content[:_SAMPLE]
    return sample.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in sample
