"""Figures that are one enterprise's data, as the public edition prints them: left out, or rounded (setting 小样本)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from drafting.findings import Finding, finding, wording_of
from drafting.model.results import Baseline, Baselines, IndicatorBaselines, Results, Trial
from drafting.model.terms import Direction, Grade

FEWEST = 5
"""Enterprises from which on the public edition prints a value of a single one of them, pictures, counts of a group."""
ROUNDED = "修约"
FEW_IN_A_GROUP = f"不足{FEWEST}家企业的分组，公开版不列各等级的企业数；合起来仍不足{FEWEST}家的，最小的另一组也不列。"
_DIGITS = 2
"""Significant digits of a rounded value."""
_TOLD: Mapping[str, str] = {
    "outliers-good-side": "public-outliers", "survey-outside-limits": "public-outside-limits",
}  # fmt: skip
"""Findings that quote a value of one enterprise -> what the public paper says instead."""


def public_results(results: Results, how: str) -> Results:
    """Give the results as the public edition may print them.

    The k-th best value, or an end of its interval, is what one enterprise reported. It is not printed as it stands
    where fewer than :data:`FEWEST` enterprises have a value, and where it is the best or the worst of all.

    ``how``: setting 小样本: :data:`ROUNDED` to two significant digits, anything else leaves the value out. What
    rounding does not change is left out as well.
    """
    rounded = how == ROUNDED
    tables = {key: public_results(one, how) for key, one in results.tables.items()}
    baselines = None if results.baselines is None else _public(results.baselines, rounded)
    trial = None if results.trial is None else _without_few(results.trial)
    return replace(results, baselines=baselines, trial=trial, tables=MappingProxyType(tables))


def singled_out(one: IndicatorBaselines, grade: Grade) -> tuple[bool, bool, bool]:
    """Whether the k-th best value, the low and the high end of its interval would tell what one enterprise reported."""
    k = one.by_grade[grade].k
    if k is None:  # not taken from the survey
        return False, False, False
    few = one.n < FEWEST
    sample = one.details.sample if one.details else None
    if sample is None or grade.value not in sample.grades:  # nobody knows where the ends lie
        return few or k in (1, one.n), True, True
    size = max(1, int(sample.effective_n))  # of a weighted sample the ranks of the ends are among so many
    ranks = sample.grades[grade.value].interval_ranks
    ends = ranks if one.direction is Direction.SMALLER else ranks[::-1]
    low, high = (end is not None and (few or end in (1, size)) for end in ends)
    return few or k in (1, one.n), low, high


def note_of(how: str) -> str:
    """What the paper says below a table where something was left out or rounded."""
    shown = f"修约至{_DIGITS}位有效数字，修约不改变数值的从略" if how == ROUNDED else "从略"
    return f"不足{FEWEST}家企业，或名次为1或末位时，第k优值和区间的端点就是某一家企业的数据，公开版{shown}。"


def public_words(told: Finding) -> str:
    """The message of a finding without the value of a single enterprise."""
    code = _TOLD.get(told.code)
    wanted = None if code is None else wording_of(code)
    if code is None or wanted is None:
        return told.message
    said = finding(code, **{name: told.values.get(name, "") for name in wanted.placeholders}).message
    before, quoted, after = told.message.partition(finding(told.code, **told.values).message if told.values else "\0")
    return before + said + after if quoted else said  # a message that was reworded may quote the value anywhere


def _without_few(trial: Trial) -> Trial:
    """Leave out how the grades fall in groups of few enterprises; the groups themselves stay, without counts."""
    if trial.details is None:
        return trial
    details = replace(trial.details, strata=_groups(trial.details.strata), regions=_groups(trial.details.regions))
    return replace(trial, details=details)


def _groups(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """Leave out the counts of groups of few.

    Beside a total those of a single such group would follow from the others', so the smallest of these go with it until
    what is left out together is no longer few.
    """
    there = sorted((sum(of.values()), name) for name, of in counts.items() if any(of.values()))
    out = [one for one in there if one[0] < FEWEST]
    while out and len(out) < len(there) and sum(n for n, _ in out) < FEWEST:
        out.append(there[len(out)])
    hidden = {name for _, name in out}
    return {name: {} if name in hidden else of for name, of in counts.items()}


def _public(baselines: Baselines, rounded: bool) -> Baselines:
    def of(one: IndicatorBaselines) -> IndicatorBaselines:
        return replace(one, by_grade={grade: _baseline(one, grade, rounded) for grade in one.by_grade})

    return replace(baselines, indicators=tuple(map(of, baselines.indicators)), strata=tuple(map(of, baselines.strata)))


def _baseline(one: IndicatorBaselines, grade: Grade, rounded: bool) -> Baseline:
    """One baseline with what tells one enterprise left out or rounded."""
    baseline = one.by_grade[grade]
    values = (baseline.exact, *(baseline.interval or (None, None)))
    exact, low, high = (
        _shown(value, rounded) if value is not None and alone else value
        for value, alone in zip(values, singled_out(one, grade), strict=True)
    )
    return replace(baseline, exact=exact, interval=baseline.interval and (low, high))


def _shown(value: float, rounded: bool) -> float | None:
    """The value rounded, None where it is left out or would stand as it is."""
    about = float(f"{value:.{_DIGITS - 1}e}")
    return about if rounded and about != value else None
