"""Sections: cover without header and number, preliminaries with Roman page numbers, body with Arabic ones from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from drafting.render.docx.blueprint import looks
from drafting.render.docx.runs import field, run
from drafting.render.docx.styles import Blueprint
from drafting.render.docx.xml import element, twips

if TYPE_CHECKING:
    from docx.section import Section


def section(page: str, *, kind: str = "nextPage", numbers: str | None = None) -> etree._Element:
    """Make the properties of a section.

    ``page``: ``cover`` or ``body``: which margins of ``blueprint.toml``.
    ``kind``: where the section begins: ``nextPage`` or ``oddPage``.
    ``numbers``: format of the page numbers (``upperRoman``, ``decimal``), which then begin at 1.
    """
    sizes = looks()["page"]
    margins = sizes[page]
    width, height = sizes["paper_mm"]
    return element(
        "sectPr",
        element("type", val=kind),
        element("pgSz", w=twips(width), h=twips(height)),
        element(
            "pgMar",
            top=twips(margins["top_mm"]),
            right=twips(margins["right_mm"]),
            bottom=twips(margins["bottom_mm"]),
            left=twips(margins["left_mm"]),
            header=twips(margins["header_mm"]),
            footer=twips(margins["footer_mm"]),
            gutter=0,
        ),
        element("pgNumType", fmt=numbers, start=1) if numbers else None,
        element("docGrid", type="lines", linePitch=round(sizes["grid_pt"] * 20)),
    )


def headers_and_footers(where: Section, blueprint: Blueprint, words: str) -> None:
    """Put the document number into the headers and the page number into the footers, outside on odd and even pages."""
    for part, style in (
        (where.header, "标准文件_页眉奇数页"),
        (where.even_page_header, "标准文件_页眉偶数页"),
    ):
        _fill(part, _paragraph(blueprint, style, run(words)))
    for foot, style in (
        (where.footer, "标准文件_页脚奇数页"),
        (where.even_page_footer, "标准文件_页脚偶数页"),
    ):
        _fill(foot, _paragraph(blueprint, style, *field("PAGE", run("1"))))


def _paragraph(blueprint: Blueprint, style: str, *runs: etree._Element) -> etree._Element:
    properties = element("pPr", element("pStyle", val=blueprint.style(style).identifier))
    return element("p", properties, *runs)


def _fill(part: object, paragraph: etree._Element) -> None:
    part.is_linked_to_previous = False  # type: ignore[attr-defined]  # python-docx's header or footer; makes the part
    root = part._element  # type: ignore[attr-defined]
    for child in list(root):
        root.remove(child)
    root.append(paragraph)
