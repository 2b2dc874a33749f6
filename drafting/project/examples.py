"""New projects: an empty one prefilled from Table A.1, or the bundled example."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from drafting.files import OutputError
from drafting.inside import open_regular
from drafting.keeping import Keeper
from drafting.resources import examples
from drafting.workbook.headings import PROJECT_FILE

EXAMPLE, TABLES_EXAMPLE = "建筑陶瓷", "竹质板材"
"""Folders of the examples that ``drafting demo`` writes, synthetic industries: with one table, and with two."""


def new_project(folder: Path) -> Path:
    """Write an empty project into ``folder`` and return the path of its 项目.xlsx.

    Raises FileExistsError if there is a 项目.xlsx already: inputs are never replaced; OutputError if it cannot be
    written.
    """
    from drafting.workbook.project.blank import write_project

    target, keeper = folder / PROJECT_FILE, Keeper(folder)
    if target.exists():
        raise FileExistsError(target)
    keeper.folders("判断矩阵", "德尔菲", "意见")
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / PROJECT_FILE
        write_project(made)
        if not keeper.add(PROJECT_FILE, made.read_bytes()):
            raise FileExistsError(target)
    return target


def write_example(folder: Path, name: str = EXAMPLE) -> None:
    """Copy a bundled example into ``folder``; a file that is there already and differs is kept and is an error.

    Raises OutputError if the folder cannot be written or holds another project.
    """
    source, keeper = examples() / name, Keeper(folder)
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        file = path.relative_to(source).as_posix()
        content = path.read_bytes()
        if not keeper.add(file, content) and not _same(folder, file, content):
            raise OutputError(folder / file, OSError("已有内容不同的同名文件，未改动；请换一个文件夹"))


def _same(folder: Path, name: str, content: bytes) -> bool:
    try:
        with open_regular(folder / name, folder) as file:
            return file.read() == content
    except OSError:
        return False
