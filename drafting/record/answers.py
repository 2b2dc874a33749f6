"""What single commands answer as JSON beside the sections of the record: clauses, baselines tried, a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drafting.model.terms import GRADES
from drafting.record.codec import plain, written

if TYPE_CHECKING:
    from drafting.analysis.baselines.what_if import Effect, WhatIf
    from drafting.analysis.trial.calibration import Calibration, Change, Point
    from drafting.evaluation.draft import Draft
    from drafting.model.coded import JSON
    from drafting.record.coverage import Standing


def clause_json(standing: Standing) -> Mapping[str, JSON]:
    """One clause of ``drafting check --clauses``."""
    entry = standing.entry
    return {
        "clause": entry.clause, "kind": entry.kind, "how": entry.how, "rules": entry.rules,
        "state": standing.state.value, "lacking": standing.lacking or None,
        "findings": [f.to_json() for f in standing.findings],
    }  # fmt: skip


def what_if_json(tried: WhatIf) -> Mapping[str, JSON]:
    """Other baselines, tried (``drafting baselines --what-if``)."""
    return {
        "changes": [_effect(e) for e in tried.effects],
        "distribution": {"before": plain(tried.before), "after": plain(tried.after)},
        "moved": tried.moved,
        "moves": plain(tried.moves),
    }


def _effect(one: Effect) -> Mapping[str, JSON]:
    counted: Mapping[str, JSON] = {
        "before": {"bound": one.before, "share": one.share_before},
        "after": {"bound": one.after, "share": one.share_after},
        "n": one.n,
        "remarks": one.out_of_order,
    }
    if one.stratum is not None:
        return {"stratum": one.stratum, **counted}
    change = one.change
    named: Mapping[str, JSON] = {"code": change.code, "indicator": one.name, "grade": change.grade.value}
    strata = [_effect(within) for within in one.strata]
    return {**named, "value": plain(change.value), **counted, "strata": strata}


def calibration_json(found: Calibration, draft: Draft, caution: str) -> Mapping[str, JSON]:
    """A joint proposal for a draft (``drafting calibrate``), with the sentence that goes with it."""

    def point(one: Point) -> Mapping[str, JSON]:
        return {**written(one), "price": round(one.price, 6)}

    def grade(c: Change) -> Mapping[str, JSON]:
        return {
            "indicator": draft.names[c.indicator], "code": draft.indicators[c.indicator].code,
            "grade": GRADES[c.grade].value,
            "before": {"value": c.value_before, "share": c.share_before},
            "after": {"value": c.value_after, "share": c.share_after},
        }  # fmt: skip

    return {
        "caution": caution, "asked": [*map(float, found.asked)], "evaluated": found.evaluated,
        "reachable": found.reachable, "met": found.met, "possible": found.possible,
        "before": {**point(found.before), "distribution": plain(found.distribution_before)},
        "after": {**point(found.after), "distribution": plain(found.distribution_after)},
        "curve": [*map(point, found.curve)],
        "changes": [grade(c) for c in found.changes],
        "fixed": [draft.indicators[j].code for j in found.fixed],
    }  # fmt: skip
