"""The vocabulary of units as data: spellings, their names in the registry, the words that may stand by them.

The definitions are a pint file (``templates/units/units.txt``); this module reads the names out of it, so that a cell
can be read without loading pint, which only conversions need.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drafting.resources import templates


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Spellings of units and of the words beside them.

    Attributes
    ----------
    names : mapping of str to str
        Spelling (``kg``, ``吨标煤``) to the name in the registry (``kilogram``).
    counts : frozenset of str
        Names in the registry of things that are counted (次, 件).
    multipliers : mapping of str to int
        Powers of ten before a Chinese unit (万).
    generic, words, substances : frozenset of str
        Qualifiers: of any product, of what is weighed or how, and those that stand behind a unit of mass without gap.
    spoken : mapping of str to tuple of str
        Substance to the words by which an indicator's name speaks of it.
    """

    names: Mapping[str, str]
    counts: frozenset[str]
    multipliers: Mapping[str, int]
    generic: frozenset[str]
    words: frozenset[str]
    substances: frozenset[str]
    spoken: Mapping[str, tuple[str, ...]]

    @property
    def chinese(self) -> tuple[str, ...]:
        """Spellings that begin with a Chinese character, longest first."""
        return tuple(sorted((n for n in self.names if n[0] > "\u2e80"), key=len, reverse=True))


def definitions() -> Path:
    """The definitions file of the registry."""
    return templates() / "units" / "units.txt"


@cache
def vocabulary() -> Vocabulary:
    """Read the vocabulary that ships with the program."""
    prefixes: dict[str, list[str]] = {}
    units: list[tuple[str, str, list[str]]] = []
    section = "plain"
    for line in definitions().read_text("utf-8").splitlines():
        if line.startswith("#:"):
            section = line.removeprefix("#:").strip()
        elif line.strip() and not line.startswith("#"):
            name, _, *aliases = (part.strip() for part in line.split(" = "))
            if name.endswith("-"):
                prefixes[name.removesuffix("-")] = [a.removesuffix("-") for a in aliases]
            else:
                units.append((section, name, aliases))
    names: dict[str, str] = {}
    for section, name, aliases in units:
        if section == "prefixes":
            symbols = [a for a in aliases if re.match(r"[A-Za-zΩ]", a)]
            names |= {f"{p}{s}": f"{long}{name}" for long, short in prefixes.items() for p in short for s in symbols}
    for _, name, aliases in units:  # after those with prefixes: min is a minute, Pa no year
        names |= dict.fromkeys(aliases, name)
    more = tomllib.loads((templates() / "units" / "qualifiers.toml").read_text("utf-8"))
    return Vocabulary(
        names, frozenset(name for section, name, _ in units if section == "counts"), more["multipliers"],
        frozenset(more["generic"]), frozenset(more["words"]), frozenset(more["substances"]),
        {substance: tuple(words) for substance, words in more["spoken"].items()},
    )  # fmt: skip
