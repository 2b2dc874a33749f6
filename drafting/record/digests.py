"""SHA-256 of what a record states and nothing can be recomputed from: inputs, sentences, sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_WHOLE = ("versions", "inputs", "sources", "findings", "enterprises")
_OF_TABLE = ("key", "caption", "applies", "output_unit", "coefficient")


def digests(record: Mapping[str, Any]) -> dict[str, str]:
    """
    Digest every part of a record's inputs and wording by name.

    A single figure of the data that was changed by accident may move no result at all; its part's digest tells.
    """
    parts = {name: record[name] for name in _WHOLE if name in record}
    parts |= {f"data.{name}": part for name, part in (record["data"] or {}).items()}
    if record["trial"] is not None:
        parts["trial.enterprises.reasons"] = [e["reasons"] for e in record["trial"]["enterprises"]]
        parts["trial.details.sentence"] = record["trial"]["details"].get("sentence")
    if record.get("tables"):
        parts["tables"] = [{name: t[name] for name in _OF_TABLE} for t in record["tables"]]
        if record["combined"] is not None:
            parts["combined.enterprises.reasons"] = [e["reasons"] for e in record["combined"]["enterprises"]]
    return {name: _digest(part) for name, part in sorted(parts.items())}


def _digest(part: Any) -> str:
    text = json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
