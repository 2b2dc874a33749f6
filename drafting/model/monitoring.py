"""How pollutants and parameters are monitored, and the units of symbols (sheets 监测方法, 符号单位)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drafting.model.identity import label_key

_SEPARATORS = re.compile(r"[、；;，,\n]+")


@dataclass(frozen=True, slots=True)
class Monitoring:
    """A row of 监测方法: what is measured, where, how often and by which standards (as typed)."""

    parameter: str
    point: str = ""
    frequency: str = ""
    standards: str = ""

    @property
    def listed(self) -> tuple[str, ...]:
        """The standards one by one."""
        return tuple(part.strip() for part in _SEPARATORS.split(self.standards) if part.strip())


@dataclass(frozen=True, slots=True)
class SymbolUnit:
    """A row of 符号单位: a quantity of the formulas, by its name or symbol there."""

    symbol: str
    meaning: str = ""
    unit: str = ""

    @property
    def key(self) -> str:
        """What it is compared by, see :func:`quantity_key`."""
        return quantity_key(self.symbol)


def quantity_key(name: str) -> str:
    """Reduce the name of a quantity for comparison; of a symbol every letter counts, E is not e."""
    bare = "".join(name.split())
    return bare if bare.isascii() or len(bare) == 1 else label_key(name)
