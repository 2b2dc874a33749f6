"""New projects: an empty one prefilled from Table A.1, or the bundled example."""

from __future__ import annotations

import shutil
from pathlib import Path

from drafting.files import OutputError
from drafting.resources import examples
from drafting.workbook.headings import PROJECT_FILE

EXAMPLE = "建筑陶瓷"
"""Folder of the example that ``drafting demo`` writes: a synthetic industry."""


def new_project(folder: Path) -> Path:
    """Write an empty project into ``folder`` and return the path of its 项目.xlsx.

    Raises
    ------
    FileExistsError
        If there is a 项目.xlsx already: inputs are never replaced.
    OutputError
        If the folder cannot be written.
    """
    from drafting.workbook.project.blank import write_project

    target = folder / PROJECT_FILE
    if target.exists():
        raise FileExistsError(target)
    try:
        for name in ("判断矩阵", "德尔菲", "意见"):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, error) from error
    write_project(target)
    return target


def write_example(folder: Path) -> None:
    """Copy the bundled example into ``folder``; a file that is there already and differs is kept and is an error.

    Raises
    ------
    OutputError
        If the folder cannot be written or holds another project.
    """
    source = examples() / EXAMPLE
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        target = folder / path.relative_to(source)
        try:
            if target.exists() and target.read_bytes() != path.read_bytes():
                raise OutputError(target, FileExistsError("已有内容不同的同名文件，未改动；请换一个文件夹"))
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copyfile(path, target)
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(target, error) from error
