"""kill -9 in mid-build: never files of two generations without a sign. The long form is ``benchmarks/kills.py``."""

from __future__ import annotations

import os
from typing import Any

import pytest

from benchmarks.kills import kills


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_builds_leave_one_generation_or_say_so(folder: Any) -> None:
    found = kills(folder.path, 4)
    assert sum(found.values()) == 4
