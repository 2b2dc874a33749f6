"""``--write-golden``: keep what the program says now."""

from __future__ import annotations

import pytest


@pytest.fixture
def write(request: pytest.FixtureRequest) -> bool:
    """Whether the records are to be written anew."""
    return bool(request.config.getoption("--write-golden"))
