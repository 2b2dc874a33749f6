"""One enterprise under several tables (setting 多表评定): each table is evaluated first, then the verdicts are joined.

Under 按产量加权 and 固定系数, with the parts q_t of the tables that an enterprise has (Σ q_t = 1)::

    Y_k = Σ_t q_t · Y_k,t

and gate and conditions of D.4 hold over all its tables. This is Appendix D on the stacked system whose first-level
weights are q_t·ω_i.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.trial.judging import Judged, judge_survey
from drafting.evaluation import GRADES as LABELS
from drafting.evaluation import Evaluation
from drafting.evaluation.decimals import to_decimal
from drafting.evaluation.draft import Draft, draft_of
from drafting.evaluation.exact import ExactIndices
from drafting.evaluation.joined_reasons import excluded_words, gate_words, index_words, lowest_words, short_words
from drafting.evaluation.reasons import show
from drafting.evaluation.rule import GATE
from drafting.findings import Finding, Provenance, finding
from drafting.model.exclusions import taking_part
from drafting.model.identity import name_key
from drafting.model.inputs import Inputs
from drafting.model.results import EnterpriseResult, Results, Trial
from drafting.model.survey import Survey
from drafting.model.tables import BY_OUTPUT, COEFFICIENTS, LOWEST, MAIN_PRODUCT, SEPARATELY, IndicatorTable
from drafting.model.terms import GRADES, Grade
from drafting.model.trial_details import JoinedDetails, JoinedEnterprise
from drafting.notation.conversion import UnitError, conversion
from drafting.notation.units import normalise_unit


@dataclass(frozen=True, slots=True)
class Part:
    """One table's enterprises, judged: what the verdicts are joined from."""

    table: IndicatorTable
    survey: Survey
    judged: Judged
    result: Evaluation

    @classmethod
    def of(cls, table: IndicatorTable, inputs: Inputs, draft: Draft, survey: Survey, *, surveyed: bool) -> Part:
        """Judge a survey against one table's draft; the findings are those of that table's own trial."""
        rows = taking_part(inputs.exclusions, survey) if surveyed else range(len(survey))
        judged, _ = judge_survey(inputs, draft, survey, rows, Provenance())
        return cls(table, survey, judged, judged.grade())


@dataclass(frozen=True, slots=True)
class _One:
    """One enterprise under one table."""

    part: Part
    place: int
    indices: tuple[Fraction | None, Fraction | None, Fraction | None]

    @property
    def output(self) -> Fraction | None:
        """产量 in the table's unit."""
        outputs = self.part.survey.outputs
        told = None if outputs is None else outputs[int(self.part.judged.rows[self.place])]
        return None if told is None else Fraction(told)

    @property
    def grade(self) -> int:
        """0, 1, 2 for I, II, III; 3 for none."""
        return (int(self.part.result.grades[self.place]) or 4) - 1

    def short(self, grade: int, *, limiting: bool) -> tuple[str, ...]:
        """Names of the limiting (or the other) indicators below what a grade asks of them."""
        result, draft = self.part.result, self.part.judged.draft
        required = result.rule.required(grade, limiting=limiting)
        if required is None:
            return ()
        asked = result.applicable[self.place] & (result.limiting == limiting)
        failed = np.flatnonzero(asked & ~result.reached[self.place, :, required]).tolist()
        return tuple(draft.names[j] for j in failed if draft.groups[j] not in draft.bonus)


def combine(inputs: Inputs, parts: Sequence[Part], where: Provenance) -> tuple[Trial | None, list[Finding]]:
    """Join the verdicts of enterprises under several tables; None under 分别评定, or where no rule is named.

    Returns one result per enterprise; under 取最低 the indices are the lowest over its tables. ``joined`` holds the
    rule and, by enterprise, tables, parts and grades.
    """
    rule = inputs.settings.several_tables
    found: list[Finding] = []
    if rule in ("", SEPARATELY) or not parts:
        return None, found
    if rule == COEFFICIENTS and not _coefficients(inputs.tables):
        return None, found  # the reader has said what is wrong with them
    by_output = rule in (BY_OUTPUT, MAIN_PRODUCT)
    if by_output and not _one_unit([t.output_unit for t in inputs.tables]):
        place = where.find("tables", inputs.tables[0].key, "产量单位")
        said = "、".join(f"{t.key}：{t.output_unit or '空白'}" for t in inputs.tables)
        return None, [finding("combined-output-units", place, rule=rule, units=said)]
    results: list[EnterpriseResult] = []
    details: list[JoinedEnterprise] = []
    for name, ones, incomplete in _enterprises(parts):
        if incomplete:
            found.append(finding("combined-incomplete", enterprise=name, tables="、".join(incomplete)))
            continue
        shares = _shares(rule, ones)
        if shares is None:
            at = next((o for o in ones if o.output is None), ones[0])
            row = str(int(at.part.judged.rows[at.place]))
            place = where.for_table(at.part.table.key).find("survey", "产量", row) or where.find("survey")
            code = "combined-main-unclear" if rule == MAIN_PRODUCT and _told(ones) else "combined-output-missing"
            found.append(finding(code, place, enterprise=name, rule=rule))
            continue
        one = _verdict(name, rule, ones, shares)
        results.append(one)
        hidden = [o for o, share in zip(ones, shares, strict=True) if rule == MAIN_PRODUCT and not share]
        lacking = {n for o in hidden for n in o.short(GATE, limiting=True)}
        if one.grade is not None and lacking:
            keys, names = "、".join(o.part.table.key for o in hidden), "、".join(sorted(lacking))
            found.append(finding("combined-hides-limiting", enterprise=name, tables=keys, names=names))
        details.append(_detail(name, ones, shares))
    counts = {label: sum(e.grade is Grade(label) for e in results) for label in LABELS}
    counts["none"] = sum(e.grade is None and not e.excluded for e in results)
    counts["excluded"] = sum(e.excluded for e in results)
    joined = JoinedDetails(rule=rule, enterprises=tuple(details))
    return Trial(tuple(results), MappingProxyType(counts), joined=joined), found


def combined_trial(
    inputs: Inputs,
    results: Mapping[str, Results],
    surveys: Mapping[str, Survey | None],
    where: Provenance,
    *,
    surveyed: bool,
) -> tuple[Trial | None, list[Finding]]:
    """Join the verdicts of enterprises under several tables (多表评定); see :func:`combine`.

    ``results``: weights and baselines of each table, by its key.
    ``surveys``: the enterprises of each table, by its key.
    ``surveyed``: whether they are the project's own survey, which sheet 剔除 is about.
    """
    parts: list[Part] = []
    for table, one in zip(inputs.tables, inputs.slices, strict=True):
        survey, found = surveys.get(table.key), results[table.key]
        if survey is None or found.weights is None or found.baselines is None:
            continue
        draft, _ = draft_of(one, found.weights, found.baselines)
        if draft is not None:
            if not survey.loads_columns(len(draft.indicators)):
                return None, []  # the table's own trial has said that its enterprises are not judged together
            cleaned = exclude(one, survey, Provenance())[0] if surveyed else survey
            parts.append(Part.of(table, one, draft, cleaned, surveyed=surveyed))
    return combine(inputs, parts, where)


def _one_unit(units: Sequence[str]) -> bool:
    """Whether outputs can be added: 万t and 万吨 are one unit."""
    if len({normalise_unit(unit) for unit in units}) == 1:
        return True
    try:
        return all(conversion(unit, units[0]) == 1 for unit in units)
    except (UnitError, ImportError):
        return False


def _coefficients(tables: Sequence[IndicatorTable]) -> bool:
    told = [t.coefficient for t in tables]
    return all(c is not None for c in told) and sum(Fraction(c) for c in told if c is not None) == 1


def _enterprises(parts: Sequence[Part]) -> Iterator[tuple[str, list[_One], list[str]]]:
    """Each enterprise with its verdicts, and the tables in which it stands without one."""
    names: dict[str, str] = {}
    ones: dict[str, list[_One]] = {}
    lacking: dict[str, list[str]] = {}
    for part in parts:
        exact = ExactIndices(part.result)
        places = {int(row): place for place, row in enumerate(part.judged.rows.tolist())}
        taking = set(places)
        for row, name in enumerate(part.survey.enterprises):
            key = name_key(name)
            names.setdefault(key, name)
            if row in taking:
                ones.setdefault(key, []).append(_One(part, places[row], exact.of(places[row])))
            else:
                lacking.setdefault(key, []).append(part.table.key)
    for key, name in names.items():
        if key in ones:
            yield name, ones[key], lacking.get(key, [])


def _told(ones: Sequence[_One]) -> bool:
    return all(o.output is not None for o in ones)


def _shares(rule: str, ones: Sequence[_One]) -> tuple[Fraction, ...] | None:
    """Parts q_t of an enterprise's tables, which sum to 1; None where outputs that decide are not known."""
    if len(ones) == 1:
        return (Fraction(1),)
    if rule == LOWEST:
        return (Fraction(1, len(ones)),) * len(ones)
    if rule == COEFFICIENTS:
        given = [Fraction(o.part.table.coefficient or 0) for o in ones]
    else:
        outputs = [o.output for o in ones]
        given = [o for o in outputs if o is not None]
        if len(given) < len(ones):
            return None
    if rule == MAIN_PRODUCT:
        most = max(given)
        return tuple(Fraction(int(g == most)) for g in given) if given.count(most) == 1 else None
    total = sum(given, Fraction())
    return tuple(g / total for g in given) if total else None


def _verdict(name: str, rule: str, ones: Sequence[_One], shares: Sequence[Fraction]) -> EnterpriseResult:
    excluded = any(bool(o.part.result.excluded[o.place]) for o in ones)
    y: list[Fraction | None] = []
    for g in range(len(GRADES)):
        told = [o.indices[g] for o in ones]
        known = [t for t in told if t is not None]
        if excluded or len(known) < len(ones):
            y.append(None)
        elif rule == LOWEST:
            y.append(min(known))
        else:
            y.append(sum((q * t for q, t in zip(shares, known, strict=True)), Fraction()))
    counted = [o for o, q in zip(ones, shares, strict=True) if q]
    grade, reasons = (None, [excluded_words()]) if excluded else _grade(rule, counted, y)
    return EnterpriseResult(
        name, MappingProxyType({g: None if v is None else to_decimal(v) for g, v in zip(GRADES, y, strict=True)}),
        None if grade is None else GRADES[grade], excluded, tuple(reasons),
    )  # fmt: skip


def _grade(rule: str, ones: Sequence[_One], y: Sequence[Fraction | None]) -> tuple[int | None, list[str]]:
    """The grade by D.4 over all tables (by 取最低 the worst of them), and what stops a better one."""
    if rule == LOWEST:
        worst = max(o.grade for o in ones)
        at = [o.part.table.key for o in ones if o.grade == worst]
        grade = worst if worst < len(GRADES) else None
        return grade, [lowest_words(at, grade)] if worst else []
    gate = [gate_words(o.part.table.key, "、".join(s)) for o in ones if (s := _gate(o))]
    reasons = list(gate)
    asked = ones[0].part.result.rule  # tables of one edition are judged by one rulebook
    for g, threshold in enumerate(asked.thresholds):
        stops = []
        index = y[g]
        if index is not None and index < threshold:
            stops.append(index_words(g, show(index), str(threshold)))
        for o in ones:
            for limiting in (True, False):
                required = asked.required(g, limiting=limiting)
                if required is None or (limiting and required == GATE):
                    continue
                if short := o.short(g, limiting=limiting):
                    stops.append(short_words(o.part.table.key, "、".join(short), required, limiting=limiting))
        if not stops and not gate:
            return g, reasons
        reasons += stops
    return None, reasons


def _gate(one: _One) -> tuple[str, ...]:
    return one.short(GATE, limiting=True)


def _detail(name: str, ones: Sequence[_One], shares: Sequence[Fraction]) -> JoinedEnterprise:
    return JoinedEnterprise(
        enterprise=name,
        tables=tuple(o.part.table.key for o in ones),
        shares=tuple(str(q) for q in shares),
        grades=tuple(None if o.grade > GATE else LABELS[o.grade] for o in ones),
        exact=tuple(tuple(None if i is None else str(i) for i in o.indices) for o in ones),
    )
