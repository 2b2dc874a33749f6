"""An import inside a function has a reason, by what it waits for; one that waits for nothing stands at the top."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.test_architecture import modules, name_of, named_by, room, syntax

LATE = {
    "extras, which an installation may lack": {
        "alembic", "argon2", "duckdb", "ibis", "pyarrow", "pypdf", "pyspark", "python_redlines", "segno",
        "sqlalchemy", "starlette", "typst",
    },
    "slower to load than a check of a fresh project takes": {
        "docx", "lark", "latex2mathml", "lxml", "mathml2omml", "openpyxl", "pandas", "pint", "python_calamine", "scipy",
    },
    "not loaded by --help nor by a start of the workbench": {
        "click", "jinja2", "markupsafe", "msgspec", "numpy", "platformdirs", "urllib.error", "urllib.request",
        "wcwidth", "webbrowser",
    },
    "of one system only": {"ctypes", "fcntl", "msvcrt", "resource"},
    "rooms that a check of a fresh project or a start of the workbench never enters": {
        "baselines.engines", "drafting.analysis.trial", "drafting.changes.compare", "drafting.desk.standing",
        "drafting.document.public_inputs", "drafting.document.technical_changes", "drafting.isolation.system_limits",
        "drafting.keeping.keeper", "drafting.notation.cells_meaning", "drafting.notation.conversion",
        "drafting.panel.web.organiser", "drafting.project.answer_record", "drafting.record.results",
        "drafting.render.docx.office", "drafting.render.opinions", "drafting.run", "drafting.workbook.cell_sets",
        "drafting.workbook.contents", "drafting.workbook.on_disk", "drafting.workbook.survey",
    },
    "modules by name, once one is asked for": {"importlib"},
}  # fmt: skip
"""What is waited for, and why: libraries (then also modules that load them) and rooms of the project."""
BEHIND_A_COMMAND = {"cli", "desk", "workbench"}
"""Rooms that do one piece of work when it is asked for; help and the first page come before any is loaded."""
LOADED_ANYWAY = {
    "drafting.project.folder": "readings are counted where they are defined",
    "drafting.opinions": "failures are planted where they are defined",
    "drafting.publishing.pictures": "failures are planted where they are defined",
    "drafting.publishing.layouts": "failures are planted where they are defined",
    "drafting.fonts": "failures are planted where they are defined",
    "drafting.project.examples": "failures are planted where they are defined",
}
"""Modules that some of those who wait for them have loaded already."""


def imports(body: list[ast.stmt], inside: bool = False) -> Iterator[tuple[bool, ast.Import | ast.ImportFrom]]:
    """Import statements that run, and whether a function holds them."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in {name_of(n) for n in ast.walk(node.test)}:
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield inside, node
        within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from imports(getattr(node, block, []), within)


@cache
def at_the_top(name: str) -> frozenset[str]:
    return frozenset(m for inside, node in imports(syntax(name).body) if not inside for m in named_by(node, name))


@cache
def loaded_with(name: str) -> frozenset[str]:
    """What an import of a module loads, as far as the project's own text tells: itself, packages above it, others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [module.rpartition(".")[0]] if "." in module else []
            waiting += at_the_top(module) if module in modules() else []
    return frozenset(found)


def under(name: str, names: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in names)


def fault(name: str, target: str) -> str:
    """Why a module need not wait for what it imports inside a function; empty if it has to."""
    if target in loaded_with(name):
        return "" if target in LOADED_ANYWAY else "loaded at the top already"
    late = set().union(*LATE.values())
    more = loaded_with(target) - loaded_with(name) if target in modules() else set()
    circle = target in modules() and name in loaded_with(target)
    libraries = {m for m in more if m not in modules() and m.partition(".")[0] not in sys.stdlib_module_names}
    waits = under(target, late) or any(under(m, late) for m in libraries)
    return "" if circle or waits or room(name) in BEHIND_A_COMMAND else "in no table of reasons"


@pytest.mark.parametrize("of", sorted({room(name) for name in modules()}))
def test_an_import_inside_a_function_has_a_reason(of: str) -> None:
    found = [
        (name, node.lineno, target, why)
        for name in modules()
        if room(name) == of
        for inside, node in imports(syntax(name).body)
        if inside
        for target in named_by(node, name)
        if (why := fault(name, target))
    ]
    assert not found, found


def test_what_waits_for_nothing_is_found() -> None:
    assert fault("drafting.rules.weights", "drafting.findings") == "loaded at the top already"
    assert fault("drafting.rules.weights", "drafting.progress") == "in no table of reasons"
    assert not fault("drafting.rules.weights", "scipy.stats")
