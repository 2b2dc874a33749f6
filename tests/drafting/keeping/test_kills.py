"""kill -9 in mid-build: never files of two generations without a sign. The long form is ``benchmarks/kills.py``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kills_keeping
from benchmarks.kills import kills


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_builds_leave_one_generation_or_say_so(folder: Any) -> None:
    found = kills(folder.path, 4)
    assert sum(found.values()) == 4


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_uploads_snapshots_and_restores_leave_one_version_or_say_so(tmp_path: Path) -> None:
    """Bounded sample; the long form is ``benchmarks/kills_keeping.py``."""
    found = kills_keeping.kills(tmp_path, 18)
    assert sum(found.values()) == 18
