"""Reads a record and has every figure of it computed again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.analysis.trial.verdicts import Verdicts
from drafting.inside import NotRegularError, open_regular
from drafting.record.codec import SchemaError, part, parts, plain, understood
from drafting.record.digests import digests
from drafting.record.results import trial_json
from drafting.record.schema import Record, survey_of
from drafting.verification.verdict import RecordError, Verdict

if TYPE_CHECKING:
    from drafting.model.coded import JSON
    from drafting.record.schema import Aside, OneOfTables, RecordedTable
    from drafting.verification.rerun import Again

FORMATS = (3,)
"""Layouts of the record that carry what a recomputation needs."""
_KEYS = ("weights", "baselines", "trial", "data", "digests", "versions", "inputs", "sources", "findings")
_MAX_BYTES = 1 << 30
_MOST_LISTS, _MOST_VALUES = 6_000_000, 30_000_000
"""Lists and objects, and what stands in them: what Python makes of "[]," is 27 times as large as its text."""
_BEYOND = re.compile(r'"[+-]?[0-9.]{1,60}[eE][+-]?\d{3,}[^"]{0,20}"|"[+-]?[0-9.]{400}')
"""Numbers kept as text whose exact value would fill the memory: 1e999999999 has a thousand million digits."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record: as it stands in the file, and what its schema says of it."""

    said: Mapping[str, JSON]
    record: Record


def verify(path: Path | str, *, standard: Mapping[str, JSON] | None = None) -> Verdict:
    """Compute every figure of a record again from its own data, and the published ones by a second route as well.

    Raises RecordError if the file is no record, comes from an older version, or is damaged; the message is Chinese.

    ``path``: 结果.json.
    ``standard``: the numbers that GB/T 43329 fixes (``shares``, ``thresholds``, ``full_mark``) to hold the record's
    against.
    """
    found = read_record(Path(path))
    verdict = Verdict()
    try:
        if found.record.enterprises is not None:
            _check_beside(found, found.record.enterprises, verdict, Path(path).parent)
        elif found.record.tables:
            _check_tables(found, found.record.tables, verdict)
        else:
            _check(found.said, found.record, verdict)
        _check_inputs(found, standard or {}, verdict)
    except RecordError:
        raise
    except tuple(_DAMAGE) as error:
        cause = next(words for kind, words in _DAMAGE.items() if isinstance(error, kind))
        raise RecordError(f"记录的内容不完整或被破坏，无法复算（{cause}）；请用 drafting build 重新生成") from error
    return verdict


_DAMAGE: Mapping[type[Exception], str] = {
    RecursionError: "算式嵌套过深",
    LookupError: "提到了记录中没有的代码、名称或序号",
    ArithmeticError: "有的数值无法计算",
    ValueError: "有的数值或文字不能理解，或各项的个数不一致",
    TypeError: "有的项为空或不是应有的内容",
    AttributeError: "有的项为空或不是应有的内容",
}
"""What is wrong with a record, by what it makes a second run stumble over."""


def _check(said: Mapping[str, JSON], record: RecordedTable, verdict: Verdict) -> Again:
    """Hold the sections of one table against a second run, and that run against the second opinion."""
    from drafting.verification.figures import hold
    from drafting.verification.opinion import second_opinion
    from drafting.verification.opinion.trial import Published
    from drafting.verification.rerun import run_again

    survey = None if record.data is None else survey_of(record.data.survey)
    again = run_again(record, record.data, survey)
    hold(said, again.sections(), record.data, verdict)
    if record.data is not None:
        published = None if again.trial is None else Published.of(again.trial)
        second_opinion(record.data, survey, again, published, verdict)
    return again


def _check_beside(found: Read, aside: Aside, verdict: Verdict, folder: Path) -> None:
    """Hold a record whose enterprises stand in a table beside it, and the table."""
    from drafting.verification.beside import Beside
    from drafting.verification.figures import hold
    from drafting.verification.opinion import second_opinion
    from drafting.verification.rerun import published_in, run_again

    beside, data = Beside(aside, folder), found.record.data
    if data is None or data.survey is None:
        raise RecordError("记录中有企业数据表，却没有调研数据")
    verdict.compare("清单", "enterprises.rows", "企业数据的行数", aside.rows, beside.rows)
    survey = beside.survey(data.survey.states)
    again = run_again(found.record, data, survey)
    hold(found.said, again.sections(listed=False), data, verdict)
    verdicts = () if again.trial is None else again.trial.enterprises
    if again.trial is not None:
        beside.hold(verdicts, verdict)
    published = published_in(verdicts) if isinstance(verdicts, Verdicts) else None
    second_opinion(data, survey, again, published, verdict)


def _check_tables(found: Read, tables: Sequence[OneOfTables], verdict: Verdict) -> None:
    """Hold every table of a standard with several as a record of its own, then what joins them."""
    from drafting.verification.figures import joined_as_now
    from drafting.verification.opinion.combined import combined_opinion
    from drafting.verification.rerun import join_again

    ran = []
    for said, table in zip(parts(found.said["tables"]), tables, strict=True):
        own = Verdict()
        ran.append(_check(said, table, own))
        again = digests({"data": said["data"], "trial": said["trial"]})
        for name in dict.fromkeys((*table.digests, *again)):
            own.compare("输入与文字", name, f"“{name}”的校验码", table.digests.get(name), again.get(name))
        verdict.include(own, f"tables.{table.key}.")
    joined, combined = join_again(tables, ran), found.said["combined"]
    now = None if combined is None else joined_as_now(part(combined))
    verdict.compare_tree("综合评定", "combined", "综合评定", now, None if joined is None else trial_json(joined))
    if joined is not None:
        combined_opinion(tables, ran, joined, verdict)


def _check_inputs(found: Read, standard: Mapping[str, JSON], verdict: Verdict) -> None:
    """Hold what nothing can be computed from against its digest, and the standard's numbers against the standard."""
    record, again = found.record, digests(found.said)
    for name in dict.fromkeys((*record.digests, *again)):
        what = f"“{name}”的校验码（该部分与写出时不同）"
        verdict.compare("输入与文字", name, what, record.digests.get(name), again.get(name))
    if record.data is None:
        return
    told = plain(record.data.standard)
    for name, value in standard.items():
        verdict.compare_tree("标准规定的数值", f"data.standard.{name}", f"标准规定的 {name}", told.get(name), value)
    verdict.unchecked["findings"] = len(record.findings)


def read_record(path: Path) -> Read:
    """Read 结果.json and check that it is one.

    Raises RecordError if it is none, or not of the schema; the message is Chinese.
    """
    try:
        with open_regular(path) as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise RecordError(f"{path.name} 过大，不像是本程序写出的 结果.json")
        if data.count(b"[") + data.count(b"{") > _MOST_LISTS or data.count(b",") > _MOST_VALUES:
            raise RecordError(f"{path.name} 中的列表和数值过多，不像是本程序写出的；请用 drafting build 重新生成")
        text = data.decode("utf-8")
    except FileNotFoundError:
        raise RecordError(f"找不到文件 {path}；请先用 drafting build 生成 成果/结果.json") from None
    except UnicodeDecodeError as error:
        raise RecordError(f"{path} 不是文本文件，不会是 结果.json；请给出项目文件夹或其中的 成果/结果.json") from error
    except NotRegularError as error:
        raise RecordError(f"{path} {error}") from error
    except OSError as error:
        raise RecordError(f"{path} 无法读取：没有读取权限，或文件正被其他程序占用") from error
    if _BEYOND.search(text):
        raise RecordError(f"{path.name} 中有大得不像量值的数（如 1e999），可能被改动；请用 drafting build 重新生成")
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise RecordError(
            f"{path.name} 不是完整的 JSON 文件，可能已损坏或被截断；请用 drafting build 重新生成"
        ) from None
    if not isinstance(record, dict) or "format" not in record or "baselines" not in record:
        raise RecordError(f"{path.name} 不是 drafting 写出的 结果.json")
    if record["format"] not in FORMATS or "data" not in record:
        raise RecordError(
            f"{path.name} 由其他版本写出（格式 {record['format']}），不含复算所需的数据；请用 drafting build 重新生成"
        )
    lacking = [key for key in _KEYS if key not in record]
    if lacking:
        raise RecordError(f"{path.name} 不完整：缺少 {'、'.join(lacking)}；请用 drafting build 重新生成")
    try:
        return Read(record, understood(record, Record))
    except (SchemaError, RecursionError) as error:
        raise RecordError(f"记录的内容不完整或被破坏，无法复算（{error}）；请用 drafting build 重新生成") from error
