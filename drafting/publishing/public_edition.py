"""A run as the public edition prints it: free text without names and numbers, no figure that is one enterprise's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from drafting.analysis.weights.opinions import opinions_of
from drafting.document.editions import without_names
from drafting.document.small_samples import public_results
from drafting.findings import Cell, Finding, finding

if TYPE_CHECKING:
    from drafting.model.inputs import Inputs
    from drafting.model.results import Results
    from drafting.run import Run


def printed_inputs(run: Run, inputs: Inputs) -> tuple[Inputs, Sequence[Finding]]:
    """The inputs without names and numbers in free text, and every cell that was changed or cannot be judged."""
    from drafting.document.public_inputs import public_inputs

    opinions = [(o.place, o.text) for o in opinions_of(inputs) if not o.private]
    printed, places = public_inputs(inputs, opinions)
    said = []
    for place in places:
        cell = place.at or run.project.provenance.find(*place.key) or Cell()
        for code, so in (("public-text-changed", place.changed), ("public-text-unsure", place.unsure)):
            if so:
                said.append(finding(code, cell, heading=place.heading))
    return printed, said


def public_run(run: Run, inputs: Inputs) -> Run:
    """The run without figures that are one enterprise's data."""
    return replace(run, results=public_results(run.results, inputs.settings.small_samples))


def drawn_run(run: Run, net: Callable[[str], str]) -> Run:
    """The run as pictures show it: names of indicators and groups without names of enterprises, before they are folded.

    Enterprises themselves stay as they are: pictures of the public edition show none by name.
    """

    def of(results: Results) -> Results:
        trial = results.trial
        if trial is not None:
            trial = replace(without_names(replace(trial, enterprises=()), net), enterprises=trial.enterprises)
        tables = MappingProxyType({key: of(one) for key, one in results.tables.items()})
        weights, baselines = without_names(results.weights, net), without_names(results.baselines, net)
        return replace(results, weights=weights, baselines=baselines, trial=trial, tables=tables)

    inputs = run.project.inputs
    if inputs is not None:
        tables = tuple(replace(one, system=without_names(one.system, net)) for one in inputs.tables)
        inputs = replace(inputs, system=without_names(inputs.system, net), tables=tables)
    return replace(run, results=of(run.results), project=replace(run.project, inputs=inputs))
