"""Reads a record and has every journey of it computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drafting.verification.verdict import RecordError, Verdict

FORMATS = (2,)
"""Layouts of the record that carry what a recomputation needs."""
_KEYS = ("weights", "baselines", "trial", "data")
_MAX_BYTES = 1 << 30


def verify(path: Path | str) -> Verdict:
    """Compute every figure of a record again from its own data.

    Raises
    ------
    RecordError
        If the file is no record, comes from an older version, or is damaged; the message is Chinese.
    """
    record = read_record(Path(path))
    verdict = Verdict()
    try:
        _check(record, verdict)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        if isinstance(error, RecordError):
            raise
        raise RecordError(f"记录的内容不完整或被破坏，无法复算（{type(error).__name__}：{error}）") from error
    return verdict


def _check(record: Mapping[str, Any], verdict: Verdict) -> None:
    from drafting.verification.appendix_d import check_trial
    from drafting.verification.levels import check_levels
    from drafting.verification.weights import check_weights

    published = check_weights(record, verdict) if record["weights"] is not None else {}
    pooled, strata = check_levels(record, verdict) if record["baselines"] is not None else ({}, {})
    if record["trial"] is not None:
        check_trial(record, published, pooled, strata, verdict)
    _note_unchecked(record, verdict)


def _note_unchecked(record: Mapping[str, Any], verdict: Verdict) -> None:
    """Name the statistics beside the published figures that are not computed again."""
    for part in ("delphi", "panel"):
        for key in (record["weights"] or {}).get(part) or {}:
            verdict.unchecked[f"weights.{part}.{key}"] = 1
    for row in (record["baselines"] or {}).get("indicators", ()):
        for key in row.get("details") or {}:
            label = f"baselines.*.details.{key}"
            verdict.unchecked[label] = verdict.unchecked.get(label, 0) + 1
    for key in (record["trial"] or {}).get("details") or {}:
        verdict.unchecked[f"trial.details.{key}"] = 1


def read_record(path: Path) -> dict[str, Any]:
    """Read 结果.json and check that it is one."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise RecordError(f"{path.name} 过大，不像是本程序写出的 结果.json")
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise RecordError(f"找不到文件 {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} 无法读取：不是 UTF-8 文本，或没有读取权限") from error
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
