"""A draft with every special case, random enterprises for it, and copies of the workbook filled in with them."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from drafting.model.formula import Formula
from drafting.model.system import Indicator
from drafting.model.terms import BaselineSource, Direction
from tests.drafting.analysis.trial_projects import indicator, project

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Answer = float | str | None


def special_indicators() -> list[Indicator]:
    """Strict and inclusive bounds, ranges, formulas, shared weights, merged or skipped grades, words, totals, bonus."""
    words, larger = Direction.QUALITATIVE, Direction.LARGER
    quality = {"direction": words, "source": BaselineSource.QUALITATIVE}
    return [
        indicator("A1", "能源消耗", cells=("≤0.65", "≤0.70", "≤0.80"), weight="0.6", limiting=True,
                  formula=Formula.read("能耗/产量*1000")),
        indicator("A2", "能源消耗", cells=("≥90", ">85", "≥80"), weight="0.4", direction=larger),
        indicator("B1", "水资源消耗", cells=("<0.01", "≤0.02", "≤0.05"), weight="0.35"),
        indicator("B2", "水资源消耗", cells=("≤0.14+0.08n", "≤0.2+0.08n", "≤0.3+0.1n"), weight="0.5", limiting=True),
        indicator("B3", "水资源消耗", cells=("≥98", "同Ⅰ级", "—"), weight="0.15", direction=larger,
                  formula=Formula.read("回用/产量")),
        indicator("C1", "污染物产生与排放", cells=("4.5~5", "6~7", "≤9"), weight="0.8/n"),
        indicator("C2", "污染物产生与排放", cells=("≤5", "≤7", "≤9"), weight="0.8/n"),
        indicator("C3", "污染物产生与排放", cells=("≤5", "≤7", "≤9"), weight="0.8/n", limiting=True),
        indicator("C4", "污染物产生与排放", cells=("≥2.5", "≥1.25", "≥-1"), weight="0.2", direction=larger),
        indicator("D1", "清洁生产管理", cells=("制度完善", "有制度", "有台账"), weight="0.15", **quality),
        indicator("D2", "清洁生产管理", cells=("符合要求",), weight="0.85", **quality, limiting=True),
        indicator("E1", "温室气体排放", cells=("≤10", "≤20", "≤30"), weight="1"),
        indicator("F1", "资源综合利用", cells=("≥50", "≥40", "≥30"), weight="1", direction=larger),
    ]  # fmt: skip


SPECIAL_FIRST = {
    "能源消耗": "0.25", "水资源消耗": "0.2", "污染物产生与排放": "0.2", "清洁生产管理": "0.2", "温室气体排放": "0.15",
}  # fmt: skip
SPECIAL_BONUS = {"资源综合利用": "0.05"}
VALUES: Mapping[str, Sequence[Answer]] = {
    "A1": (0.6, 0.65, 0.66, 0.7, 0.8, 0.81), "A2": (95, 90, 89.9, 85, 85.1, 80, 79),
    "B1": (0.005, 0.01, 0.02, 0.05, 0.06, "<0.01", "<0.02", "<0.05", "<0.06"),
    "B2": (0.38, 0.39, 0.44, 0.6, 0.61, 0.22),
    "B3": (99, 98, 97.9), "C1": (4, 5, 7, 9, 10), "C2": (4, 5, 7, 9, 10), "C3": (4, 5, 7, 9, 10),
    "C4": (2.5, 3, 1.25, 1.2, -1, -1.1, 0, "<3"), "D1": ("Ⅰ级", "Ⅱ级", "Ⅲ级", "未达到"), "D2": ("达到", "未达到"),
    "E1": (10, 20, 30, 31), "F1": (60, 45, 35, 10),
}  # fmt: skip
GOOD: Mapping[str, Sequence[Answer]] = {code: values[: max(2, len(values) // 2)] for code, values in VALUES.items()}
ANSWERS = {"Ⅰ级": 3, "Ⅱ级": 2, "Ⅲ级": 1, "未达到": 0, "达到": 3}


@dataclass(frozen=True)
class Filled:
    """One enterprise: entries by code (— is the mark, None blank), raw totals, parameter, violation, stratum."""

    entries: dict[str, Answer]
    raw: dict[str, float | None]
    parameters: dict[str, float | None]
    violation: bool
    stratum: str = ""

    def judged(self, code: str, formula: Formula) -> Answer:
        """The value that the engine is given: as typed, else from raw totals as the survey reader computes it."""

        entry = self.entries[code]
        expression = formula.computable
        if entry is not None or expression is None:
            return ANSWERS[entry] if isinstance(entry, str) and entry in ANSWERS else entry
        known = {name: self.raw[name] for name in expression.names}
        values = {name: value for name, value in known.items() if value is not None}
        if len(values) < len(known) or any(values[name] <= 0 for name in expression.divisors):
            return None
        return float(expression.evaluate(values))  # type: ignore[arg-type]


def random_enterprises(rng: np.random.Generator, indicators: Sequence[Indicator], count: int) -> list[Filled]:
    """Enterprises good and bad, with marks, gaps, whole categories that do not apply, raw totals with zeros."""
    found = []
    for _ in range(count):
        pool = GOOD if rng.random() < 0.75 else VALUES
        best = rng.random()
        entries: dict[str, Answer] = {}
        for one in indicators:
            values = pool[one.code]
            entries[one.code] = values[0] if rng.random() < best else values[rng.integers(len(values))]
            chance = rng.random()
            if chance < 0.06:
                entries[one.code] = "—"
            elif chance < 0.09:
                entries[one.code] = None
        if rng.random() < 0.2:
            gone = indicators[rng.integers(len(indicators))].category
            entries |= {one.code: "—" for one in indicators if one.category == gone}
        raw: dict[str, float | None] = {"能耗": None, "产量": None, "回用": None}
        if rng.random() < 0.5:
            raw = {"能耗": round(rng.uniform(500, 900), 1), "产量": 1e6, "回用": round(rng.uniform(90e6, 99.9e6), 0)}
            if rng.random() < 0.2:
                raw["产量"] = float(rng.choice([0.0, -5.0]))
            for code in ("A1", "B3"):
                entries[code] = None if rng.random() < 0.8 else entries[code]
        parameter = None if rng.random() < 0.05 else float(rng.choice([1, 2, 3, 3, 0.5]))
        found.append(Filled(entries, raw, {"n": parameter}, bool(rng.random() < 0.04)))
    return found


def inputs_of(indicators: Sequence[Indicator], filled: Sequence[Filled], settings: Mapping[str, Any]) -> Any:
    """The same enterprises as a survey."""
    answers = {one.code: [f.judged(one.code, one.formula) for f in filled] for one in indicators}
    parameters = {
        name: np.array([np.nan if (v := f.parameters[name]) is None else v for f in filled]) for name in ("n",)
    }
    return project(
        indicators, answers, first=SPECIAL_FIRST, bonus=SPECIAL_BONUS, settings=settings, parameters=parameters,
        violations=np.array([f.violation for f in filled]),
    )  # fmt: skip


def fill(template: Path, target: Path, cells: Mapping[str, Answer]) -> None:
    """Put values into cells of the first sheet of a copy."""
    fill_sheets(template, target, {1: cells})


def fill_sheets(template: Path, target: Path, cells: Mapping[int, Mapping[str, Answer]]) -> None:
    """Put values into cells of a copy, by the number of the sheet."""
    parts = {f"xl/worksheets/sheet{number}.xml": of for number, of in cells.items()}
    with zipfile.ZipFile(template) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for item in source.infolist():
            data = source.read(item)
            copy.writestr(item, _filled(data, parts[item.filename]) if item.filename in parts else data)


def _filled(data: bytes, cells: Mapping[str, Answer]) -> bytes:
    root = etree.fromstring(data)
    places = {cell.get("r"): cell for cell in root.iter(f"{MAIN}c")}
    for address, value in cells.items():
        if value is None:
            continue
        cell = places[address]
        for child in list(cell):
            cell.remove(child)
        if isinstance(value, str):
            cell.set("t", "inlineStr")
            etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = value
        else:
            cell.set("t", "n")
            etree.SubElement(cell, f"{MAIN}v").text = repr(float(value))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def recalculate(files: Sequence[Path], folder: Path, batch: int = 50) -> list[Path]:
    """Let LibreOffice compute the workbooks, some at a time: it gives up beyond a couple of hundred in one call."""
    program = shutil.which("soffice")
    assert program is not None
    out = folder / "computed"
    command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    for start in range(0, len(files), batch):
        part = [str(file) for file in files[start : start + batch]]
        subprocess.run([*command, "--outdir", str(out), *part], check=True, capture_output=True, timeout=600)
    return [out / file.name for file in files]
