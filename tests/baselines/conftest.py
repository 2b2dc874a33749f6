"""Worked numbers for the baselines core."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def items(cases: Path) -> dict[str, dict[str, Any]]:
    """Items of the worked baselines by their id."""
    return {item["id"]: item for item in json.loads((cases / "baselines.json").read_text(encoding="utf-8"))}
