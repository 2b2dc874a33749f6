"""The command ``drafting``: thin commands over the library."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

_OBJECTS = 50_000
"""New objects between two searches for cycles: nearly all that a command makes it keeps to its end."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 findings of severity error, 2 wrong usage, 3 an unforeseen fault."""
    gc.set_threshold(_OBJECTS)  # Python's own 700 costs a command a tenth of its time
    try:
        from drafting.cli.app import run

        status = run(arguments)
    except KeyboardInterrupt:  # in the first moments, while modules are loaded
        sys.stderr.write("已中断。\n")
        status = 130
    sys.exit(status)
