"""Variants of a draft as data: national, industry, local and group standards over one base (templates/variants)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from drafting.resources import templates

_CODE = re.compile(r"\s*(T/[A-Z]+|[A-Z]+\d{0,2})")


@dataclass(frozen=True)
class Variant:
    """What one kind of standard (文件类别) does in its own way.

    Attributes
    ----------
    name
        Name of its folder.
    kind
        Word of 文件类别.
    banner, code, number, issuers, record
        Lettering, code and number of the cover while the number is not known, issuers, and the line 备案号 (empty for
        kinds without one).
    foreword
        Sentences of the foreword that differ by kind: ``propose``, ``under``, ``both``; ``{org}`` is the body.
    named
        Code of a number -> the word that the banner names (建材, 北京市), or the whole banner.
    folder
        Clause texts in it replace those of the base.
    """

    name: str
    kind: str
    banner: str
    code: str
    number: str
    issuers: tuple[str, ...]
    record: str = ""
    foreword: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()

    def code_of(self, number: str) -> str:
        """Code of a number such as ``GB``, ``JC``, ``DB11`` or ``T/ABC``; the placeholder if it tells none."""
        match = _CODE.match(number)
        return match[1] if match else self.code

    def banner_of(self, number: str) -> str:
        """Lettering on the cover for a number."""
        word = self.named.get(self.code_of(number), "")
        if not word or not number.strip():
            return self.banner
        return word if word.endswith("标准") else self.named["pattern"].format(word=word)


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its kind."""
    found: dict[str, Variant] = {}
    for file in sorted((templates() / "variants").glob("*/variant.toml")):
        data = tomllib.loads(file.read_text("utf-8"))
        data["issuers"] = tuple(data["issuers"])
        found[data["kind"]] = Variant(name=file.parent.name, folder=file.parent, **data)
    return found


def variant(kind: str) -> Variant:
    """The variant of a kind of standard; the national one for a kind that is not known."""
    known = variants()
    return known.get(kind) or next(v for v in known.values() if v.name == "national")
