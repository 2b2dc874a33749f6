"""SHA-256 of what a record states and nothing can be recomputed from: inputs, sentences, sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from drafting.model.coded import JSON
from drafting.record.codec import part, parts

_WHOLE = ("versions", "inputs", "sources", "findings", "enterprises")
_OF_TABLE = ("key", "caption", "applies", "output_unit", "coefficient")


def digests(record: Mapping[str, JSON]) -> dict[str, str]:
    """Digest every part of a record's inputs and wording by name.

    A single figure of the data that was changed by accident may move no result at all; its part's digest tells.
    """
    found: dict[str, JSON] = {name: record[name] for name in _WHOLE if name in record}
    found |= {f"data.{name}": content for name, content in part(record["data"] or {}).items()}
    if record["trial"] is not None:
        trial = part(record["trial"])
        found["trial.enterprises.reasons"] = _reasons(trial)
        found["trial.details.sentence"] = part(trial["details"]).get("sentence")
    if record.get("tables"):
        found["tables"] = [{name: t[name] for name in _OF_TABLE} for t in parts(record["tables"])]
        if record["combined"] is not None:
            found["combined.enterprises.reasons"] = _reasons(part(record["combined"]))
    return {name: _digest(content) for name, content in sorted(found.items())}


def _reasons(trial: Mapping[str, JSON]) -> list[JSON]:
    return [e["reasons"] for e in parts(trial["enterprises"])]


def _digest(content: JSON) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
