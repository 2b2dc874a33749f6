"""Write the bundled example project from its description: ``python examples/generate.py`` in the checkout.

The folder examples/建筑陶瓷/ is the output and is committed; the description is examples/建筑陶瓷.toml. Nothing is
measured: a latent quality per enterprise drives all its answers, so that enterprises which are good at one thing tend
to be good at all, as the joint grades of Appendix D need. The seed is fixed and the workbooks carry no clock: the same
description gives the same files.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo, Policy, Reference, Term
from drafting.model.experts import Expert, JudgementMatrix
from drafting.model.formula import Formula
from drafting.model.inputs import Inputs
from drafting.model.monitoring import Monitoring, SymbolUnit
from drafting.model.process import Process
from drafting.model.settings import Settings
from drafting.model.survey import Exclusion, State, Survey, SurveyColumn
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES, BaselineSource, Direction, Guidance
from drafting.pipeline.questionnaires import compared_keys, write_ahp
from drafting.project.folder import load_project
from drafting.project.issue_record import RECORD_FILE, IssueRecord, write_issue_record
from drafting.standard import standard
from drafting.workbook.headings import JUDGEMENT_FOLDER, PROJECT_FILE, RECORD_FOLDER, RESULT_FOLDER, SURVEY_STEM
from drafting.workbook.project.blank import write_project
from drafting.workbook.questionnaires.identity import MATRICES, Identity, items_of
from drafting.workbook.questionnaires.writing import ahp_questionnaire, ahp_title, compared_of
from drafting.workbook.style import save
from drafting.workbook.survey.form import write_survey

HERE = Path(__file__).resolve().parent
NAME = "建筑陶瓷"
SEED = 43329
PROJECT_ID, SENT = "7ac1b0e5", date(2025, 3, 3)
"""What the questionnaires bear; drawn once, as for any project."""
YEAR = "2024"

# Latent quality: (how many enterprises, mean, spread). Four strata of an imagined industry: leaders, good ones, fair
# ones, the rest; they are far enough apart that the same enterprises lead in most indicators.
QUALITY = ((4, 2.4, 0.06), (17, 1.3, 0.10), (35, 0.35, 0.12), (64, -0.95, 0.40))
NOISE = 0.09
"""Spread of one answer around its enterprise's quality."""
BEST, WORST = 2.6, -2.2
"""Qualities that an indicator's ``range`` stands for."""
GRADE_FROM = (-0.2, 0.8, 1.9)
"""Quality from which a qualitative indicator is answered with III, II, I."""
LAPSES = 12
"""Enterprises of the middle strata that fall back in one indicator each: what stops a grade should be seen."""
SLIP_OF_JUDGEMENT = 0.18
"""Spread of one comparison, as a logarithm, around what the expert's own importances say: no panel is consistent."""


def main(folder: Path = HERE / NAME) -> None:
    """Write the example anew into ``folder``, which is emptied first."""
    source = tomllib.loads((HERE / f"{NAME}.toml").read_text("utf-8"))
    random = np.random.default_rng(SEED)
    system = read_system(source)
    experts = tuple(Expert(f"专家{number:02}", *row) for number, row in enumerate(source["experts"], start=1))
    survey, exclusions = answer_survey(source, system, random)
    inputs = Inputs(
        document=DocumentInfo(**source["document"]),
        settings=Settings(),
        system=system,
        policies=tuple(Policy(*row) for row in source["policies"]),
        references=tuple(Reference(*row) for row in source["references"]),
        terms=tuple(Term(*row) for row in source["terms"]),
        experts=experts,
        exclusions=exclusions,
        process=Process(**source["process"]),
        monitoring=tuple(Monitoring(*row) for row in source["monitoring"]),
        symbol_units=tuple(SymbolUnit(*row) for row in source["symbol_units"]),
    )
    shutil.rmtree(folder, ignore_errors=True)
    notice = source["notice"]
    write_project(folder / PROJECT_FILE, inputs, notice=notice)
    write_survey(folder / f"{SURVEY_STEM}.xlsx", system, survey, notice=notice, unit_row=False)
    rows = ["代码,名称", *(",".join(row) for row in source["classification"])]
    (folder / "国民经济行业分类.csv").write_text("\n".join(rows) + "\n", "utf-8-sig", newline="\n")
    send(folder, inputs)
    asked = items_of(system, compared_keys(inputs))
    for expert in experts:
        answers = judge(expert, source, inputs, random)
        path = folder / JUDGEMENT_FOLDER / f"{expert.code}.xlsx"
        identity = Identity(inputs.document.title, PROJECT_ID, MATRICES, 1, expert.code, 1, asked)
        book = ahp_questionnaire(inputs, expert, answers=answers, notice=notice, identity=identity)
        save(book, path, title=ahp_title(expert.code))
    for path in folder.rglob("*.xlsx"):
        forget_the_clock(path)


def send(folder: Path, inputs: Inputs) -> None:
    """Put on record that the questionnaires went out, as the command does; the files themselves are not kept."""
    write_issue_record(folder, IssueRecord(PROJECT_ID, inputs.document.title))
    write_ahp(load_project(folder), today=SENT)
    shutil.rmtree(folder / RESULT_FOLDER)
    for path in (folder / RECORD_FOLDER).iterdir():
        if path.name != Path(RECORD_FILE).name:  # what the keeper notes of the files that are not kept
            path.unlink()


# --- the indicator system ------------------------------------------------------------
def read_system(source: Mapping[str, Any]) -> IndicatorSystem:
    """Turn the description into the model."""
    categories = tuple(Category(c.name) for c in standard().categories)
    return IndicatorSystem(categories, tuple(read_indicator(row) for row in source["indicator"]))


def read_indicator(row: Mapping[str, Any]) -> Indicator:
    """Turn one entry of the description into an indicator."""
    direction = next(d for d in Direction if d.chinese == row["direction"])
    said = row.get("source", "定性" if direction is Direction.QUALITATIVE else "调研")
    limit = row.get("mandatory_limit")
    return Indicator(
        code=row["code"],
        name=row["name"],
        category=row["category"],
        unit=row.get("unit", ""),
        direction=direction,
        limiting=row.get("limiting", False),
        baselines=MappingProxyType(
            {g: parse_bound(text) for g, text in zip(GRADES, row.get("baselines", ()), strict=False)}
        ),
        source=next(s for s in BaselineSource if s.chinese == said),
        source_basis=row.get("source_basis", ""),
        decimals=row.get("decimals"),
        mandatory_limit=parse_bound(limit) if limit else None,
        lower=Decimal(row["lower"]) if "lower" in row else None,
        upper=Decimal(row["upper"]) if "upper" in row else None,
        explanation=row["explanation"],
        formula=Formula.read(row.get("formula", "")),
        data_source=row["data_source"],
        collection=row["collection"],
        selection_reason=row["selection_reason"],
        qualitative_reason=row.get("qualitative_reason", ""),
        guidance=tuple(Guidance(word) for word in row["guidance"].split("、")),
        note=row.get("note", ""),
    )


# --- the survey ------------------------------------------------------------
def answer_survey(
    source: Mapping[str, Any], system: IndicatorSystem, random: np.random.Generator
) -> tuple[Survey, tuple[Exclusion, ...]]:
    """Make the answers of the enterprises and the one exclusion."""
    quality = np.concatenate([random.normal(mean, spread, count) for count, mean, spread in QUALITY])
    stratum = np.concatenate([np.full(count, index) for index, (count, _, _) in enumerate(QUALITY)])
    order = random.permutation(len(quality))
    quality, stratum = quality[order], stratum[order]
    lapses = dict(
        zip(
            random.choice(np.flatnonzero((stratum == 1) | (stratum == 2)), LAPSES, replace=False).tolist(),
            random.choice([i.code for i in system.active], LAPSES).tolist(),
            strict=True,
        )
    )
    columns = {}
    for indicator, row in zip(system.indicators, source["indicator"], strict=True):
        felt = quality + random.normal(0, NOISE, len(quality))
        for enterprise in (e for e, code in lapses.items() if code == indicator.code):
            felt[enterprise] -= 1.1
        columns[indicator.code] = answer_indicator(indicator, row, felt, stratum, random)
    names = tuple(f"合成企业{number:03}" for number in range(1, len(quality) + 1))
    rest, good = np.flatnonzero(stratum == 3), np.flatnonzero(stratum == 1)
    slip = int(rest[7])
    columns["N1"].values[slip] = round(float(columns["N1"].values[slip]) / 5, 3)
    violations = np.zeros(len(quality), dtype=np.bool_)
    violations[good[3]] = True
    sizes = np.array(["小型", "中型", "大型"])
    size = sizes[np.clip(np.round(1 + quality / 2 + random.normal(0, 0.6, len(quality))), 0, 2).astype(int)]
    survey = Survey(
        names, MappingProxyType(columns), violations, strata=tuple(size.tolist()), years=(YEAR,) * len(quality)
    )
    reason = "企业复核确认：填报时能源统计范围只含窑炉燃料，数值偏低，不代表实际水平（合成数据）"
    return survey, (Exclusion(names[slip], "N1", reason),)


def answer_indicator(
    indicator: Indicator,
    row: Mapping[str, Any],
    felt: NDArray[np.float64],
    stratum: NDArray[np.int_],
    random: np.random.Generator,
) -> SurveyColumn:
    """Turn quality into answers: a grade in words, or a value between the worst and the best of the range."""
    states = np.full(len(felt), State.VALUE, dtype=np.uint8)
    if indicator.qualitative:
        reached = sum((felt >= edge).astype(np.float64) for edge in GRADE_FROM)
        if len(indicator.baselines) == 1:
            reached = np.where(felt >= GRADE_FROM[0], 3.0, 0.0)
        return SurveyColumn(indicator.code, np.asarray(reached), states)
    best, worst = row["range"]
    place = (felt - WORST) / (BEST - WORST)
    if indicator.unit == "%":
        values = 100 / (1 + np.exp(-(logit(worst) + place * (logit(best) - logit(worst)))))
    else:
        values = worst * (best / worst) ** place
    # Enterprises report one digit more than the draft will print.
    values = np.round(values, round(-np.log10(row["step"])) if "step" in row else row["decimals"] + 1)
    states[random.random(len(felt)) < row.get("not_applicable", 0.0)] = State.NOT_APPLICABLE
    states[(random.random(len(felt)) < row.get("missing", 0.0)) & (stratum == 3)] = State.MISSING
    values[states != State.VALUE] = np.nan
    return SurveyColumn(indicator.code, values, states)


def logit(percent: float) -> float:
    """Map 0–100 % to the line."""
    return float(np.log(percent / (100 - percent)))


# --- the panel ------------------------------------------------------------
def judge(
    expert: Expert, source: Mapping[str, Any], inputs: Inputs, random: np.random.Generator
) -> tuple[JudgementMatrix, ...]:
    """Make one expert's matrices: ratios of importances as that expert sees them, rounded to the 1–9 scale."""
    importance = {row["name"]: row["importance"] for row in source["indicator"]} | source["importance"]
    scale = np.array([1 / step for step in range(9, 1, -1)] + [float(step) for step in range(1, 10)])
    matrices = []
    for group, labels in compared_of(inputs).items():
        spread = 0.35 if group == FIRST_LEVEL else 0.25
        seen = np.array([importance[label] for label in labels]) * np.exp(random.normal(0, spread, len(labels)))
        n = len(labels)
        felt = np.log(seen[:, None] / seen[None, :]) + random.normal(0, SLIP_OF_JUDGEMENT, (n, n))
        values = np.ones((n, n))
        for i in range(n):
            for j in range(i + 1, n):
                values[i, j] = scale[np.abs(np.log(scale) - felt[i, j]).argmin()]
                values[j, i] = 1 / values[i, j]
        matrices.append(JudgementMatrix(expert.code, group, labels, values))
    return tuple(matrices)


# --- files ------------------------------------------------------------
def forget_the_clock(path: Path) -> None:
    """Rewrite a workbook with fixed times, so that the same description gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", core)
    partial = path.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    os.replace(partial, path)


if __name__ == "__main__":
    main()
