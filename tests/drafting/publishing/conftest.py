"""The bundled example, travelled once: it has experts, enterprises, an exclusion and every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.pipeline.running import run_project
from drafting.project.examples import write_example
from drafting.run import Run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("示例") / "陶瓷"
    write_example(Path(folder))
    return run_project(folder)
