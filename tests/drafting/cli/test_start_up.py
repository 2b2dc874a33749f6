"""What a command does not need it does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from drafting.workbook.project.blank import prefilled, write_project

CHECK = """
import contextlib, io, sys
from drafting.cli import app
with contextlib.redirect_stdout(io.StringIO()):
    app.run(["check", sys.argv[1]])
print(*sorted(set(sys.argv[2:]) & set(sys.modules)))
"""


def test_a_check_of_a_fresh_project_loads_what_it_needs(tmp_path: Path) -> None:
    """Half of its time went into a writer of workbooks, distributions and frames that it never asked."""
    write_project(tmp_path / "项目.xlsx", prefilled())
    heavy = ("openpyxl", "scipy.special", "scipy.stats", "pandas", "docx", "lxml", "numpy.f2py", "typst", "pypdf")
    line = [sys.executable, "-c", CHECK, str(tmp_path), *heavy, "drafting.project.folder"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["drafting.project.folder"]
