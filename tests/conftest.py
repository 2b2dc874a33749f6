"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Each property stands beside fixed cases; .ci/run draws many examples with --hypothesis-profile thorough.
settings.register_profile("default", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """An intended change of figures is written into the golden records, never edited there."""
    parser.addoption("--write-golden", action="store_true", help="write the records of tests/golden anew")


def pytest_collection_finish() -> None:
    """The garbage collector need not walk over and over what was collected and stays: a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


os.environ["DRAFTING_CACHE"] = "off"  # tests make everything anew, in commands that they start as well

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DRAFTING_SHARED", CHECKOUT.parent / "shared"))


@pytest.fixture(autouse=True)
def _switches() -> Iterator[None]:
    """What a command sets for its own process does not outlive the test."""
    before = os.environ.get("DRAFTING_TEMPLATES")
    yield
    if before is None:
        os.environ.pop("DRAFTING_TEMPLATES", None)
    else:
        os.environ["DRAFTING_TEMPLATES"] = before


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the checkout; tests that need it are skipped where it is absent."""
    if not (SHARED / "cases").is_dir():
        pytest.skip("the reference material (../shared) is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def cases(shared: Path) -> Path:
    """Worked numbers with sources."""
    return shared / "cases"
