"""Which folder a path means: people point at the project folder, or at a workbook or a record inside it."""

from __future__ import annotations

from pathlib import Path

from drafting.workbook.headings import PROJECT_FILE, RESULT_FOLDER, SURVEY_STEM, SURVEY_SUFFIXES

_OWN_FILES = {PROJECT_FILE, *(f"{SURVEY_STEM}{suffix}" for suffix in SURVEY_SUFFIXES)}
RECORD = "结果.json"


def project_folder(path: Path) -> Path:
    """The project folder that is meant: of 项目.xlsx or 调研数据 the folder that holds it, else the path itself."""
    return path.parent if path.name in _OWN_FILES and path.is_file() else path


def record_file(path: Path) -> Path:
    """The record that is meant: of a folder its 结果.json or that in its 成果/, else the path itself."""
    folder = project_folder(path)
    if not folder.is_dir():
        return path
    own = folder / RECORD
    return own if own.is_file() else folder / RESULT_FOLDER / RECORD
