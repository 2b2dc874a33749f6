"""The Word draft: the document tree written into a blueprint .docx."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from drafting.document.tree import Document

__all__ = ["render_docx"]


def render_docx(
    document: Document,
    target: Path | str | BinaryIO,
    blueprint: Path | None = None,
    *,
    pages: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Write a draft as .docx: the same tree and blueprint give the same bytes.

    ``document``: the composed tree.
    ``target``: a path or an open binary file.
    ``blueprint``: a committee's .docx with the 标准文件_… styles; ours if not given.
    ``pages``: page labels by anchor for the contents. Without them the contents refresh when Word opens the file.
    Returns names of styles that the blueprint lacks; Normal stood in for them.
    """
    from drafting.render.docx.writer import write_word

    return write_word(document, target, blueprint, pages)
