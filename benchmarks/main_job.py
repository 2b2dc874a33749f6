"""The main job beside its yardsticks, ratios in one run: start-up, building the demo, reading a survey workbook.

    python benchmarks/main_job.py [RUNS]

Prints medians; nothing here gates. Aims: help under 1.3× a bare click program, the demo's build under 10× the import of
its libraries, a 500 × 40 survey under 2× bare openpyxl.

The whole build, with pictures and LibreOffice, stands in ``benchmarks/all.py``.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

BARE_CLICK = """
import click
@click.group()
def main(): pass
@main.command()
def one(): pass
main(["--help"])
"""
LIBRARIES = "import numpy, scipy.special, openpyxl, jinja2, docx, lxml.etree, latex2mathml.converter, mathml2omml"


def command(*arguments: str) -> Callable[[], float]:
    """A fresh Python process with these arguments, as something that can be timed."""

    def run() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT)
        return time.perf_counter() - start

    return run


def drafting(*arguments: str) -> Callable[[], float]:
    """The command ``drafting``."""
    return command("-m", "drafting", *arguments)


def alternate(runs: int, first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of both and of the ratio first/second, pair by pair."""
    first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def survey_workbook(folder: Path) -> Path:
    """A project with a survey of 500 enterprises and 40 columns; returns the survey's path."""
    import numpy as np
    import openpyxl

    rng = np.random.default_rng(1)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["企业", "分组", *(f"X{j}" for j in range(1, 39))])
    for e in range(500):
        sheet.append([f"企业{e:03d}", "甲" if e % 2 else "乙", *np.round(rng.lognormal(size=38), 3).tolist()])
    path = folder / "调研数据.xlsx"
    book.save(path)
    return path


def reading(runs: int, folder: Path) -> tuple[float, float, float]:
    """Reading with addresses, states and findings beside bare openpyxl."""
    import openpyxl

    from drafting.model.document import DocumentInfo
    from drafting.model.inputs import Inputs
    from drafting.model.settings import Settings
    from drafting.model.system import Category, Indicator, IndicatorSystem
    from drafting.project.folder import load_survey

    path = survey_workbook(folder)
    indicators = tuple(Indicator(f"X{j}", f"指标{j}", "能源消耗") for j in range(1, 39))
    inputs = Inputs(DocumentInfo(), Settings(), IndicatorSystem((Category("能源消耗"),), indicators))

    def ours() -> float:
        start = time.perf_counter()
        survey, _, _ = load_survey(path, inputs)
        assert survey is not None
        assert len(survey) == 500
        return time.perf_counter() - start

    def bare() -> float:
        start = time.perf_counter()
        sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        assert len(rows) == 501
        return time.perf_counter() - start

    return alternate(runs, ours, bare)


def main() -> None:
    """Run and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo = folder / "demo"
        shutil.copytree(ROOT / "examples" / "建筑陶瓷", demo)
        base = drafting("build", str(demo), "--quick")
        rows = [
            ("help / bare click", alternate(runs, drafting("--help"), command("-c", BARE_CLICK))),
            ("demo, base / its imports", alternate(runs, base, command("-c", LIBRARIES))),
            ("survey 500 × 40 / bare openpyxl", reading(runs, folder)),
        ]
    for label, (ours, other, ratio) in rows:
        print(f"{label:<38} {ours * 1000:8.1f} ms {other * 1000:8.1f} ms   ratio {ratio:5.2f}")


if __name__ == "__main__":
    main()
