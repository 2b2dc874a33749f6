"""Every public name has a place on the API pages, and every example in a docstring gives what it says."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

import baselines
import drafting
import weighting

ROOT = Path(__file__).resolve().parents[1]
PAGES = "\n".join(p.read_text("utf-8") for p in (ROOT / "docs" / "api").glob("*.md"))
SHOWN = set(re.findall(r"^::: (\S+)$", PAGES, re.MULTILINE))
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("baselines", "drafting")
    for path in (ROOT / package).rglob("*.py")
    if ">>>" in path.read_text("utf-8")
)


@pytest.mark.parametrize("package", [weighting, baselines, drafting])
def test_public_names_stand_on_the_pages(package) -> None:
    for module in SHOWN:
        if module.split(".")[0] in ("weighting", "baselines"):
            importlib.import_module(module)
    for name in package.__all__:
        thing = getattr(package, name)
        home = getattr(thing, "__module__", None) or _home_of(package.__name__, name)
        assert {package.__name__, home, f"{home}.{name}"} & SHOWN, f"{package.__name__}.{name} has no page"


def _home_of(package: str, name: str) -> str:
    """A module on the pages that defines a constant, which does not know its own."""
    shown = (m for m in sorted(SHOWN) if m.startswith(f"{package}.") and m in sys.modules)
    return next((m for m in shown if name in vars(importlib.import_module(m))), "")


@pytest.mark.parametrize("module", sorted({m for m in SHOWN if m.split(".")[0] in ("weighting", "baselines")}))
def test_what_a_page_shows_is_there(module: str) -> None:
    importlib.import_module(module)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_in_docstrings(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert (found.failed, found.attempted > 0) == (0, True)


def test_the_glossary_names_modules_that_are_there() -> None:
    said = set(
        re.findall(r"`((?:weighting|baselines|drafting)[\w.]*)`", (ROOT / "docs/glossary.md").read_text("utf-8"))
    )
    assert len(said) > 30
    for module in said:
        importlib.import_module(module)


def test_the_builder_of_the_pages_knows_their_options() -> None:
    """One that it does not know ends ``mkdocs build``."""
    handler = pytest.importorskip("mkdocstrings_handlers.python")
    known = set(inspect.signature(handler.PythonOptions).parameters)
    texts = (PAGES, (ROOT / "mkdocs.yml").read_text("utf-8"))
    blocks = [b for text in texts for b in re.findall(r"^( *)options:\n((?:\1 +.*\n)+)", text, re.MULTILINE)]
    used = {option for _, block in blocks for option in re.findall(r"^ +(\w+):", block, re.MULTILINE)}
    assert {"docstring_style", "show_root_heading"} <= used <= known, used - known
