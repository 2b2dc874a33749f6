"""The figures of a record computed again by the pipeline itself, from the record's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.analysis.trial.combine import combined_trial
from drafting.analysis.trial.try_out import try_out
from drafting.analysis.trial.verdicts import Verdicts
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Provenance
from drafting.model.results import Results
from drafting.model.terms import GRADES
from drafting.record.results import baselines_json, trial_json, weights_json
from drafting.verification.rebuild import inputs_of, tables_of


def run_again(record: Mapping[str, Any]) -> dict[str, Any]:
    """
    Run weights, baselines and trial once more; sensitivity and stability only where the record has them.

    Returns
    -------
    dict
        Sections ``weights``, ``baselines`` and ``trial`` as the record writes them; None where the data give none.
        Where the record has its enterprises in a table beside it, ``verdicts`` are those of the second run.
    """
    found: dict[str, Any] = dict.fromkeys(("weights", "baselines", "trial"))
    if record["data"] is None:
        return found
    inputs, where = inputs_of(record["data"]), Provenance()
    said = record["trial"]
    weights = weigh(inputs, where)[0] if record["weights"] is not None or said is not None else None
    baselines = set_baselines(inputs, where)[0] if record["baselines"] is not None or said is not None else None
    if weights is not None:
        found["weights"] = weights_json(weights)
    if baselines is not None:
        found["baselines"] = baselines_json(baselines, inputs)
    if said is not None and weights is not None and baselines is not None and inputs.survey is not None:
        trial = try_out(inputs, weights, baselines, inputs.survey, where, deep="sensitivity" in said["details"])[0]
        if trial is not None and "enterprises" in record:
            found["trial"], found["verdicts"] = trial_json(trial, listed=False), trial.enterprises
        elif trial is not None:
            found["trial"] = trial_json(trial)
    return found


def columns_of(verdicts: Verdicts) -> dict[str, Any]:
    """Names, grades and indices of verdicts, as the second opinion takes them in place of rows."""
    grades = [GRADES[g - 1].value if g else None for g in verdicts.result.grades.tolist()]
    names = [verdicts.survey.enterprises[row] for row in verdicts.rows.tolist()]
    return {"names": names, "grades": grades, "indices": verdicts.result.indices}


def join_again(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Join the verdicts of enterprises under several tables once more; None where no rule joins them."""
    own = {said["key"]: inputs_of(said["data"]) for said in record["tables"]}
    inputs, where = tables_of(record, own), Provenance()
    results = {key: Results(weigh(one, where)[0], set_baselines(one, where)[0]) for key, one in own.items()}
    surveys = {table.key: table.survey for table in inputs.tables}
    joined, _ = combined_trial(inputs, results, surveys, where, surveyed=True)
    return None if joined is None else trial_json(joined)
