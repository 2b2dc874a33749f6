"""Weights of indicators (GB/T 43329—2023, 5.4 and Appendix C): AHP, Delphi and their combination.

Pure functions on arrays and labels: no files, no clock, no hidden random state. ``import weighting`` costs next to
nothing; numpy is imported with the first name that is used.

    >>> from weighting import analyse
    >>> result = analyse([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    >>> [round(float(w), 4) for w in result.weights], round(float(result.cr), 12)
    ([0.5714, 0.2857, 0.1429], 0.0)
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # one line per name of the table below; a test holds the two together
    from weighting.errors import ConvergenceError as ConvergenceError
    from weighting.errors import DiagonalError as DiagonalError
    from weighting.errors import DisconnectedError as DisconnectedError
    from weighting.errors import ExpertWeightError as ExpertWeightError
    from weighting.errors import JudgementError as JudgementError
    from weighting.errors import MissingJudgementError as MissingJudgementError
    from weighting.errors import NotANumberError as NotANumberError
    from weighting.errors import OptionError as OptionError
    from weighting.errors import PanelError as PanelError
    from weighting.errors import PriorityError as PriorityError
    from weighting.errors import ReciprocityError as ReciprocityError
    from weighting.errors import ShapeError as ShapeError
    from weighting.errors import WeightingError as WeightingError

# Public name -> the module of this package that defines it.
_EXPORTS: dict[str, str] = {
    "ConvergenceError": "errors",
    "DiagonalError": "errors",
    "DisconnectedError": "errors",
    "ExpertWeightError": "errors",
    "JudgementError": "errors",
    "MissingJudgementError": "errors",
    "NotANumberError": "errors",
    "OptionError": "errors",
    "PanelError": "errors",
    "PriorityError": "errors",
    "ReciprocityError": "errors",
    "ShapeError": "errors",
    "WeightingError": "errors",
}

__all__ = sorted(_EXPORTS)


class _Package(ModuleType):
    """Keep a public function visible under its name after the submodule of the same name was imported.

    ``import weighting.consistency`` makes the import system bind the *module* as ``weighting.consistency``; the public
    name belongs to the function. ``from weighting.consistency import …`` goes through ``sys.modules`` and still works.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _EXPORTS):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names first-class citizens of ``dir(weighting)`` before they are loaded."""
    return sorted({*globals(), *_EXPORTS})
