"""Holds a record's figures against those of a second run, each named where it stands.

Both sides are JSON: what stands in the file, and what would be written. Nothing is asked of a figure but whether it is
the same, so a key that is added to the results is compared without a line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from drafting.evaluation.reasons import show
from drafting.model.coded import JSON
from drafting.model.terms import GRADES, Grade
from drafting.record.codec import listed, part, parts
from drafting.record.schema import BoundData, Evidence, IndicatorData
from drafting.verification.verdict import ABSENT, RecordError, Verdict

Section: TypeAlias = "Mapping[str, JSON]"
_JOINED_INDEX = re.compile("(综合指数Y([ⅠⅡⅢ])为)([0-9.]+)(，低于.+)")
_SAME = "same-as"
_OF_BASELINES = {"I": "基准值", "II": "基准值", "III": "基准值", "details": "基准值依据"}


def hold(record: Section, again: Mapping[str, Section | None], data: Evidence | None, verdict: Verdict) -> None:
    """Compare every section; what an earlier version did not write yet is passed over."""
    earlier = data is not None and data.by_an_earlier_version
    if record["trial"] is not None and (data is None or data.survey is None):
        raise RecordError("记录中有试评价，却没有调研数据")
    for name, compare in (("weights", _weights), ("baselines", _baselines), ("trial", _trial)):
        said, found = record[name], again[name]
        if said is None and found is None:
            continue
        if said is None or found is None:
            verdict.compare("清单", name, f"记录的“{name}”部分", said is not None, found is not None)
            continue
        told = part(said)
        if name == "baselines" and data is not None:
            told = {**told, "indicators": _as_typed(parts(told["indicators"]), data.indicators)}
        one, other = (part(_of_then(told, found)), part(_of_then(found, told))) if earlier else (told, found)
        compare(one, other, verdict)


def _of_then(one: JSON, other: JSON) -> JSON:
    """A part without the fields that the other side does not have, for records of an earlier version."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _of_then(value, other[key]) for key, value in one.items() if key in other}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_of_then(a, b) for a, b in zip(one, other, strict=True)]
    return one


def _as_typed(rows: Sequence[Section], indicators: Sequence[IndicatorData]) -> list[Section]:
    """Rows in which 同Ⅰ级 stands as typed; an earlier version wrote the baseline of the grade that it points at."""
    typed = {said.code: said.typed for said in indicators}
    return [{**row, **dict(_same(row, typed.get(str(row["code"]), {})))} for row in rows]


def _same(row: Section, typed: Mapping[str, BoundData]) -> Iterator[tuple[str, Section]]:
    for grade, cell in typed.items():
        above = cell.reference or GRADES[max(GRADES.index(Grade(grade)) - 1, 0)]
        level, other = row.get(grade), row.get(above)
        if cell.kind == _SAME and level and other and part(level)["bound"] == part(other)["bound"]:
            yield grade, {**part(level), "bound": cell.printed}


def joined_as_now(said: Section | None) -> Section | None:
    """Joint verdicts as they are worded now; an earlier version rounded the index in its reasons to six digits."""
    if said is None:
        return None
    enterprises = [
        {**one, "reasons": [_index_as_now(str(words), part(one["exact"])) for words in listed(one["reasons"])]}
        for one in parts(said["enterprises"])
    ]
    return {**said, "enterprises": enterprises}


def _index_as_now(words: str, exact: Section) -> str:
    match = _JOINED_INDEX.fullmatch(words)
    index = match and exact.get(f"Y_{GRADES['ⅠⅡⅢ'.index(match[2])]}")
    if match is None or index is None or match[3] != f"{Decimal(str(index)):.6g}":
        return words
    return f"{match[1]}{show(Fraction(str(index)))}{match[4]}"


def _weights(said: Section, found: Section, verdict: Verdict) -> None:
    verdict.compare("设置", "weights.method", "权重方法", said["method"], found["method"])
    verdict.compare_tree("设置", "weights.settings", "设置", said["settings"], found["settings"])
    verdict.compare("权重", "weights.provisional", "权重是否暂定", said["provisional"], found["provisional"])
    _rows("权重", "weights.first_level", "一级指标", said["first_level"], found["first_level"], ("category",), verdict)
    groups, others = part(said["second_level"]), part(found["second_level"])
    for group in dict.fromkeys((*groups, *others)):
        path = f"weights.second_level.{group}"
        _rows("权重", path, f"“{group}”", groups.get(group, ()), others.get(group, ()), ("code",), verdict)
    _rows("一致性", "weights.experts", "判断矩阵", said["experts"], found["experts"], ("expert", "matrix"), verdict)
    verdict.compare_tree("群体判断", "weights.groups", "分组", said["groups"], found["groups"])
    # Opinions written on a sheet of their own, and what experts changed since, are not part of the data.
    delphi = part(said["delphi"])
    opinions = delphi.get("opinions")
    consultation = part(found["delphi"]) if opinions is None else {**part(found["delphi"]), "opinions": opinions}
    verdict.compare_tree("专家咨询", "weights.delphi", "专家咨询", delphi, consultation)
    verdict.compare_tree("专家咨询", "weights.panel", "专家组", said["panel"], found["panel"])
    for path, told in (("weights.delphi.opinions", opinions), ("weights.revisions", said.get("revisions"))):
        if isinstance(told, Sized) and told:
            verdict.unchecked[path] = len(told)


def _baselines(said: Section, found: Section, verdict: Verdict) -> None:
    verdict.compare_tree("设置", "baselines.settings", "设置", said["settings"], found["settings"])
    rows, others = ([*parts(of["indicators"]), *parts(of["strata"])] for of in (said, found))
    _rows("样本", "baselines", "指标", rows, others, ("code", "stratum"), verdict, kinds=_OF_BASELINES)


def _trial(said: Section, found: Section, verdict: Verdict) -> None:
    _rows("试评价", "trial", "企业", said["enterprises"], found["enterprises"], ("enterprise",), verdict)
    for key in ("distribution", "weights"):
        if key in said or key in found:
            verdict.compare_tree(
                "权重" if key == "weights" else "试评价", f"trial.{key}", "试评价", said.get(key, ABSENT),
                found.get(key, ABSENT),
            )  # fmt: skip
    verdict.compare_tree("试评价分析", "trial.details", "试评价", said["details"], found["details"])


def _rows(
    kind: str, path: str, what: str, said: JSON, found: JSON, key: tuple[str, ...], verdict: Verdict, *,
    kinds: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Compare rows by their names: the list of names first, then field by field."""
    rows, others = _named(parts(said), key), _named(parts(found), key)
    if list(rows) != list(others):
        listed = "trial.enterprises" if path == "trial" else path
        verdict.compare(kind, listed, f"{what}的清单", list(rows), list(others))
    for name, row in rows.items():
        other = others.get(name, {})
        for field in dict.fromkeys((*other, *row)):
            where, label = f"{path}.{name}.{field}", f"{what}“{_title(row, name)}”·{field}"
            one, two = row.get(field, ABSENT), other.get(field, ABSENT)
            verdict.compare_tree((kinds or {}).get(field, kind), where, label, one, two)


def _named(rows: Iterable[Section], key: tuple[str, ...]) -> dict[str, Section]:
    found: dict[str, Section] = {}
    for row in rows:
        name = ".".join(str(row[k]) for k in key if row[k])
        found[name if name not in found else f"{name}（{len(found) + 1}）"] = row
    return found


def _title(row: Section, name: str) -> str:
    return str(row.get("indicator") or name)
