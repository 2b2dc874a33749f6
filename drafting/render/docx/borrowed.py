"""A committee's own blueprint: its styles, numbering, theme and fonts are borrowed, nothing else of the file.

What else a Word file may carry – a template that is fetched when it is opened, macros, objects, pictures kept
elsewhere, other people's names – would stand in a public draft.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from drafting.archives import DAMAGED
from drafting.inside import open_regular
from drafting.isolation.allowance import allowance_for
from drafting.isolation.readers import READERS, NoReaderError, RefusedError
from drafting.render.docx.blueprint import stored
from drafting.render.docx.package import write_package

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_MOST_BYTES, _MOST_UNPACKED, _MOST_PARTS = 20 << 20, 20 << 20, 2_000
_BORROWED = {"styles": "styles", "numbering": "numbering", "theme": "theme", "fontTable": "fonts"}
"""Kind of relation -> outermost element, of the parts that are borrowed."""
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_LINKS = ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
          "http://purl.oclc.org/ooxml/officeDocument/relationships")  # fmt: skip
_ACTIVE = {"numPicBullet", "lvlPicBulletId", "instrText", "fldSimple", "fldChar", "hyperlink", "object", "pict",
           "drawing", "altChunk", "subDoc", "control"}  # fmt: skip
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SAID = {"attachedTemplate": "附加模板的链接", "vbaProject": "宏", "oleObject": "嵌入对象", "package": "嵌入对象",
         "control": "控件", "image": "图片", "hyperlink": "超链接", "font": "内嵌字体", "aFChunk": "外部文档",
         "subDocument": "外部文档", "frame": "外部框架", "mailMergeSource": "邮件合并的数据源"}  # fmt: skip


class BlueprintError(ValueError):
    """A blueprint that cannot be used; the message says why, in Chinese, after its name."""


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A Word file made of ours and of the committee's looks."""

    content: bytes
    dropped: tuple[str, ...] = ()
    """What of the committee's file could act or fetch, and was left behind."""


class _Answer(msgspec.Struct, array_like=True):
    content: bytes = b""
    dropped: list[str] = []
    why: str = ""


def opened(blueprint: Path | None) -> WordDocument:
    """Open the blueprint to write into: ours, or the looks of another.

    Raises BlueprintError when the other one cannot be used.
    """
    import docx

    if blueprint is None:
        return docx.Document(str(stored()))
    return docx.Document(io.BytesIO(borrow(blueprint).content))


def borrow(blueprint: Path) -> Borrowed:
    """Take the looks of a Word file.

    Raises BlueprintError when it cannot be used.
    """
    try:
        with open_regular(blueprint) as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as fault:
        raise BlueprintError("无法读取") from fault
    return _borrowed(data)


@lru_cache(4)
def _borrowed(data: bytes) -> Borrowed:
    if len(data) > _MOST_BYTES:
        raise BlueprintError(f"超过 {_MOST_BYTES >> 20} MB")
    try:
        answer = msgspec.msgpack.decode(READERS.ask("blueprint", data, {}, allowance_for(len(data))), type=_Answer)
    except NoReaderError:
        answer = msgspec.msgpack.decode(task(data, {}), type=_Answer)
    except RefusedError as fault:
        raise BlueprintError(f"未能安全读取：{fault.reason}") from fault
    except msgspec.MsgspecError as fault:
        raise BlueprintError("未能安全读取") from fault
    if answer.why:
        raise BlueprintError(answer.why)
    return Borrowed(answer.content, tuple(answer.dropped))


def task(data: bytes, _: Mapping[str, object]) -> bytes:
    """What a reader does when it is asked."""
    try:
        content, dropped = _looks(data)
        return msgspec.msgpack.encode(_Answer(content, dropped))
    except BlueprintError as fault:
        return msgspec.msgpack.encode(_Answer(why=str(fault)))
    except (*DAMAGED, etree.XMLSyntaxError):
        return msgspec.msgpack.encode(_Answer(why="不是可用的 Word 文件（.docx），或已损坏"))


def _looks(data: bytes) -> tuple[bytes, list[str]]:
    with zipfile.ZipFile(stored()) as ours:
        files = {name: ours.read(name) for name in ours.namelist()}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = package.infolist()
        if len(entries) > _MOST_PARTS or any(entry.flag_bits & 1 for entry in entries):
            raise BlueprintError("部件过多，或设有密码")
        main = _targets(package, "_rels/.rels")["officeDocument"]
        relations = f"{posixpath.dirname(main)}/_rels/{posixpath.basename(main)}.rels"
        targets = _targets(package, relations)
        if "numbering" not in targets:
            raise BlueprintError("文件中没有编号定义")
        dropped = _acting(package)
        for kind, outermost in _BORROWED.items():
            if kind in targets:
                made, lost = _scrubbed(_part(package, targets[kind]), outermost)
                files[f"word/{kind}.xml"] = made
                dropped |= lost
    return write_package(files), sorted(dropped)


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as stream:
        content = stream.read(_MOST_UNPACKED + 1)
    if len(content) > _MOST_UNPACKED:
        raise BlueprintError("解压后过大")
    return content


def _parsed(content: bytes) -> etree._Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BlueprintError("含有文档类型或实体声明（DOCTYPE）")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True, remove_comments=True
    )
    return etree.fromstring(content, parser)


def _targets(package: zipfile.ZipFile, relations: str) -> dict[str, str]:
    """Parts by the last word of their kind; those outside the file are none."""
    base = posixpath.dirname(posixpath.dirname(relations))
    found: dict[str, str] = {}
    for one in _parsed(_part(package, relations)).iter(_RELATIONS):
        if one.get("TargetMode") != "External":
            target = one.get("Target", "")
            path = target if target.startswith("/") else posixpath.join("/", base, target)
            found.setdefault(one.get("Type", "").rpartition("/")[2], posixpath.normpath(path).lstrip("/"))
    return found


def _acting(package: zipfile.ZipFile) -> set[str]:
    """What of the file could act or fetch."""
    found: set[str] = set()
    for name in package.namelist():
        if name.lower().endswith(".rels"):
            for one in _parsed(_part(package, name)).iter(_RELATIONS):
                kind = one.get("Type", "").rpartition("/")[2]
                if one.get("TargetMode") == "External":
                    found.add(f"文件以外的{_SAID.get(kind, '链接')}".replace("以外的外部", "以外的"))
                elif kind in ("vbaProject", "oleObject", "package", "control", "aFChunk", "font"):
                    found.add(_SAID[kind])
    return found


def _scrubbed(content: bytes, outermost: str) -> tuple[bytes, set[str]]:
    """A part without anything that refers to other parts or acts, and without characters that nobody sees."""
    root = _parsed(content)
    if etree.QName(root).localname != outermost:
        raise BlueprintError("不是可用的 Word 文件（.docx），或已损坏")
    lost: set[str] = set()
    for one in list(root.iter(etree.Element)):
        refers = any(etree.QName(name).namespace in _LINKS for name in one.attrib)
        name = etree.QName(one).localname
        parent = one.getparent()
        if (refers or name in _ACTIVE) and parent is not None:
            lost.add("内嵌字体" if name.startswith("embed") else "图片或对象")
            parent.remove(one)
            continue
        for key, value in one.attrib.items():
            if _STRANGE.search(str(value)):
                one.set(key, _STRANGE.sub("", str(value)))
        if one.text and _STRANGE.search(one.text):
            one.text = _STRANGE.sub("", one.text)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), lost
