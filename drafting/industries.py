"""Check the industry as 4.2.1 asks: it is one of GB/T 4754, and its code and name agree.

The program carries the sections (门类) and divisions (大类). A finer code (中类 three digits, 小类 four digits) is
checked by its form and its division, and exactly where the user supplies the classification: a table with the columns
code and name (代码 and 名称), named 国民经济行业分类.csv or .xlsx, in the project folder, in the folder that the
environment variable DRAFTING_HOME names, or in the user's configuration folder (see :func:`user_folder`).
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from drafting.standard import normalise, read_toml

CLASSIFICATION_NAME = "国民经济行业分类"
"""File name (without ending) of a classification that the user supplies."""

_CODE = re.compile(r"([A-Z]?)(\d{2,4})|([A-Z])")
_HEADINGS = {"code": ("code", "代码", "行业代码"), "name": ("name", "名称", "行业名称", "类别名称")}


class ClassificationError(ValueError):
    """A classification table that cannot be read; ``path`` and ``reason`` (in Chinese) say which and why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}：{reason}")
        self.path = path
        self.reason = reason


class Verdict(StrEnum):
    """What the check of code and name found."""

    AGREE = "agree"
    """Code and name agree (against the divisions or the supplied classification)."""
    NAME_DIFFERS = "name-differs"
    """The code exists, but under another name."""
    UNKNOWN_CODE = "unknown-code"
    """No such code."""
    WRONG_SECTION = "wrong-section"
    """The letter before the digits is not that of the division."""
    BAD_FORMAT = "bad-format"
    """No GB/T 4754 code at all: neither a letter, nor two to four digits with or without a letter."""
    DIVISION_ONLY = "division-only"
    """A finer code of which only the division could be checked: no classification was supplied."""
    MISSING = "missing"
    """Code or name is blank."""


@dataclass(frozen=True, slots=True)
class IndustryCheck:
    """Result of :func:`check_industry`. ``code`` is the code in full (C3071); fields that do not apply are empty."""

    verdict: Verdict
    code: str
    name: str
    expected_name: str = ""
    """Name that the classification gives to the code."""
    expected_code: str = ""
    """Code that the classification gives to the name, or the code with the right section letter."""
    section: str = ""
    division: str = ""
    division_name: str = ""

    @property
    def acceptable(self) -> bool:
        """Whether nothing speaks against the industry."""
        return self.verdict in (Verdict.AGREE, Verdict.DIVISION_ONLY)


@dataclass(frozen=True, slots=True)
class Divisions:
    """Sections by letter; divisions by two digits; the section of each division."""

    sections: Mapping[str, str]
    divisions: Mapping[str, str]
    section_of: Mapping[str, str]


@cache
def divisions() -> Divisions:
    """Sections and divisions of GB/T 4754—2017."""
    sections: dict[str, str] = {}
    names: dict[str, str] = {}
    section_of: dict[str, str] = {}
    for section in read_toml("industries.toml")["section"]:
        sections[section["letter"]] = section["name"]
        names |= section["divisions"]
        section_of |= dict.fromkeys(section["divisions"], section["letter"])
    return Divisions(MappingProxyType(sections), MappingProxyType(names), MappingProxyType(section_of))


def check_industry(code: str, name: str, classification: Mapping[str, str] | None = None) -> IndustryCheck:
    """Check code and name of an industry against GB/T 4754 (4.2.1).

    ``code``: as typed: ``C3071``, ``3071``, ``C30``, full- or half-width.
    ``name``: as typed; compared without white space and after NFKC.
    ``classification``: codes without section letter (or a letter alone) to names, from :func:`classification_of`.
    """
    typed, name = normalise(code).upper(), name.strip()
    if not typed or not name:
        return IndustryCheck(Verdict.MISSING, typed, name)
    match = _CODE.fullmatch(typed)
    if match is None:
        return IndustryCheck(Verdict.BAD_FORMAT, typed, name, expected_code=_code_of(name, classification))
    letter, digits = match[1] or match[3] or "", match[2] or ""
    return _check(letter, digits, name, classification)


def _check(letter: str, digits: str, name: str, classification: Mapping[str, str] | None) -> IndustryCheck:
    known = divisions()
    if not digits:
        expected = known.sections.get(letter, "")
        return IndustryCheck(_compare(name, expected), letter, name, expected, _code_of(name, classification), letter)
    division = digits[:2]
    section, division_name = known.section_of.get(division, ""), known.divisions.get(division, "")
    full = f"{section or letter}{digits}"

    def result(verdict: Verdict, expected_name: str = "", expected_code: str = "") -> IndustryCheck:
        return IndustryCheck(
            verdict=verdict,
            code=full,
            name=name,
            expected_name=expected_name,
            expected_code=expected_code,
            section=section,
            division=division,
            division_name=division_name,
        )

    if not division_name:
        return result(Verdict.UNKNOWN_CODE, expected_code=_code_of(name, classification))
    if letter and letter != section:
        return IndustryCheck(
            verdict=Verdict.WRONG_SECTION,
            code=f"{letter}{digits}",
            name=name,
            expected_name="",
            expected_code=full,
            section=section,
            division=division,
            division_name=division_name,
        )
    if len(digits) > 2 and classification is None:
        return result(Verdict.DIVISION_ONLY)
    names = known.divisions if classification is None else {**known.divisions, **classification}
    expected = names.get(digits, "")
    return result(_compare(name, expected), expected, _code_of(name, classification))


def _compare(name: str, expected: str) -> Verdict:
    if not expected:
        return Verdict.UNKNOWN_CODE
    return Verdict.AGREE if normalise(name) == normalise(expected) else Verdict.NAME_DIFFERS


def _code_of(name: str, classification: Mapping[str, str] | None) -> str:
    """Give the full code of the nearest name: the finest one, for a name may stand at several levels; empty if none."""
    known = divisions()
    names = {**known.divisions, **(classification or {})}
    by_name = {normalise(n): code for code, n in sorted(names.items(), key=lambda item: len(item[0]))}
    nearest = difflib.get_close_matches(normalise(name), by_name, n=1, cutoff=0.8)
    if not nearest:
        return ""
    code = by_name[nearest[0]]
    return f"{known.section_of.get(code[:2], '')}{code}"


def user_folder() -> Path:
    """Give the user's folder for the program: what DRAFTING_HOME names, else the platform's configuration folder."""
    if home := os.environ.get("DRAFTING_HOME"):
        return Path(home)
    from platformdirs import user_config_path

    return user_config_path("drafting", appauthor=False)


def find_classification(project: Path | None = None) -> Path | None:
    """Find the classification table that applies: the project folder's, else the user's, else None."""
    for folder in (project, user_folder()):
        if folder is None:
            continue
        for ending in (".csv", ".xlsx"):
            path = folder / f"{CLASSIFICATION_NAME}{ending}"
            if path.is_file():
                return path
    return None


def classification_of(path: Path, rows: Iterable[Sequence[str]]) -> Mapping[str, str]:
    """Understand the rows of a classification table, headings first.

    Raises ClassificationError if a heading is missing, or a code has two names.

    ``path``: where they came from, for what is wrong with them.
    Returns code without section letter (a section: its letter) to name.
    """
    lines = iter(rows)
    heading = next(lines, ())
    columns = {key: _column(path, heading, words) for key, words in _HEADINGS.items()}
    names: dict[str, str] = {}
    for number, row in enumerate(lines, start=2):
        cells = [*row, *[""] * (1 + max(columns.values()) - len(row))]
        code, name = normalise(cells[columns["code"]]).upper(), cells[columns["name"]]
        if not code and not name:
            continue
        match = _CODE.fullmatch(code)
        if match is None:
            raise ClassificationError(path, f"第 {number} 行的代码“{code}”不是 GB/T 4754 的代码（如 C3071）")
        key = match[2] or match[3]
        if names.setdefault(key, name) != name:
            raise ClassificationError(path, f"第 {number} 行：代码“{code}”有两个名称“{names[key]}”和“{name}”")
    if not names:
        raise ClassificationError(path, "表中没有任何行业")
    return MappingProxyType(names)


def _column(path: Path, heading: Sequence[str], words: tuple[str, ...]) -> int:
    found = [normalise(cell) for cell in heading]
    for word in words:
        if word in found:
            return found.index(word)
    raise ClassificationError(path, f"第 1 行缺少列标题“{words[1]}”（或 {words[0]}）")
