"""Reads a record and has every figure of it computed again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drafting.inside import NotRegularError, open_regular
from drafting.verification.verdict import RecordError, Verdict

FORMATS = (3,)
"""Layouts of the record that carry what a recomputation needs."""
_KEYS = ("weights", "baselines", "trial", "data", "digests", "versions", "inputs", "sources", "findings")
_MAX_BYTES = 1 << 30
_MOST_LISTS, _MOST_VALUES = 6_000_000, 30_000_000
"""Lists and objects, and what stands in them: what Python makes of "[]," is 27 times as large as its text."""
_BEYOND = re.compile(r'"[+-]?[0-9.]{1,60}[eE][+-]?\d{3,}[^"]{0,20}"|"[+-]?[0-9.]{400}')
"""Numbers kept as text whose exact value would fill the memory: 1e999999999 has a thousand million digits."""


def verify(path: Path | str, *, standard: Mapping[str, Any] | None = None) -> Verdict:
    """Compute every figure of a record again from its own data, and the published ones by a second route as well.

    Parameters
    ----------
    path
        结果.json.
    standard
        The numbers that GB/T 43329 fixes (``shares``, ``thresholds``, ``full_mark``) to hold the record's against.

    Raises
    ------
    RecordError
        If the file is no record, comes from an older version, or is damaged; the message is Chinese.
    """
    record = read_record(Path(path))
    verdict = Verdict()
    try:
        _check(record, verdict, Path(path).parent)
        _check_inputs(record, standard or {}, verdict)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, RecordError):
            raise
        raise RecordError(f"记录的内容不完整或被破坏，无法复算（{type(error).__name__}：{error}）") from error
    return verdict


def _check(record: Mapping[str, Any], verdict: Verdict, folder: Path | None = None) -> None:
    """Hold the record against a second run, and that run against the second opinion.

    ``folder``: where the table of its enterprises stands, if it has one.
    """
    from drafting.verification.figures import hold
    from drafting.verification.opinion import second_opinion
    from drafting.verification.rerun import run_again

    if folder is not None and "enterprises" in record:
        _check_beside(record, verdict, folder)
        return
    if record.get("tables"):
        _check_tables(record, verdict)
        return
    again = run_again(record)
    hold(record, again, verdict)
    if record["data"] is not None:
        second_opinion(record["data"], again, verdict)


def _check_beside(record: Mapping[str, Any], verdict: Verdict, folder: Path) -> None:
    """Hold a record whose enterprises stand in a table beside it, and the table."""
    from drafting.analysis.trial.verdicts import Verdicts
    from drafting.verification.beside import Beside
    from drafting.verification.figures import hold
    from drafting.verification.opinion import second_opinion
    from drafting.verification.rerun import columns_of, run_again

    beside = Beside(record, folder)
    verdict.compare("清单", "enterprises.rows", "企业数据的行数", record["enterprises"]["rows"], beside.rows)
    data = {**record["data"], "survey": beside.survey(record["data"]["survey"]["states"])}
    again = run_again({**record, "data": data})
    hold({**record, "data": data}, again, verdict)
    verdicts = again.get("verdicts", ())
    if again["trial"] is not None:
        beside.hold(verdicts, verdict)
    if isinstance(verdicts, Verdicts):
        again["trial"]["columns"] = columns_of(verdicts)
    second_opinion(data, again, verdict)


def _check_tables(record: Mapping[str, Any], verdict: Verdict) -> None:
    """Hold every table of a standard with several as a record of its own, then what joins them."""
    from drafting.verification.figures import joined_as_now
    from drafting.verification.opinion.combined import combined_opinion
    from drafting.verification.rerun import join_again

    for table in record["tables"]:
        own = Verdict()
        _check({**record, **table, "tables": None}, own)
        again = _digests({"data": table["data"], "trial": table["trial"]})
        for name in dict.fromkeys((*table["digests"], *again)):
            own.compare("输入与文字", name, f"“{name}”的校验码", table["digests"].get(name), again.get(name))
        verdict.include(own, f"tables.{table['key']}.")
    joined = join_again(record)
    verdict.compare_tree("综合评定", "combined", "综合评定", joined_as_now(record["combined"]), joined)
    if joined is not None:
        combined_opinion(record, joined, verdict)


def _check_inputs(record: Mapping[str, Any], standard: Mapping[str, Any], verdict: Verdict) -> None:
    """Hold what nothing can be computed from against its digest, and the standard's numbers against the standard."""
    again = _digests(record)
    for name in dict.fromkeys((*record["digests"], *again)):
        what = f"“{name}”的校验码（该部分与写出时不同）"
        verdict.compare("输入与文字", name, what, record["digests"].get(name), again.get(name))
    if record["data"] is None:
        return
    for name, value in standard.items():
        said = record["data"]["standard"].get(name)
        verdict.compare_tree("标准规定的数值", f"data.standard.{name}", f"标准规定的 {name}", said, value)
    verdict.unchecked["findings"] = len(record["findings"])


def _digests(record: Mapping[str, Any]) -> dict[str, str]:
    whole = ("versions", "inputs", "sources", "findings", "enterprises")
    parts = {name: record[name] for name in whole if name in record}
    parts |= {f"data.{name}": part for name, part in (record["data"] or {}).items()}
    if record["trial"] is not None:
        parts["trial.enterprises.reasons"] = [e["reasons"] for e in record["trial"]["enterprises"]]
        parts["trial.details.sentence"] = record["trial"]["details"].get("sentence")
    if record.get("tables"):
        about = ("key", "caption", "applies", "output_unit", "coefficient")
        parts["tables"] = [{name: t[name] for name in about} for t in record["tables"]]
        if record["combined"] is not None:
            parts["combined.enterprises.reasons"] = [e["reasons"] for e in record["combined"]["enterprises"]]
    texts = {n: json.dumps(p, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for n, p in parts.items()}
    return {n: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for n, text in texts.items()}


def read_record(path: Path) -> dict[str, Any]:
    """Read 结果.json and check that it is one."""
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
    return record
