"""规范性引用文件: the committee's references and those that our own sentences cite, in the order of GB/T 1.1."""

from __future__ import annotations

import re
from dataclasses import replace

from drafting.document.facts import Facts
from drafting.model.document import Reference
from drafting.standard import read_toml

_DESIGNATION = re.compile(r"\s*(?P<code>[A-Z][A-Z0-9]*(?:/[A-Z]+)*)\s*(?P<rest>.*)", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_ELEMENT_GAP = re.compile(r"(?<=[\u4e00-\u9fff）]) +(?=[\u4e00-\u9fff（])")
"""Spaces between the elements of a title: one Han wide in print."""
_YEAR = re.compile(r"[—–-]\s*\d{4}\s*$")


def normative(facts: Facts) -> tuple[Reference, ...]:
    """
    List the normative references.

    What the fixed sentences of the draft cite (``draft/references.toml``) is added unless the committee lists it, dated
    or not: a reference that is cited has to be listed.
    """
    listed = facts.inputs.references
    known = {undated(r.number) for r in listed}
    own = [
        Reference(r["number"], r["name"])
        for r in read_toml("draft/references.toml")["reference"]
        if undated(r["number"]) not in known and (not r.get("if") or getattr(facts, r["if"]))
    ]
    return tuple(replace(r, name=_ELEMENT_GAP.sub("\u3000", r.name)) for r in sorted((*listed, *own), key=order))


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
