"""Chromium for the tests: the system's, else Playwright's own; skipped with the reason where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="the package playwright is not installed")
pytest.importorskip("starlette", reason="the extra 'panel' is not installed")

from playwright.sync_api import Error, sync_playwright

from .stage import FLAGS, Server, chromium, copy_of_demo, temporary


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the tests of a file: its event loop runs until it ends, and others' tests start their own."""
    with sync_playwright() as play:
        try:
            running = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        except Error as error:
            pytest.skip(f"no Chromium could be started: {str(error).splitlines()[0]}")
        yield running
        running.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server on a fresh copy of the example."""
    folder = temporary()
    with Server(copy_of_demo(folder), f"sqlite:///{folder / 'panel.sqlite3'}") as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Callable[..., Any]]:
    """Makes browser contexts, each a visitor, and watches that no script fails and no rule of content is hurt."""
    opened: list[Any] = []
    faults: list[str] = []

    def make(**options: Any) -> Any:
        made = browser.new_context(**options)
        made.set_default_timeout(60_000)
        made.on("weberror", lambda error: faults.append(str(error.error)))
        made.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        opened.append(made)
        return made

    yield make
    for made in opened:
        made.close()
    assert not faults


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker axe-core, as the package axe-playwright-python carries it."""
    package = pytest.importorskip("axe_playwright_python", reason="the package axe-playwright-python is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")
