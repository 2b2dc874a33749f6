"""记录/停止规则.json: the stopping rule as frozen before round 1. Append-only: the first entry counts for ever."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from drafting.keeping import Keeper
from drafting.model.coded import JSON
from drafting.model.experts import FrozenRule
from weighting.stopping_rule import StoppingRule

RECORD_FILE = "记录/停止规则.json"
FORMAT = 1
_WHAT = "德尔菲停止规则：首轮问卷发出前冻结；只增不改，以第一条为准，其后各条记录改动。"


def read_frozen_rule(data: bytes) -> FrozenRule:
    """Read the first entry; a damaged record gives an empty rule, which the analysis reports."""
    try:
        entry = _entries(data)[0]
        text = json.dumps(entry["rule"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return FrozenRule(text, str(entry["sha256"]), str(entry.get("day", "")))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return FrozenRule("", "")


def freeze(folder: Path, rule: StoppingRule, words: str, day: date, number: int) -> bool:
    """Put a rule on record: the first time as it is, later only where it differs from the last entry.

    Raises OutputError if the record cannot be written; RecordError if there is a record that cannot be read; it is left
    alone.

    ``folder``: the project folder.
    ``words``: the rule in Chinese.
    ``number``: the round that is about to be sent out.
    Returns whether an entry was written.
    """
    path = folder / RECORD_FILE

    def entered(present: bytes | None) -> bytes | None:
        entries: list[dict[str, JSON]] = []
        if present is not None:
            try:
                entries = _entries(present)
                if entries[-1]["sha256"] == rule.sha256:
                    return None
            except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
                raise RecordError(path) from error
        return _with(entries, rule, words, day, number)

    return Keeper(folder).amend(path.name, entered)


def _with(entries: list[dict[str, JSON]], rule: StoppingRule, words: str, day: date, number: int) -> bytes:
    entry: dict[str, JSON] = {
        "before_round": number, "day": day.isoformat(), "rule": json.loads(rule.canonical_json()),
        "sha256": rule.sha256, "words": words,
    }  # fmt: skip
    if entries:
        entry["changed_from"] = entries[-1]["sha256"]
    content = {"format": FORMAT, "what": _WHAT, "entries": [*entries, entry]}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _entries(data: bytes) -> list[dict[str, JSON]]:
    content = json.loads(data.decode("utf-8"))
    if content["format"] != FORMAT or not isinstance(content["entries"], list):
        raise ValueError("another format")
    return content["entries"]


class RecordError(Exception):
    """A record that is there but cannot be read.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"记录无法读取，未改动：{path}")
        self.path = path
