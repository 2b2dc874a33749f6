"""规范性引用文件: the committee's references, those that our own sentences and the table of monitoring methods cite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from drafting.catalogue import method_standards
from drafting.document.facts import Facts
from drafting.model.document import Reference
from drafting.model.inputs import Inputs
from drafting.model.monitoring import Monitoring
from drafting.standard import read_toml

_DESIGNATION = re.compile(r"\s*(?P<code>[A-Z][A-Z0-9]*(?:/[A-Z]+)*)\s*(?P<rest>.*)", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_ELEMENT_GAP = re.compile(r"(?<=[\u4e00-\u9fff）]) +(?=[\u4e00-\u9fff（])")
"""Spaces between the elements of a title: one Han wide in print."""
_YEAR = re.compile(r"\s*[—–-]\s*(\d{4})\s*$")


def normative(facts: Facts) -> tuple[Reference, ...]:
    """List the normative references.

    What the fixed sentences of the draft cite (``draft/references.toml``), and what the committee names in 监测方法, is
    added unless the committee lists it, dated or not: a reference that is cited has to be listed. The order is that of
    GB/T 1.1.
    """
    listed = facts.inputs.references
    known = {undated(r.number) for r in listed}
    own = [
        Reference(r["number"], r["name"])
        for r in read_toml("draft/references.toml")["reference"]
        if undated(r["number"]) not in known and (not r.get("if") or getattr(facts, r["if"]))
    ]
    known |= {undated(r.number) for r in own}
    own += [r for r in monitoring_references(facts.inputs.monitoring) if undated(r.number) not in known]
    return tuple(replace(r, name=_ELEMENT_GAP.sub("\u3000", r.name)) for r in sorted((*listed, *own), key=order))


def replaced(inputs: Inputs) -> tuple[Reference, ...]:
    """List the documents that this one replaces (代替文件), with their names (GB/T 1.1—2020, 8.3).

    A name that was not typed is that of 引用文件, and of a single document that of the edition in 旧版/; else it is "".
    """
    info, listed = inputs.document, {r.number: r.name for r in inputs.references}
    old = inputs.earlier.document.title if inputs.earlier is not None and len(info.replaced) == 1 else ""
    return tuple(replace(r, name=r.name or listed.get(r.number, "") or old) for r in info.replaced)


def monitoring_references(monitoring: Iterable[Monitoring]) -> Iterator[Reference]:
    """Give the standards that 监测方法 names, each once, with the titles that the library confirms.

    Any other is listed with a mark of what is to be written; the check names it.
    """
    titles = {undated(m.standard): m.title for m in method_standards()}
    cited = dict.fromkeys(_YEAR.sub(r"—\1", number) for m in monitoring for number in m.listed)
    for number in cited:
        yield Reference(number, titles.get(undated(number)) or f"【待补充：{number}的名称】")


def undated(number: str) -> str:
    """Strip the year, spaces and the difference between GB and GB/T: what makes two citations the same document."""
    return "".join(_YEAR.sub("", number).split()).replace("/T", "").upper()


def order(reference: Reference) -> tuple[int, str, tuple[int, ...]]:
    """Sort national, industry, local, group and enterprise standards, then ISO, IEC and others; inside by number."""
    match = _DESIGNATION.match(reference.number)
    if not match:
        return (9, reference.number, ())
    code = match["code"]
    numbers = tuple(int(n) for n in _NUMBER.findall(_YEAR.sub("", match["rest"])))
    return (_rank(code), "" if code.startswith("GB") else code.removesuffix("/T"), numbers)


def _rank(code: str) -> int:
    if code.startswith("GB"):
        return 0
    if code.startswith("DB"):
        return 2
    if code.startswith("T/"):
        return 3
    if code.startswith("Q/"):
        return 4
    if code.startswith("ISO"):
        return 5
    if code.startswith("IEC"):
        return 6
    return 1 if len(code.split("/")[0]) == 2 else 7
