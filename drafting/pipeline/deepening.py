"""What takes seconds of a trial, taken up again where it was computed before."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType

from drafting.model.trial_details import DeepTrial
from drafting.recall import keep, key_of, recalled
from drafting.run import Run


def deepen(run: Run) -> Run:
    """Add to a run what takes seconds: sensitivity and stability of the trial. No finding depends on it."""
    from drafting.analysis.trial.try_out import deepen as deepened
    from drafting.record.codec import read, written
    from drafting.record.evidence import evidence

    inputs, found = run.project.inputs, run.results
    if inputs is not None and inputs.tables:
        deep = {key: deepen(one).results for key, one in run.of_tables.items()}
        return replace(run, results=replace(found, tables=MappingProxyType(deep)))
    if inputs is None or found.weights is None or found.baselines is None or found.trial is None:
        return run
    key = key_of("sensitivity", evidence(inputs))
    kept = recalled(key)
    if kept is not None and found.trial.details is not None:
        made = replace(found.trial, details=replace(found.trial.details, deep=read(kept, DeepTrial)))
    else:
        made = deepened(inputs, found.weights, found.baselines, found.trial)
        if made.details is not None and made.details.deep is not None:
            keep(key, json.dumps(written(made.details.deep), ensure_ascii=False).encode())
    return replace(run, results=replace(found, trial=made))
