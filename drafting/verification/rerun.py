"""The figures of a record computed again by the pipeline itself, from the record's own data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.analysis.trial.combine import combined_trial
from drafting.analysis.trial.try_out import try_out
from drafting.analysis.trial.verdicts import Verdicts
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Provenance
from drafting.model.coded import JSON
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines, Results, Trial, Weights
from drafting.model.terms import GRADES
from drafting.record.results import baselines_json, trial_json, weights_json
from drafting.record.schema import Evidence, OneOfTables, RecordedSurvey, RecordedTable
from drafting.verification.opinion.trial import Published
from drafting.verification.rebuild import inputs_of, tables_of


@dataclass(frozen=True, slots=True)
class Again:
    """What a second run finds; None where the data give none."""

    weights: Weights | None = None
    baselines: Baselines | None = None
    trial: Trial | None = None
    inputs: Inputs | None = None

    def sections(self, *, listed: bool = True) -> dict[str, Mapping[str, JSON] | None]:
        """The sections of a record as they would be written; ``listed``: with the enterprises one by one."""
        return {
            "weights": None if self.weights is None else weights_json(self.weights),
            "baselines": (
                None if self.baselines is None or self.inputs is None else baselines_json(self.baselines, self.inputs)
            ),
            "trial": None if self.trial is None else trial_json(self.trial, listed=listed),
        }


def run_again(record: RecordedTable, data: Evidence | None, survey: RecordedSurvey | None) -> Again:
    """Run weights, baselines and trial once more; sensitivity and stability only where the record has them."""
    if data is None:
        return Again()
    inputs, where, said = inputs_of(data, survey), Provenance(), record.trial
    weights = weigh(inputs, where)[0] if record.weights is not None or said is not None else None
    baselines = set_baselines(inputs, where)[0] if record.baselines is not None or said is not None else None
    trial = None
    if said is not None and weights is not None and baselines is not None and inputs.survey is not None:
        trial = try_out(inputs, weights, baselines, inputs.survey, where, deep=said.details.deepened)[0]
    return Again(weights, baselines, trial, inputs)


def published_in(verdicts: Verdicts) -> Published:
    """Names, grades and indices of many verdicts, without making each of them."""
    grades = [GRADES[g - 1].value if g else None for g in verdicts.result.grades.tolist()]
    names = [verdicts.survey.enterprises[row] for row in verdicts.rows.tolist()]
    return Published(names, grades, verdicts.result.indices)


def join_again(tables: Sequence[OneOfTables], ran: Sequence[Again]) -> Trial | None:
    """Join the verdicts of enterprises under several tables once more; None where no rule joins them."""
    own = [again.inputs for again in ran if again.inputs is not None]
    inputs, where = tables_of(tables, own), Provenance()
    results = {t.key: _results(again, where) for t, again in zip(tables, ran, strict=True)}
    surveys = {table.key: table.survey for table in inputs.tables}
    return combined_trial(inputs, results, surveys, where, surveyed=True)[0]


def _results(again: Again, where: Provenance) -> Results:
    """Weights and baselines of one table, also where the record does not have them."""
    inputs = again.inputs
    if inputs is None:
        return Results(again.weights, again.baselines)
    return Results(again.weights or weigh(inputs, where)[0], again.baselines or set_baselines(inputs, where)[0])
