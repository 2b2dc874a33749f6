"""The package itself: light to import, complete in its list of names, a stranger to the other packages."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import baselines

ROOT = Path(baselines.__file__).parent


def test_importing_it_loads_no_numeric_library():
    code = "import sys, baselines; print(sorted({m.split('.')[0] for m in sys.modules} & {'numpy', 'scipy', 'pandas'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert done.stdout.strip() == "[]"


def test_grade_values_need_no_scipy():
    code = "import sys, baselines; baselines.publish_grades([1, 2], 'smaller', 1); print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert done.stdout.strip() == "False"


def test_names_and_their_modules_agree():
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    guarded = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert guarded == baselines._HOME
    assert sorted(guarded) == sorted(baselines.__all__)
    for name, module in guarded.items():
        assert getattr(baselines, name) is getattr(import_module(f"baselines.{module}"), name)
    assert set(guarded) <= set(dir(baselines))


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = baselines.no_such_name


def test_every_error_is_one_family_of_value_errors():
    family = [getattr(baselines, name) for name in baselines.__all__ if name.endswith("Error")]
    assert len(family) > 10
    assert all(issubclass(error, baselines.BaselineError) and issubclass(error, ValueError) for error in family)
    assert all(error.__doc__ for error in family)
