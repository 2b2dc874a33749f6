"""A run as the public edition prints it: free text without names and numbers, no figure that is one enterprise's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drafting.analysis.weights.opinions import opinions_of
from drafting.document.small_samples import public_results
from drafting.findings import Cell, Finding, finding

if TYPE_CHECKING:
    from drafting.model.inputs import Inputs
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
