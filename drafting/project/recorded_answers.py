"""Reading 记录/专家答复.json, and saying whose answers are gone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from drafting.findings import Cell, Finding, finding
from drafting.model.revisions import Answers

RECORD_FILE = "记录/专家答复.json"
FORMAT = 1


def read_answer_record(data: bytes) -> tuple[Answers, ...]:
    """Read the versions in the order in which they were put on record.

    Raises ValueError if it is no such record.
    """
    try:
        content = json.loads(data.decode("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError("another format")
        return tuple(map(_answers, content["entries"]))
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError("no record of answers") from error


def _answers(entry: Mapping[str, Any]) -> Answers:
    words = {k: entry[k] for k in ("instrument", "expert", "group", "file", "sha256", "day")}
    values = {tuple(item): None if v is None else float(v) for *item, v in entry["answers"]}
    wrong = [i for i, v in values.items() if v is not None and not (math.isfinite(v) and (v > 0 or len(i) == 1))]
    if wrong or not all(isinstance(w, str) for w in (*words.values(), *(k for i in values for k in i))):
        raise ValueError("no record of answers")
    return Answers(values=values, **words)


def withdrawn(kept: Sequence[Answers], now: Sequence[Answers], files: Set[str]) -> Iterator[Finding]:
    """Say whose answers are on record while their file is no longer there.

    ``files``: files that were read, or that a finding names.
    """
    answering = {(a.instrument, a.expert) for a in now}
    gone: dict[tuple[str, str], Answers] = {}
    for a in kept:
        if (a.instrument, a.expert) not in answering and a.file not in files:
            gone[a.instrument, a.expert] = a
    for (instrument, expert), a in gone.items():
        yield finding("answers-withdrawn", Cell(a.file), expert=expert, instrument=instrument, file=a.file, day=a.day)
