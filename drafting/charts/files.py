"""Writes the pictures of a project's weights into a folder."""

from __future__ import annotations

from pathlib import Path

from drafting.charts.canvas import FORMS
from drafting.charts.weights import consensus_map, convergence, weight_bars
from drafting.files import atomic, file_stem
from drafting.model.results import Weights


def write_weight_charts(weights: Weights, folder: Path, *, internal: bool = False) -> list[Path]:
    """Write all pictures of the weights as PNG and SVG.

    Parameters
    ----------
    internal
        Whether the map of the experts names their codes; it is then written under another name.

    Raises
    ------
    ChartError
        Matplotlib or a Chinese font is missing.
    OutputError
        If a file cannot be written.
    """
    written: list[Path] = []
    taken: set[str] = set()
    for group in (weights.first_level, *weights.second_level):
        if len(group.weights) < 2:
            continue
        stem = file_stem(group.group, "组", taken=taken)
        for form in FORMS:
            pictures = {
                f"权重-{stem}": weight_bars(group, form),
                f"收敛-{stem}": convergence(group, form),
                f"共识-{stem}{'（内部）' if internal else ''}": consensus_map(group, form, internal=internal),
            }
            for name, data in pictures.items():
                if data is not None:
                    path = folder / f"{name}.{form}"
                    with atomic(path) as partial:
                        partial.write_bytes(data)
                    written.append(path)
    return written
