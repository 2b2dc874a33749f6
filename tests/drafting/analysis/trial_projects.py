"""Small projects for the trial: a system in memory, and the power plants of shared/cases as a project folder."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Provenance
from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines, Weights
from drafting.model.settings import Settings
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES, BaselineSource, Direction
from drafting.notation.weights import parse_weight

NOWHERE = Provenance()


def indicator(code: str, category: str = "能源消耗", *, cells: Sequence[str] = (), **fields: Any) -> Indicator:
    """An indicator; ``cells`` are typed baselines."""
    bounds = {g: parse_bound(c) for g, c in zip(GRADES, cells, strict=False) if c}
    if cells and "source" not in fields:
        fields["source"] = BaselineSource.POLICY
    fields.setdefault("direction", Direction.SMALLER)
    weight = fields.pop("weight", "1")
    typed = {"weight": parse_weight(weight)}
    return Indicator(code, fields.pop("name", f"指标{code}"), category, baselines=bounds, **typed, **fields)


def column(code: str, values: Sequence[float | str | None]) -> SurveyColumn:
    """Answers: None is missing, "—" not applicable, "<0.01" below the detection limit."""
    numbers, states = [], []
    for value in values:
        if value is None:
            numbers.append(np.nan)
            states.append(State.MISSING)
        elif isinstance(value, str) and value.startswith("<"):
            numbers.append(float(value[1:]))
            states.append(State.NON_DETECT)
        elif isinstance(value, str):
            numbers.append(np.nan)
            states.append(State.NOT_APPLICABLE)
        else:
            numbers.append(float(value))
            states.append(State.VALUE)
    return SurveyColumn(code, np.array(numbers), np.array(states, dtype=np.uint8))


def project(
    indicators: Sequence[Indicator],
    answers: Mapping[str, Sequence[float | str | None]],
    *,
    first: Mapping[str, str] | None = None,
    bonus: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    **survey: Any,
) -> Inputs:
    """Inputs with typed weights; ``first`` gives those of the categories."""
    weights = first or {"能源消耗": "1"}
    categories = tuple(Category(name, weight=parse_weight(w)) for name, w in weights.items())
    categories += tuple(Category(name, weight=parse_weight(w), bonus=True) for name, w in (bonus or {}).items())
    size = len(next(iter(answers.values())))
    survey.setdefault("violations", np.zeros(size, dtype=np.bool_))
    return Inputs(
        DocumentInfo(), Settings(**{"weight_method": "给定", **(settings or {})}),
        IndicatorSystem(categories, tuple(indicators)),
        survey=Survey(
            tuple(f"企业{n:03}" for n in range(size)), {code: column(code, v) for code, v in answers.items()}, **survey
        ),
    )  # fmt: skip


def runs(inputs: Inputs) -> tuple[Weights, Baselines]:
    """Weights and baselines of a project that has both."""
    weights, _ = weigh(inputs, NOWHERE)
    baselines, _ = set_baselines(inputs, NOWHERE)
    assert weights is not None
    assert baselines is not None
    return weights, baselines


POWER = {
    "S": ("so2_kg_per_MWh", "污染物产生与排放", "二氧化硫排放量", 4),
    "X": ("nox_kg_per_MWh", "污染物产生与排放", "氮氧化物排放量", 4),
    "C": ("co2_kg_per_MWh", "温室气体排放", "二氧化碳排放量", 1),
    "F": ("fuel_elec_kgce_per_MWh", "能源消耗", "供电燃料消耗", 1),
}
POWER_FIRST = {"能源消耗": "0.25", "污染物产生与排放": "0.5", "温室气体排放": "0.25"}


def power_rows(cases: Path) -> list[dict[str, str]]:
    """The filter of cases/README.md."""
    with (cases / "data" / "power_plants_2019.csv").open(encoding="utf-8") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["primary_fuel"] == "COAL"
            and row["sector"] == "ELECTRIC POWER"
            and float(row["net_gen_MWh"] or 0) >= 10_000
            and float(row["primary_fuel_share"] or 0) >= 0.9
            and float(row["useful_thermal_MMBtu"] or 0) == 0
        ]


def power_indicators(decimals: bool = True) -> list[Indicator]:
    """Four indicators of equal weight, sulphur and nitrogen oxides limiting."""
    return [
        indicator(
            code, category, name=name, unit="kg/MWh", weight="0.5" if code in "SX" else "1", limiting=code in "SX",
            decimals=digits if decimals else 6,
        )
        for code, (_, category, name, digits) in POWER.items()
    ]  # fmt: skip


def power_project(cases: Path) -> Inputs:
    """The 212 power plants in memory."""
    rows = power_rows(cases)
    answers = {code: [float(row[source]) for row in rows] for code, (source, *_) in POWER.items()}
    return project(power_indicators(), answers, first=POWER_FIRST)


def write_power_folder(folder: Path, cases: Path) -> Path:
    """The 212 power plants as a project folder with a survey in csv."""
    from drafting.workbook.project.blank import write_project

    inputs = power_project(cases)
    folder.mkdir(parents=True, exist_ok=True)
    write_project(folder / "项目.xlsx", inputs)
    rows = power_rows(cases)
    with (folder / "调研数据.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["企业", "地区", *(name for _, _, name, _ in POWER.values())])
        for row in rows:
            writer.writerow([row["Plant Code"], row["state"], *(row[source] for source, *_ in POWER.values())])
    return folder
