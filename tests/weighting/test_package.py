"""The package: lazy, typed, and a public function wins over the submodule of the same name."""

from __future__ import annotations

import ast
import doctest
import importlib
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
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


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: weighting.combine([[0.5, 0.5]], "x"),
        lambda: weighting.round_stability(
            weighting.PanelRound([[1]], items=["a"]), weighting.PanelRound([[1]], items=["b"])
        ),
        lambda: weighting.allocation_weights([[50, 51]]),
        lambda: weighting.authority([{}], [None]),
        lambda: weighting.priorities([[[1, np.nan], [np.nan, 1]]]),
        lambda: weighting.kendall_w([[1, np.inf]]),
    ],
)
def test_errors_come_home_from_other_processes(wrong: Callable[[], object]) -> None:
    with pytest.raises(weighting.WeightingError) as caught:
        wrong()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))
    assert repr(vars(again)) == repr(vars(caught.value))  # NaN is not equal to itself
