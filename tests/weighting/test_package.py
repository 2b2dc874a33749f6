"""The package: lazy, typed, and a public function wins over the submodule of the same name."""

from __future__ import annotations

import ast
import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import weighting


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_does_not_import_numpy() -> None:
    assert run("import sys, weighting; print('numpy' in sys.modules, 'scipy' in sys.modules)") == "False False"


def test_every_public_name_can_be_imported() -> None:
    for name in weighting.__all__:
        value = getattr(weighting, name)
        assert getattr(value, "__name__", name) == name


def test_what_type_checkers_see_is_what_the_table_says() -> None:
    tree = ast.parse(Path(weighting.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.name: (node.module or "").removeprefix("weighting.")
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == alias.asname
    }
    assert typed == weighting._EXPORTS


def test_a_public_function_wins_over_the_submodule_of_the_same_name() -> None:
    shared = [name for name, module in weighting._EXPORTS.items() if name == module]
    assert "consistency" in shared
    module_first = "; ".join(f"import weighting.{name}; from weighting import {name}" for name in shared)
    function_first = "; ".join(f"from weighting import {name}; import weighting.{name}" for name in shared)
    checks = f"print(all(map(callable, [{', '.join(f'weighting.{name}' for name in shared)}])))"
    assert run(f"import weighting; {module_first}; {checks}") == "True"
    assert run(f"import weighting; {function_first}; {checks}") == "True"


MODULES = sorted({*weighting._EXPORTS.values()})


@pytest.mark.parametrize("module", ["weighting", *(f"weighting.{name}" for name in MODULES)])
def test_examples_in_docstrings(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0
