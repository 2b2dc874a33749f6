"""Files that lie in a project but are not read: probable copies, other formats, folders where files should lie."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from drafting.files import readable
from drafting.findings import Cell, Finding, finding
from drafting.workbook.headings import (
    COMMENT_FOLDER,
    COMMENT_SUFFIXES,
    DELPHI_FOLDER,
    EARLIER_FOLDER,
    ENTERPRISE_FOLDER,
    IMPORT_REPORT,
    JUDGEMENT_FOLDER,
    LOCK_PREFIX,
    PROJECT_FILE,
    RATING_FOLDER,
    RECORD_FOLDER,
    RESULT_FOLDER,
    SURVEY_STEM,
    SURVEY_SUFFIXES,
)

_TABLES = (".xlsx", ".xlsm", ".xlsb", ".xltx", ".xls", ".xlt", ".et", ".ett", ".ods", ".csv", ".tsv", ".parquet")
"""Endings of files that may hold what the committee believes to be read."""
_DOCUMENTS = (".docx", ".doc", ".wps", ".pdf", ".odt", ".txt", ".eml", ".msg", ".zip", ".rar", ".7z")
"""Further endings in which comments are sent."""
_READ = (
    JUDGEMENT_FOLDER, DELPHI_FOLDER, RATING_FOLDER, ENTERPRISE_FOLDER, COMMENT_FOLDER, RECORD_FOLDER, RESULT_FOLDER,
    EARLIER_FOLDER,
)  # fmt: skip
_COMMON = (COMMENT_FOLDER, RECORD_FOLDER, RESULT_FOLDER, EARLIER_FOLDER)
"""Words that other folders' names hold as well (征求意见稿): only where the name begins so."""
_CLASSIFICATION = "国民经济行业分类"
_PROJECT_STEM = PROJECT_FILE.rpartition(".")[0]
_FORMATS = {_PROJECT_STEM: ".xlsx", SURVEY_STEM: ".xlsx、.csv 或 .parquet"}
# 项目 (2), 项目 - 副本, 副本项目, 项目_最终版, 项目v3, 项目20240601, Copy of 项目
_COPY_MARKS = re.compile(
    r"\(\d+\)|的?副本|备份|拷贝|复件|copyof|copy|backup|bak|最终[版稿]?|终稿|定稿|最新版?|新版?|旧版?|修改[稿版]?|改[稿版]?|原[稿版]?"
    r"|v\d+(\.\d+)*|第?\d+[版稿次]|\d{2,8}|[-_.~·\s\d]+",
    re.IGNORECASE,
)


def is_copy(stem: str, of: str) -> bool:
    """Whether a file's name without its ending is that of another plus marks of a copy."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", stem))
    return of in folded and not _COPY_MARKS.sub("", folded.replace(of, "", 1)).strip("()[]【】")


def strays(folder: Path) -> list[Finding]:
    """Name the files that are not read: beside 项目.xlsx, in 意见 and 企业调查表 (experts' folders: not here)."""
    comments = _among(folder / COMMENT_FOLDER, COMMENT_SUFFIXES)
    return [*_beside(folder), *comments, *_among(folder / ENTERPRISE_FOLDER, (".xlsx",))]


def _beside(folder: Path) -> Iterator[Finding]:
    for path in _listed(folder, text=False):
        yield finding("file-misnamed", Cell(), file=readable(path.name))
    files = _listed(folder)
    yield from _folders([path for path in files if path.is_dir()])
    taken = {PROJECT_FILE, IMPORT_REPORT, *(f"{SURVEY_STEM}{suffix}" for suffix in SURVEY_SUFFIXES)}
    for path in files:
        suffix = path.suffix.lower()
        if path.is_dir() or path.name in taken or suffix not in _TABLES or path.stem == _CLASSIFICATION:
            continue
        if path.stem in _FORMATS:
            yield finding("file-unexpected", Cell(path.name), file=path.name, wanted=_FORMATS[path.stem])
        elif is_copy(path.stem, _PROJECT_STEM):
            yield finding("file-copy", Cell(path.name), file=path.name, wanted=PROJECT_FILE)
        elif is_copy(path.stem, SURVEY_STEM):
            wanted = SURVEY_STEM + (suffix if suffix in SURVEY_SUFFIXES else SURVEY_SUFFIXES[0])
            yield finding("file-copy", Cell(path.name), file=path.name, wanted=wanted)
        else:
            yield finding("file-not-read", Cell(path.name), file=path.name)


def _folders(found: Sequence[Path]) -> Iterator[Finding]:
    """Folders with tables that are none of the project's: 判断矩阵（回收） holds answers that nobody counts."""
    for path in found:
        held = [p for p in _listed(path) if p.suffix.lower() in (*_TABLES, *_DOCUMENTS) and p.is_file()]
        if path.name in _READ or not held:
            continue
        folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", path.name))
        meant = next((name for name in _READ if name in folded and name not in _COMMON), "")
        meant = meant or next((name for name in _COMMON if folded.startswith(name)), "")
        if meant:
            place = Cell(path.name)
            yield finding("folder-misnamed", place, folder=path.name, count=len(held), wanted=meant)
        elif tables := [p for p in held if p.suffix.lower() in _TABLES]:
            yield finding("folder-apart", Cell(path.name), folder=path.name, count=len(tables))


def _among(folder: Path, read: Sequence[str]) -> Iterator[Finding]:
    for path in _listed(folder):
        name = f"{folder.name}/{path.name}"
        if path.is_dir():
            count = sum(1 for p in path.rglob("*") if p.is_file())
            if count:
                yield finding("folder-not-read", Cell(name), folder=name, count=count, within=folder.name)
        elif path.suffix.lower() not in read and path.suffix.lower() in (*_TABLES, *_DOCUMENTS):
            yield finding("file-unexpected", Cell(name), file=name, wanted=" 或 ".join(read))


def _listed(folder: Path, text: bool = True) -> Sequence[Path]:
    """What stands in a folder under a name that is text, or is none."""
    if not folder.is_dir():
        return ()
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return ()
    own = [p for p in found if not p.name.startswith((LOCK_PREFIX, "."))]
    return [p for p in own if (readable(p.name) == p.name) is text]
