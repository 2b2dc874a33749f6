"""What a run must go on saying: every promised figure, and where each finding points.

A record does not prove a figure right – cited tables and second routes elsewhere do that – but that it has not moved.
Where a change is meant, it stands under *Changes to results* in the CHANGELOG and the record is written anew with
``pytest tests/golden --write-golden``.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

from drafting.cli import app

HERE = Path(__file__).resolve().parent
GRADES = ("I", "II", "III")
TOLERANCE = 1e-9
"""Relative; eigenvectors differ in the last bits between linear algebra libraries, decimals as text never."""


def run(*arguments: str) -> dict[str, Any]:
    """What a command with --json writes."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "utf-8", write_through=True)
    with contextlib.redirect_stdout(out):
        status = app.run([*arguments, "--json"])
    assert status in (0, 1), arguments
    said: dict[str, Any] = json.loads(raw.getvalue().decode("utf-8"))
    return said


def findings(said: dict[str, Any]) -> list[str]:
    """Code, file, sheet and cell of each finding, with how often it occurs; paths of this machine left out."""
    count = Counter(
        " | ".join((f["severity"], f["code"], Path(f["file"] or "").name, f["sheet"] or "", f["cell"] or ""))
        for f in said["findings"]
    )
    return sorted(f"{n} × {place}" if n > 1 else place for place, n in count.items())


def weights(said: dict[str, Any]) -> dict[str, Any]:
    """The promised fields of ``weights``."""
    judged = ("expert", "matrix", "n", "lambda_max", "ci", "cr", "consistent")
    return {
        "provisional": said.get("provisional"),
        "first_level": [[w["category"], w["weight"], w["exact"]] for w in said["first_level"]],
        "second_level": {
            group: [[w["indicator"], w["weight"], w["exact"]] for w in of] for group, of in said["second_level"].items()
        },
        "experts": [[e[key] for key in judged] for e in said["experts"]],
    }


def baselines(said: dict[str, Any]) -> list[Any]:
    """The promised fields of ``baselines``, pooled and by stratum."""
    return [
        [
            *(one[key] for key in ("indicator", "category", "direction", "n", "source")),
            one.get("stratum"),
            *([one[g][key] for key in ("value", "exact", "share", "interval")] for g in GRADES),
        ]
        for one in (*said["indicators"], *said.get("strata", ()))
    ]


def trial(said: dict[str, Any]) -> dict[str, Any]:
    """The promised fields of ``trial``."""
    return {
        "distribution": said["distribution"],
        "enterprises": [
            [e["enterprise"], *(e[f"Y_{g}"] for g in GRADES), e["grade"], len(e["reasons"])]
            for e in said["enterprises"]
        ],
    }


def whole(folder: Path) -> dict[str, Any]:
    """Every run of a project."""
    said = {name: run(name, str(folder)) for name in ("weights", "baselines", "trial", "check")}
    return {
        "weights": weights(said["weights"]),
        "baselines": baselines(said["baselines"]),
        "trial": trial(said["trial"]),
        "findings": findings(said["check"]),
    }


def differences(before: Any, now: Any, where: str = "") -> list[str]:
    """Every leaf in which two records differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = dict.fromkeys((*before, *now))
        return [d for k in keys for d in differences(before.get(k), now.get(k), f"{where}.{k}")]
    if where.endswith("findings"):
        gone, new = Counter(before) - Counter(now), Counter(now) - Counter(before)
        return [f"{where}: - {x}" for x in gone.elements()] + [f"{where}: + {x}" for x in new.elements()]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [d for n, (a, b) in enumerate(zip(before, now, strict=True)) for d in differences(a, b, f"{where}[{n}]")]
    if isinstance(before, float) and isinstance(now, int | float) and not isinstance(now, bool):
        return [] if math.isclose(before, now, rel_tol=TOLERANCE, abs_tol=1e-12) else [f"{where}: {before} → {now}"]
    return [] if before == now else [f"{where}: {before!r} → {now!r}"]


def hold(name: str, record: dict[str, Any], *, write: bool) -> None:
    """Compare a record with the one kept, or keep it."""
    path = HERE / f"{name}.json"
    text = lines(record) + "\n"
    if write:
        path.write_text(text, "utf-8")
        return
    found = differences(json.loads(path.read_text("utf-8")), json.loads(text))
    assert not found, f"{name}: {len(found)} changes\n" + "\n".join(found[:40])


def lines(value: Any, indent: int = 0) -> str:
    """JSON with one line a figure, so that a change reads as one in a diff."""
    nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, list | dict) for v in value))
    strings = isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)
    if not value or (indent > 2 and isinstance(value, list)) or not (nested or strings):
        return json.dumps(value, ensure_ascii=False)
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        inner = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {lines(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(inner) + f"\n{' ' * indent}}}"
    inner = [f"{pad}{json.dumps(v, ensure_ascii=False)}" for v in value]
    return "[\n" + ",\n".join(inner) + f"\n{' ' * indent}]"
