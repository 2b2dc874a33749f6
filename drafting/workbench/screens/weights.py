"""权重: experts by groups, who answered and how consistently; who must be asked again; methods side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.workbench.visit import Visit, screen

if TYPE_CHECKING:
    from drafting.analysis.weights.comparison import GroupComparison
    from drafting.model.results import Weights
    from drafting.progress import Progress
    from drafting.run import Run


OVER = "CR "
"""With what a reason begins that is about consistency."""


@dataclass(frozen=True, slots=True)
class Line:
    """One expert: for every group the CR as text and whether it is within the limit; None where there is no matrix."""

    expert: str
    cells: tuple[tuple[str, bool] | None, ...]


def _show(visit: Visit) -> Response:
    seen, which = visit.of_table()
    weights = seen.run.results.weights
    if weights is None:
        return visit.page("weights.html.j2", weights=None, **which)
    groups = tuple(dict.fromkeys(e.matrix for e in weights.experts))
    compared = visit.made(seen, "methods", "各种算法和 RI 表", _compared) if visit.text("compare") and groups else ()
    return visit.page(
        "weights.html.j2", weights=weights, groups=groups, lines=_lines(weights, groups), again=asked_again(weights),
        compared=compared, asked=bool(visit.text("compare")), **which,
    )  # fmt: skip


def _lines(weights: Weights, groups: Sequence[str]) -> list[Line]:
    found = {(e.expert, e.matrix): (f"{e.cr:.3f}", e.consistent) for e in weights.experts}
    silent = [code for codes in weights.panel.not_answered.values() for code in codes]
    experts = dict.fromkeys([*(e.expert for e in weights.experts), *silent])
    return [Line(code, tuple(found.get((code, g)) for g in groups)) for code in experts] if groups else []


def asked_again(weights: Weights) -> list[tuple[str, str, str]]:
    """Who must be asked again: expert, which questionnaire, what for."""
    asked = [(code, what, "还没有交回") for what, codes in weights.panel.not_answered.items() for code in codes]
    for one in weights.panel.revise:
        first = next(iter(one.judgements), None)
        advice = f"，先看“{first.first}”比“{first.second}”（改为 {first.step} 即可降低）" if first else ""
        asked.append((one.expert, one.matrix, f"{OVER}{one.cr:.3f} 超过限值{advice}"))
    return asked


def _compared(run: Run, _: Progress) -> Sequence[GroupComparison]:
    from drafting.analysis.weights.comparison import compare

    inputs = run.project.inputs
    return () if inputs is None else compare(inputs)


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (screen("/p/{project}/weights", "weights", get=_show),)
