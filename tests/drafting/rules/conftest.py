"""A right project – the bundled example – as the rules see it; tests break one thing in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from drafting.document.compose import compose
from drafting.document.tree import Document
from drafting.findings import Finding, Provenance
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.rules import check, check_document

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"
CLASSIFICATION = MappingProxyType({"3071": "建筑陶瓷制品制造", "3011": "水泥制造"})


@dataclass(frozen=True)
class Right:
    """A right project with its results and its draft."""

    inputs: Inputs
    results: Results
    where: Provenance
    document: Document

    def check(self, classification: Mapping[str, str] | None = CLASSIFICATION, **changes: Any) -> list[Finding]:
        """Findings on inputs and results after ``changes`` to ``inputs`` or ``results``."""
        return check(
            changes.get("inputs", self.inputs), changes.get("results", self.results), self.where,
            classification=classification,
        )  # fmt: skip

    def read(self, document: Document | None = None, inputs: Inputs | None = None) -> list[Finding]:
        """Findings on the draft; other inputs are composed anew."""
        if document is None:
            document = self.document if inputs is None else compose(inputs, self.results)
        return check_document(document, inputs or self.inputs, self.where)


@pytest.fixture(scope="session")
def right() -> Right:
    from drafting.pipeline.running import run_project

    run = run_project(EXAMPLE, until="trial")
    inputs = run.project.inputs
    assert inputs is not None
    # what 5.3 names is marked here, so that the right project is silent
    inputs = of_indicators(inputs, ("W1", "W2", "W6"), limiting=True)
    return Right(inputs, run.results, run.project.provenance, compose(inputs, run.results))


def of_indicators(inputs: Inputs, codes: tuple[str, ...] | None = None, **changes: Any) -> Inputs:
    """The same inputs with some (or all) indicators changed; a callable change is given the indicator."""

    def changed(indicator: Any) -> Any:
        if codes is not None and indicator.code not in codes:
            return indicator
        return replace(indicator, **{k: v(indicator) if callable(v) else v for k, v in changes.items()})

    system = replace(inputs.system, indicators=tuple(map(changed, inputs.system.indicators)))
    return replace(inputs, system=system)


def of_info(inputs: Inputs, **changes: Any) -> Inputs:
    """The same inputs with other words in 文件信息."""
    return replace(inputs, document=replace(inputs.document, **changes))
