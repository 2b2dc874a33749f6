"""Builds the blueprint: the empty .docx with our styles and automatic numbering that every draft is written into.

It is built from ``templates/docx/blueprint.toml`` and stored beside it as ``blueprint.docx``, the same bytes every
time; ``python -m drafting.render.docx.blueprint`` writes it anew. A committee may hand in its own file instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from drafting.render.docx.package import write_package
from drafting.render.docx.xml import HAN, element, printable, tag, twips
from drafting.resources import templates

STORED = "docx/blueprint.docx"
_PARAGRAPH_PROPERTIES = (
    "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr", "pBdr", "tabs",
    "autoSpaceDE", "autoSpaceDN", "snapToGrid", "spacing", "ind", "jc", "outlineLvl",
)  # fmt: skip
_FONTS = {"song": ("Times New Roman", "宋体"), "hei": ("黑体", "黑体")}
_LINE = 312
"""One line of the grid in twips."""


@cache
def looks() -> Mapping[str, Any]:
    """Read ``blueprint.toml``."""
    return tomllib.loads((templates() / "docx" / "blueprint.toml").read_text("utf-8"))


def stored() -> Path:
    """Path of the blueprint that ships with the program."""
    return templates() / STORED


def type_width() -> int:
    """Width of the type area of the body in twips."""
    page = looks()["page"]
    return twips(page["paper_mm"][0]) - twips(page["body"]["left_mm"]) - twips(page["body"]["right_mm"])


# --- styles -----------------------------------------------------------------------------------------------------------
def _styles() -> etree._Element:
    root = element("styles")
    latin, han = _FONTS["song"]
    root.append(
        element(
            "docDefaults",
            element(
                "rPrDefault",
                element(
                    "rPr",
                    element("rFonts", ascii=latin, hAnsi=latin, eastAsia=han, cs=latin),
                    element("kern", val=2),
                    element("sz", val=21),
                    element("szCs", val=21),
                    element("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA"),
                ),
            ),
            element("pPrDefault"),
        )
    )
    normal = element("style", element("name", val="Normal"), element("qFormat"), type="paragraph", styleId="Normal")
    normal.set(tag("default"), "1")
    normal.append(element("pPr", element("jc", val="both")))
    root.append(normal)
    character = element("style", element("name", val="Default Paragraph Font"), type="character", styleId="DefaultFont")
    character.set(tag("default"), "1")
    character.append(element("semiHidden"))
    root.append(character)
    root.append(_default_table())
    no_list = element(
        "style", element("name", val="No List"), element("semiHidden"), type="numbering", styleId="NoList"
    )
    no_list.set(tag("default"), "1")
    root.append(no_list)
    identifiers = {s["name"]: s["id"] for s in looks()["style"]}
    lists = {row["name"]: i for i, row in enumerate(looks()["list"], 1)}
    for style in looks()["style"]:
        root.append(_style(style, identifiers, lists))
    return root


def _default_table() -> etree._Element:
    margins = element(
        "tblCellMar", *(element(side, w=57 if side in ("left", "right") else 0, type="dxa") for side in _SIDES)
    )
    made = element(
        "style",
        element("name", val="Normal Table"),
        element("semiHidden"),
        element("tblPr", element("tblInd", w=0, type="dxa"), margins),
        type="table",
        styleId="NormalTable",
    )
    made.set(tag("default"), "1")
    return made


_SIDES = ("top", "left", "bottom", "right")


def _style(style: Mapping[str, Any], identifiers: Mapping[str, str], lists: Mapping[str, int]) -> etree._Element:
    custom = None if style["name"].startswith("toc") else 1
    return element(
        "style",
        element("name", val=style["name"]),
        element("basedOn", val=identifiers.get(style.get("based", ""), "Normal")),
        element("next", val=identifiers[style["next"]]) if "next" in style else None,
        element("qFormat") if custom else None,
        _paragraph_properties(style, lists),
        _run_properties(style),
        type="paragraph",
        customStyle=custom,
        styleId=style["id"],
    )


def _paragraph_properties(style: Mapping[str, Any], lists: Mapping[str, int]) -> etree._Element:
    found: dict[str, etree._Element] = {}
    if style.get("keep_next"):
        found["keepNext"] = element("keepNext")
    if style.get("page_break"):
        found["pageBreakBefore"] = element("pageBreakBefore")
    if frame := style.get("frame"):
        found["framePr"] = frame_properties(**frame)
        found["widowControl"] = element("widowControl", val=0)
    if "list" in style:
        level = element("ilvl", val=style["level"]) if style["level"] else None
        found["numPr"] = element("numPr", level, element("numId", val=lists[style["list"]]))
    if style.get("rule"):
        thick = looks()["lines"]["thick_eighths"]
        found["pBdr"] = element("pBdr", element("top", val="single", sz=thick, space=0, color="auto"))
    if "leader" in style:
        found["tabs"] = _tabs(style)
    if style.get("autospace") is False:
        found |= {name: element(name, val=0) for name in ("autoSpaceDE", "autoSpaceDN")}
    if style.get("grid") is False:
        found["snapToGrid"] = element("snapToGrid", val=0)
    found["spacing"] = _spacing(style)
    if (indent := _indent(style)) is not None:
        found["ind"] = indent
    if "align" in style:
        found["jc"] = element("jc", val=style["align"])
    if "outline" in style:
        found["outlineLvl"] = element("outlineLvl", val=style["outline"])
    return element("pPr", *(found.get(name) for name in _PARAGRAPH_PROPERTIES))


def frame_properties(x_mm: float, y_mm: float, w_mm: float) -> etree._Element:
    """Place a text frame on the page, measured from the paper's upper left corner."""
    return element(
        "framePr", w=twips(w_mm), hSpace=0, wrap="around", vAnchor="page", hAnchor="page", x=twips(x_mm), y=twips(y_mm)
    )


def _tabs(style: Mapping[str, Any]) -> etree._Element:
    width = type_width()
    centre = element("tab", val="center", pos=width // 2) if style.get("centre") else None
    return element("tabs", centre, element("tab", val="right", leader=style["leader"], pos=width))


def _spacing(style: Mapping[str, Any]) -> etree._Element:
    values: dict[str, object] = {}
    for side in ("before", "after"):
        if side in style:
            values |= {f"{side}Lines": round(style[side] * 100), side: round(style[side] * _LINE)}
        elif f"{side}_twips" in style:
            values[side] = style[f"{side}_twips"]
    if "line_pt" in style:
        values |= {"line": round(style["line_pt"] * 20), "lineRule": "exact"}
    return element("spacing", **values)


def _indent(style: Mapping[str, Any]) -> etree._Element | None:
    values: dict[str, object] = {}
    for key, attribute in (("left", "left"), ("hanging", "hanging"), ("first", "firstLine")):
        if key in style:
            values |= {f"{attribute}Chars": round(style[key] * 100), attribute: round(style[key] * HAN)}
        elif f"{key}_twips" in style:
            values[attribute] = style[f"{key}_twips"]
    return element("ind", **values) if values else None


def _run_properties(style: Mapping[str, Any]) -> etree._Element:
    size = round(style.get("size", 10.5) * 2)
    latin, han = _FONTS[style.get("face", "song")]
    return element(
        "rPr",
        element("rFonts", ascii=latin, hAnsi=latin, eastAsia=han),
        element("b") if style.get("bold") else None,
        element("sz", val=size),
        element("szCs", val=size),
    )


# --- numbering --------------------------------------------------------------------------------------------------------
def _numbering() -> etree._Element:
    root = element("numbering")
    owners = {(s["list"], s["level"]): s["id"] for s in reversed(looks()["style"]) if "list" in s}
    for identifier, row in enumerate(looks()["list"], 1):
        multi = "multilevel" if len(row["levels"]) > 1 else "singleLevel"
        levels = (
            _level(position, level, owners.get((row["name"], position))) for position, level in enumerate(row["levels"])
        )
        root.append(
            element(
                "abstractNum",
                element("nsid", val=f"{0x43329000 + identifier:08X}"),
                element("multiLevelType", val=multi),
                *levels,
                abstractNumId=identifier,
            )
        )
    for identifier in range(1, len(looks()["list"]) + 1):
        root.append(element("num", element("abstractNumId", val=identifier), numId=identifier))
    return root


def _level(position: int, level: Mapping[str, Any], owner: str | None) -> etree._Element:
    fonts = None
    if "face" in level:
        latin, han = _FONTS[level["face"]]
        fonts = element("rPr", element("rFonts", ascii=latin, hAnsi=latin, eastAsia=han))
    elif level.get("format") in ("bullet", "none"):
        fonts = element("rPr", element("rFonts", ascii="宋体", hAnsi="宋体", eastAsia="宋体"))
    if level.get("unseen"):
        fonts = element("rPr", element("color", val="FFFFFF"), element("sz", val=2), element("szCs", val=2))
    return element(
        "lvl",
        element("start", val=1),
        element("numFmt", val=level.get("format", "decimal")),
        element("pStyle", val=owner) if owner else None,
        element("suff", val="tab" if level.get("tab") else "nothing"),
        element("lvlText", val=level["text"]),
        element("lvlJc", val="left"),
        fonts,
        ilvl=position,
    )


# --- the package ------------------------------------------------------------------------------------------------------
def _settings() -> etree._Element:
    return element(
        "settings",
        element("zoom", percent=100),
        element("mirrorMargins"),
        element("bordersDoNotSurroundHeader"),
        element("bordersDoNotSurroundFooter"),
        element("defaultTabStop", val=420),
        element("evenAndOddHeaders"),
        element("drawingGridVerticalSpacing", val=156),
        element("characterSpacingControl", val="compressPunctuation"),
        element(
            "compat",
            element("spaceForUL"),
            element("balanceSingleByteDoubleByteWidth"),
            element("doNotLeaveBackslashAlone"),
            element("ulTrailSpace"),
            element("adjustLineHeightInTable"),
            element("useFELayout"),
            element("compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val=15),
        ),
        element("themeFontLang", val="en-US", eastAsia="zh-CN"),
    )


def _fonts() -> etree._Element:
    def font(name: str, family: str, charset: str, alternative: str | None) -> etree._Element:
        return element(
            "font",
            element("altName", val=alternative) if alternative else None,
            element("charset", val=charset),
            element("family", val=family),
            name=name,
        )

    return element(
        "fonts",
        font("Times New Roman", "roman", "00", None),
        font("宋体", "auto", "86", "SimSun"),
        font("黑体", "modern", "86", "SimHei"),
        font("Cambria Math", "roman", "00", None),
    )


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def build() -> bytes:
    """Build the blueprint; the same looks give the same bytes."""
    parts = {
        "styles": _styles(),
        "numbering": _numbering(),
        "settings": _settings(),
        "fontTable": _fonts(),
    }
    document = element("document", element("body", element("p"), element("sectPr")))
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPES}.{name}+xml"/>' for name in sorted(parts)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for i, name in enumerate(sorted((*parts, "theme")), 1)
    )
    files = {
        "[Content_Types].xml": _xml(
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_TYPES}.document.main+xml"/>{overrides}'
            '<Override PartName="/word/theme.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/>'
            '<Override PartName="/docProps/app.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>'
            '<Override PartName="/docProps/core.xml"'
            ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
        ),
        "_rels/.rels": _relationships(
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
            '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/'
            'core-properties" Target="docProps/core.xml"/>'
            f'<Relationship Id="rId3" Type="{_OFFICE}/extended-properties" Target="docProps/app.xml"/>'
        ),
        "docProps/app.xml": extended_properties(""),
        "docProps/core.xml": _xml(
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:language>zh-CN</dc:language></cp:coreProperties>'
        ),
        "word/document.xml": _serialise(document),
        "word/theme.xml": (templates() / "docx" / "theme.xml").read_bytes(),
        "word/_rels/document.xml.rels": _relationships(links),
        **{f"word/{name}.xml": _serialise(root) for name, root in sorted(parts.items())},
    }
    return write_package(files)


def extended_properties(company: str) -> bytes:
    """Make the part that names the organisation a file belongs to."""
    return _xml(
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Company>{escape(printable(company))}</Company></Properties>"
    )


def _serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _xml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{body}'.encode()


def _relationships(links: str) -> bytes:
    return _xml(
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )


if __name__ == "__main__":
    stored().write_bytes(build())
