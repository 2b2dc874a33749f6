"""Drafting a cleaner-production assessment indicator system under GB/T 43329—2023."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from drafting.files import OutputError
    from drafting.pipeline.running import build
    from drafting.project.folder import NoProjectError, load_project
    from drafting.public import NotComputedError, Project

__all__ = ["NoProjectError", "NotComputedError", "OutputError", "Project", "__version__", "build", "load_project"]

_HOMES = {
    "NoProjectError": "drafting.project.folder",
    "NotComputedError": "drafting.public",
    "OutputError": "drafting.files",
    "Project": "drafting.public",
    "build": "drafting.pipeline.running",
    "load_project": "drafting.project.folder",
}


def __getattr__(name: str) -> Any:
    """Import the public functions when they are asked for: ``import drafting`` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'drafting' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
