"""The command ``drafting``: thin commands over the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 findings of severity error, 2 wrong usage, 3 an unforeseen fault."""
    try:
        from drafting.cli.app import run

        status = run(arguments)
    except KeyboardInterrupt:  # in the first moments, while modules are loaded
        sys.stderr.write("已中断。\n")
        status = 130
    sys.exit(status)
