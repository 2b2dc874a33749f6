"""The bundled example, travelled once: it has experts, enterprises, an exclusion and every journey."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.journey import Journey
from drafting.journeys.travel import travel
from drafting.project.examples import write_example


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    folder = tmp_path_factory.mktemp("示例") / "陶瓷"
    write_example(Path(folder))
    return travel(folder)
