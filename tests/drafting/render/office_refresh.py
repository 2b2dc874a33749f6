"""Lets LibreOffice refresh fields and contents of a .docx, as Word does with Ctrl+A and F9, and reads the result."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

from lxml import etree

from drafting.render.docx.office import find_program

_MACRO = """
Sub Main(source As String, target As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  document.getTextFields().refresh()
  indexes = document.getDocumentIndexes()
  For i = 0 To indexes.getCount() - 1
    indexes.getByIndex(i).update()
  Next
  document.getTextFields().refresh()
  document.storeToURL(target &amp; ".odt", Array())
  Dim filter(0) As New com.sun.star.beans.PropertyValue
  filter(0).Name = "FilterName"
  filter(0).Value = "writer_pdf_Export"
  document.storeToURL(target &amp; ".pdf", filter())
  document.close(True)
End Sub
"""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BASIC = "//OpenOffice.org//DTD OfficeDocument 1.0//EN"
_LIBRARY = 'xmlns:library="http://openoffice.org/2000/library"'
T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def refreshed(source: Path) -> tuple[Path, Path]:
    """Refresh a .docx; give it as .odt and as .pdf."""
    program = find_program()
    assert program is not None
    profile, target = source.parent / "profile", source.with_name(f"{source.stem}-refreshed")
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    # The first start makes the profile; the macro is put into it afterwards.
    subprocess.run([*command, "--terminate_after_init"], capture_output=True, check=False, timeout=120)
    folder = profile / "user" / "basic" / "Standard"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Refresh.xba").write_text(
        f'{_HEAD}<!DOCTYPE script:module PUBLIC "-{_BASIC}" "module.dtd">\n'
        '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Refresh"'
        f' script:language="StarBasic">{_MACRO}</script:module>',
        "utf-8",
    )
    (folder / "script.xlb").write_text(
        f'{_HEAD}<!DOCTYPE library:library PUBLIC "-{_BASIC}" "library.dtd">\n'
        f'<library:library {_LIBRARY} library:name="Standard" library:readonly="false"'
        ' library:passwordprotected="false"><library:element library:name="Refresh"/></library:library>',
        "utf-8",
    )
    (folder / "dialog.xlb").write_text(
        f'{_HEAD}<!DOCTYPE library:library PUBLIC "-{_BASIC}" "library.dtd">\n'
        f'<library:library {_LIBRARY} library:name="Standard" library:readonly="false"'
        ' library:passwordprotected="false"/>',
        "utf-8",
    )
    for kind in ("script", "dialog"):
        (folder.parent / f"{kind}.xlc").write_text(
            f'{_HEAD}<!DOCTYPE library:libraries PUBLIC "-{_BASIC}" "libraries.dtd">\n'
            f'<library:libraries {_LIBRARY} xmlns:xlink="http://www.w3.org/1999/xlink"><library:library'
            f' library:name="Standard" xlink:href="$(USER)/basic/Standard/{kind}.xlb/" xlink:type="simple"'
            ' library:link="false"/></library:libraries>',
            "utf-8",
        )
    call = f'macro:///Standard.Refresh.Main("{source.as_uri()}","{target.as_uri()}")'
    subprocess.run([*command, call], capture_output=True, check=False, timeout=180)
    return target.with_suffix(".odt"), target.with_suffix(".pdf")


def paragraphs(odt: Path) -> tuple[list[str], list[str]]:
    """Give the lines of the contents and the other paragraphs, fields as they now read; automatic numbers are not."""
    with zipfile.ZipFile(odt) as package:
        root = etree.fromstring(package.read("content.xml"))
    contents = [p for index in root.iter(f"{T}index-body") for p in index.iter(f"{T}p")]
    listed = [_words(p) for p in contents]
    return listed, [_words(p) for p in root.iter(f"{T}p", f"{T}h") if p not in contents]


def _words(element: etree._Element) -> str:
    said = element.text or ""
    for child in element:
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if name in ("tab", "line-break", "s"):
            said += {"tab": "\t", "line-break": "\n", "s": " "}[name]
        elif name not in ("note", "annotation", "toc-mark"):
            said += _words(child)
        said += child.tail or ""
    return said
