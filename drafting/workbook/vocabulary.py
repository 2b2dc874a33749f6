"""Words of returned workbooks, kept as data: what else a heading may be called, which rows are no records."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from drafting.model.identity import label_key, name_key
from drafting.resources import templates

SURVEY = "survey"
"""Form whose headings a survey has."""


@cache
def _words() -> Mapping[str, Any]:
    words: Mapping[str, Any] = tomllib.loads((templates() / "workbook" / "vocabulary.toml").read_text("utf-8"))
    return words


@cache
def spellings(form: str, headings: tuple[str, ...]) -> Mapping[str, str]:
    """Headings of a form by the key of each of their spellings; a heading's own spelling comes before others'."""
    others: Mapping[str, Sequence[str]] = _words()["headings"].get(form, {})
    found = {label_key(word): heading for heading in headings for word in others.get(heading, ())}
    return found | {label_key(heading): heading for heading in headings}


@cache
def rank(form: str, heading: str, says: str) -> int:
    """Which of the spellings of a heading a text is: 0 its own, then the others in the order of the list."""
    own = label_key(says)
    others = [label_key(word) for word in _words()["headings"].get(form, {}).get(heading, ())]
    return 0 if own == label_key(heading) or own not in others else 1 + others.index(own)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Words of rows that are none, reduced; ``among`` those that count among enterprises only."""

    summaries: frozenset[str]
    among: frozenset[str]
    notes: frozenset[str]
    labels: frozenset[str]
    endings: tuple[str, ...]
    sentences: tuple[str, ...]


@cache
def _rows() -> _Rows:
    rows = {kind: tuple(map(name_key, words)) for kind, words in _words()["rows"].items()}
    return _Rows(
        frozenset(rows["summaries"]), frozenset(rows["among_enterprises"]), frozenset(rows["notes"]),
        frozenset(rows["labels"]), rows["endings"], rows["sentences"],
    )  # fmt: skip


_LEADING = "(*※[【·•-—–/….#"
_MARKED = re.compile(r"([^\d:.、;,]{1,12})\d{0,3}([:.、;)])")
_TAIL = re.compile(r"\([^()]*\)$")
_TIME = re.compile(r"(?:19|20)\d\d(?:年度?|-\d\d-\d\d)")
_GRADE = re.compile(r"(?:拟定?|现行|建议|暂定|标准|目标|原)(?:i{1,3}|[一二三])级")
_FIRMS = re.compile(r"共?\d+家(?:企业)?")
_COUNT = re.compile(r"[\d.]+[家个户组]?$")


def is_aside(key: str, *, endings: bool) -> bool:
    """Whether a row so called summarises or explains others instead of being one of them.

    Parameters
    ----------
    key
        The name, reduced by :func:`~drafting.model.identity.name_key`.
    endings
        Whether a name that ends with such a word counts as well (大型企业小计), as among enterprises.

    Examples
    --------
    >>> [is_aside(name_key(n), endings=True) for n in ("合 计", "平均值（24家）", "注1：略", "大型小计", "注塑机厂")]
    [True, True, True, True, False]
    >>> [is_aside(name_key(n), endings=True) for n in ("其中：大型", "2023年平均", "TOTAL", "（示例）某厂", "示例厂")]
    [True, True, True, True, False]
    """
    rows = _rows()
    if endings and key and not any(map(str.isalnum, key)):
        return True  # ——, /: no name
    core = key.lstrip(_LEADING)
    marked = _MARKED.match(core)
    if marked and (marked[1] in rows.notes or (marked[2] in ":)" and marked[1] in rows.summaries | rows.labels)):
        return True
    whole = _TAIL.sub("", core.rstrip(":")).rstrip(")")
    bare = _COUNT.sub("", whole)
    if bare in rows.summaries or bare in rows.notes:
        return True
    return endings and (
        bare.endswith(rows.endings) or core.startswith(rows.sentences) or _FIRMS.fullmatch(core) is not None
        or _TIME.fullmatch(core) is not None or _GRADE.fullmatch(core) is not None or whole in rows.among
        or all(part in rows.among or part in rows.summaries for part in whole.split("/"))
    )  # fmt: skip


def is_summary(key: str) -> bool:
    """Whether a row so called summarises others: 合计, 平均值."""
    return _COUNT.sub("", _TAIL.sub("", key.lstrip(_LEADING).rstrip(":")).rstrip(")")) in _rows().summaries


@cache
def _looked_at() -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    rows = _rows()
    begins: dict[str, tuple[str, ...]] = {mark[0]: (mark,) for mark in (*_LEADING, "19", "20")}
    for word in (*rows.summaries, *rows.among, *rows.notes, *rows.labels, *rows.sentences):
        begins[word[0]] = (*begins.get(word[0], ()), word)
    return begins, (*rows.endings, ")", ":", "家", "级")


def asides(keys: Sequence[str], declared: Set[str] = frozenset()) -> list[int]:
    """Positions of the names that are no enterprises, among the keys of many.

    ``declared``: keys of real enterprises that are called like that (setting 视为企业).
    """
    begins, ends = _looked_at()
    together = "\n".join(keys) + "\n"
    if begins.keys().isdisjoint({key[:1] for key in keys}) and not any(end + "\n" in together for end in ends):
        return []  # as in most surveys
    doubtful = [
        i for i, key in enumerate(keys)
        if ((words := begins.get(key[:1])) and key.startswith(words)) or key.endswith(ends)
    ]  # fmt: skip
    return [i for i in doubtful if is_aside(keys[i], endings=True) and keys[i] not in declared]


def declared_keys(setting: str) -> frozenset[str]:
    """Keys of the names in setting 视为企业."""
    return frozenset(name_key(word) for word in re.split(r"[、，,；;\n]+", setting) if word.strip())


def spans(numbers: Iterable[int]) -> str:
    """Row numbers as readers say them: ``2～14、17``."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    said = [f"{a}" if a == b else f"{a}～{b}" for a, b in found[:12]]
    return "、".join(said) + (f" 等 {len(found)} 处" if len(found) > 12 else "")
