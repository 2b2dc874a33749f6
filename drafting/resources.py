"""Finds the words, looks and examples that ship with the program: inside the wheel, or beside the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _shipped(name: str) -> Path:
    here = Path(__file__).resolve().parent
    for candidate in (here / f"_{name}", here.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the installation is incomplete: no folder {name!r} beside {here}")


def templates() -> Path:
    """Folder of templates (standard as data, texts, layouts, pages)."""
    return _shipped("templates")


def examples() -> Path:
    """Folder of example projects."""
    return _shipped("examples")
