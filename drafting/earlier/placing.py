"""Puts an imported edition into a new project folder; one that is there already is never written to."""

from __future__ import annotations

from pathlib import Path

from drafting.earlier.reading import NoEditionError
from drafting.earlier.system import Edition
from drafting.earlier.writing import project_bytes, report_bytes
from drafting.findings import Cell, finding
from drafting.keeping import Keeper
from drafting.workbook.headings import EARLIER_FOLDER, IMPORT_REPORT, JUDGEMENT_FOLDER, PROJECT_FILE


def refuse_taken(folder: Path, source: Path) -> None:
    """Refuse a folder that holds something.

    Raises NoEditionError if it does, or is no folder.
    """
    try:
        taken = folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir())))
    except OSError:
        taken = True
    if taken:
        raise NoEditionError((finding("import-folder-taken", Cell(), folder=str(folder), file=source.name),))


def write_edition(edition: Edition, source: Path, folder: Path) -> tuple[Path, ...]:
    """Write 项目.xlsx, the edition itself as 旧版/项目.xlsx, and 导入报告.xlsx.

    Raises NoEditionError if the folder holds something; OutputError if it cannot be written.
    """
    refuse_taken(folder, source)
    keeper = Keeper(folder)
    contents = {
        PROJECT_FILE: project_bytes(edition, source=source.name),
        f"{EARLIER_FOLDER}/{PROJECT_FILE}": project_bytes(edition, source=source.name, earlier=True),
        IMPORT_REPORT: report_bytes(edition, source=source.name),
    }
    keeper.folders(JUDGEMENT_FOLDER, "德尔菲", "意见")
    for name, content in contents.items():
        if not keeper.add(name, content):
            raise NoEditionError((finding("import-folder-taken", Cell(), folder=str(folder), file=source.name),))
    return tuple(folder / name for name in contents)
