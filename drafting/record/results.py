"""The record of a build (成果/结果.json): every figure with its provenance, the inputs' hashes, settings and versions.

The per-run functions give the JSON that the commands print; their fields are promised in docs/reference.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import UNSET

from drafting import __version__
from drafting.findings import SHOWN, Cell, Finding, Provenance
from drafting.model.results import (
    Baseline,
    Baselines,
    Beside,
    IndicatorBaselines,
    Trial,
    WeightGroup,
    WeightRow,
    Weights,
)
from drafting.model.survey import MOST_DETAILED
from drafting.model.terms import GRADES, Grade
from drafting.model.weight_details import consulted
from drafting.record.codec import plain, text_of, written
from drafting.record.digests import digests
from drafting.record.evidence import evidence
from drafting.record.schema import Aside, FirstLevelLine, GradeLine, NoGradeLine, SecondLevelLine

if TYPE_CHECKING:
    from drafting.model.coded import JSON
    from drafting.model.inputs import Inputs
    from drafting.model.system import Indicator
    from drafting.run import Run

FORMAT = 3
"""Version of the record's layout; 3 carries what sensitivity, rounds and details are computed from."""


def findings_json(findings: Sequence[Finding]) -> list[dict[str, JSON]]:
    """All findings."""
    return [f.to_json() for f in findings]


def weights_json(weights: Weights) -> dict[str, JSON]:
    """Weights of both baselines and the experts' consistency."""
    return {
        "method": weights.method,
        "provisional": weights.provisional,
        "settings": dict(weights.settings),
        "first_level": plain(
            [
                FirstLevelLine(category=w.name, weight=text_of(w.decimal), printed=str(w.published), exact=w.exact)
                for w in weights.first_level.weights
            ]
        ),
        "second_level": plain({g.group: [_second_level(w) for w in g.weights] for g in weights.second_level}),
        "experts": plain(weights.experts),
        "groups": {
            g.group: {"method": g.method, **({} if g.details is None else written(g.details))}
            for g in (weights.first_level, *weights.second_level)
        },
        "delphi": plain(weights.delphi),
        "panel": plain(weights.panel),
        "revisions": plain(weights.revisions),
    }


def _second_level(w: WeightRow) -> SecondLevelLine:
    return SecondLevelLine(
        indicator=w.name, code=w.key, weight=text_of(w.decimal), printed=str(w.published), exact=w.exact
    )


def _grade_line(baseline: Baseline | None) -> GradeLine | NoGradeLine:
    if baseline is None:
        return NoGradeLine()
    printed = baseline.bound.format()
    return GradeLine(
        value=None if baseline.value is None else text_of(baseline.value),
        text=printed if baseline.value is None else None,
        bound=printed,
        exact=baseline.exact,
        share=baseline.share,
        interval=baseline.interval or (None, None),
        k=baseline.k,
        source=baseline.source.value if baseline.source else UNSET,
    )


def indicator_baselines_json(
    found: IndicatorBaselines, name: str, category: str, unit: str, of: Indicator | None = None
) -> dict[str, JSON]:
    """Baselines of one indicator."""
    return {
        "indicator": name,
        "code": found.code,
        **({"class_of": of.of_name, "class": of.class_name} if of is not None and of.of else {}),
        "category": category,
        "unit": unit,
        "direction": found.direction.value,
        "stratum": found.stratum or None,
        "n": found.n,
        "missing": found.missing,
        "not_applicable": found.not_applicable,
        "non_detect": found.non_detect,
        "excluded": found.excluded,
        "source": found.source.value if found.source else None,
        "single": found.single,
        **{g.value: plain(_grade_line(found.by_grade.get(g))) for g in GRADES},
        "details": plain(found.details or {}),
    }


def baselines_json(baselines: Baselines, inputs: Inputs) -> dict[str, JSON]:
    """Baselines of all indicators."""

    def describe(found: IndicatorBaselines) -> dict[str, JSON]:
        indicator = inputs.system.indicator(found.code)
        return indicator_baselines_json(found, indicator.name, indicator.category, indicator.unit, indicator)

    return {
        "settings": dict(baselines.settings),
        "indicators": [describe(i) for i in baselines.indicators],
        "strata": [describe(i) for i in baselines.strata],
    }


def trial_json(trial: Trial, *, listed: bool = True) -> dict[str, JSON]:
    """Appendix D over the enterprises; ``listed``: whether they are given one by one."""
    return {
        "enterprises": [
            {
                "enterprise": e.enterprise,
                "stratum": e.stratum or None,
                "region": e.region or None,
                **{f"Y_{g.value}": None if (y := e.y[g]) is None else float(y) for g in GRADES},
                "exact": {f"Y_{g.value}": None if (y := e.y[g]) is None else text_of(y) for g in GRADES},
                "grade": e.grade.value if e.grade else None,
                "excluded": e.excluded,
                "reasons": list(e.reasons),
            }
            for e in (trial.enterprises if listed else ())
        ],
        "distribution": dict(trial.distribution),
        "weights": {
            "first_level": {name: str(w) for name, w in trial.category_weights.items()},
            "second_level": {code: str(w) for code, w in trial.weights.items()},
        },
        "details": plain(trial.joined or trial.details or {}),
    }


def beside_json(beside: Beside) -> dict[str, JSON]:
    """The enterprises by the earlier edition beside the draft."""

    def word(grade: Grade | None) -> str | None:
        return grade.value if grade else None

    return {
        "enterprises": [
            {"enterprise": m.enterprise, "before": word(m.before), "after": word(m.after), "why": list(m.why)}
            for m in beside.moves
        ],
        "counts": [{"before": word(b), "after": word(a), "enterprises": n} for (b, a), n in beside.counts.items()],
        "better": beside.better,
        "worse": beside.worse,
        "lacking": list(beside.lacking),
    }


def tables_trial_json(
    inputs: Inputs,
    trials: Mapping[str, Trial],
    joined: Trial | None,
    *,
    besides: Mapping[str, Beside] = MappingProxyType({}),
    beside: Beside | None = None,
) -> dict[str, JSON]:
    """Appendix D over enterprises under several tables.

    The fields of one table's trial say what holds over all tables: under 分别评定 no grade, and no distribution.
    ``tables`` has each table's own trial, ``combined`` the rule with every enterprise's parts; ``earlier``, of a table
    and of all, the same enterprises by the earlier edition.
    """
    if joined is not None:
        found = {key: part for key, part in trial_json(joined).items() if key != "details"}
        how = {} if joined.joined is None else written(joined.joined)
        combined: JSON = {"rule": inputs.settings.several_tables, **how}
    else:
        names = dict.fromkeys(e.enterprise for t in trials.values() for e in t.enterprises)
        nothing = {f"Y_{g.value}": None for g in GRADES}
        rows: list[dict[str, JSON]] = [
            {"enterprise": name, **nothing, "exact": nothing, "grade": None, "excluded": False, "reasons": []}
            for name in names
        ]
        counts = dict.fromkeys(("I", "II", "III", "none", "excluded"))
        found = {"enterprises": rows, "distribution": counts}
        combined = None
    found.pop("weights", None)
    tables = [{"key": key, **trial_json(trial), **_earlier(besides.get(key))} for key, trial in trials.items()]
    return {**found, "tables": tables, "combined": combined, **_earlier(beside)}


def _earlier(beside: Beside | None) -> dict[str, JSON]:
    return {} if beside is None else {"earlier": beside_json(beside)}


def _versions() -> dict[str, str]:
    found = {"drafting": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "openpyxl", "jinja2", "python-docx"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def sources(run: Run) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Cells that each published figure came from, by the keys that the document's figures carry.

    Keys: ``('weight', category)``, ``('weight', category, code)``, ``('level', code, grade)``.
    """
    inputs = run.project.inputs
    if inputs is None:
        return {}
    if inputs.tables:
        return {(*at, key): cells for key, one in run.of_tables.items() for at, cells in sources(one).items()}
    return {**_weight_sources(run, inputs), **_baseline_sources(run)}


def _weight_sources(run: Run, inputs: Inputs) -> dict[tuple[str, ...], tuple[str, ...]]:
    weights, where = run.results.weights, run.project.provenance
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    if weights is None:
        return found
    for group in (weights.first_level, *weights.second_level):
        first = group is weights.first_level
        for w in group.weights:
            key = ("weight", w.key) if first else ("weight", group.group, w.key)
            cells = _weight_cells(where, inputs, group, "category" if first else "indicator", w.key)
            found[key] = tuple(str(c) for c in cells if c)
    return found


def _weight_cells(where: Provenance, inputs: Inputs, group: WeightGroup, kind: str, key: str) -> list[Cell | None]:
    if group.method == "给定":
        return [where.find(kind, key, "权重")]
    cells = [where.find("judgement", m.expert, m.group) for m in inputs.judgements if m.group == group.group]
    said = consulted(group.details)
    for last in (r for r in inputs.delphi if said is not None and r.number == said.round):
        cells += [where.find("delphi", str(last.number), a.expert, group.group, key) for a in last.answers]
    return cells


def _baseline_sources(run: Run) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    where = run.project.provenance
    survey = run.project.inputs.survey if run.project.inputs else None
    derivations = survey.derivations if survey else {}
    few = survey is None or len(survey) <= MOST_DETAILED  # of many, equal values may be hundreds
    for baselines in run.results.baselines.indicators if run.results.baselines else ():
        words = derivations[baselines.code].totals.values() if baselines.code in derivations else (baselines.code,)
        for grade, baseline in baselines.by_grade.items():
            rows = baseline.enterprises if few else baseline.enterprises[:SHOWN]
            cells = [where.find("survey", word, str(row)) for row in rows for word in words] or [
                where.find("indicator", baselines.code, f"{grade.chinese}基准值")
            ]
            found[("level", baselines.code, grade.value)] = tuple(str(c) for c in cells if c)
    return found


def _tables(run: Run, inputs: Inputs) -> dict[str, JSON]:
    """Sections of every table as a record of one table has them, and the verdicts over all tables.

    ``weights``, ``baselines``, ``trial`` and ``data`` of the record itself are null then.
    """
    tables = []
    for table, one in zip(inputs.tables, run.of_tables.values(), strict=True):
        found, own = one.results, one.project.inputs
        assert own is not None  # of_tables has those of tables only
        made = {
            "weights": weights_json(found.weights) if found.weights else None,
            "baselines": baselines_json(found.baselines, own) if found.baselines else None,
            "trial": trial_json(found.trial) if found.trial else None,
            "data": evidence(own),
        }
        about = {
            "key": table.key, "caption": table.caption, "applies": table.applies, "output_unit": table.output_unit,
            "coefficient": None if table.coefficient is None else text_of(table.coefficient),
        }  # fmt: skip
        tables.append({**about, **made, "digests": digests({**about, **made})})
    joined = run.results.combined
    return {"tables": tables, "combined": None if joined is None else trial_json(joined)}


def record(run: Run, aside: Aside | None = None) -> dict[str, JSON]:
    """The whole record of one build, without any clock: same inputs, same bytes.

    ``aside`` says where the enterprises stand if not in the record itself (:mod:`drafting.record.enterprises`).
    """
    results, inputs = run.results, run.project.inputs
    made: dict[str, JSON] = {
        "format": FORMAT,
        "versions": _versions(),
        "inputs": dict(sorted(run.project.files.items())),
        "weights": weights_json(results.weights) if results.weights else None,
        "baselines": baselines_json(results.baselines, inputs) if results.baselines and inputs else None,
        "trial": trial_json(results.trial, listed=aside is None) if results.trial else None,
        "data": evidence(inputs, survey=aside is None) if inputs and not inputs.tables else None,
        **({} if aside is None else {"enterprises": written(aside)}),
        "sources": {":".join(key): list(cells) for key, cells in sources(run).items()},
        "findings": findings_json(run.findings),
    }
    if inputs is not None and inputs.tables:
        made |= _tables(run, inputs)
    return {**made, "digests": digests(made)}
