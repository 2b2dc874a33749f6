"""The symbols of a draft's indicator formulas: each stands for one quantity in the whole document.

GB/T 1.1 asks for symbols, not for names, in a formula. The assignment is made once per document, in the order of its
indicators: a name gets the letter that ``draft/symbols.toml`` has for its words, with an index where several quantities
would get the same; a Latin name is its own symbol, unless the committee states two meanings for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from drafting.document.symbol_units import Key, units_of
from drafting.model.identity import label_key
from drafting.model.monitoring import SymbolUnit, quantity_key
from drafting.model.survey import Derivation
from drafting.model.system import Indicator
from drafting.standard import read_toml

_CHINESE = 0x2E80


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of the formulas: name, symbol, what the committee says it is, its unit where it can be told."""

    name: str
    symbol: str
    meaning: str = ""
    unit: str = ""

    @property
    def unexplained(self) -> bool:
        """Whether it is a mere symbol of which nobody says what it stands for."""
        return is_symbol(self.name) and not self.meaning


RESERVED = frozenset({"Y", "x", "g", "m", "n", "i", "j", "k", "CI", "CR", "RI", "\N{GREEK SMALL LETTER OMEGA}", "λ"})
"""Symbols that the draft's own formulas use; the same letter in a committee's formula gets an index."""


def quantities(
    indicators: Sequence[Indicator], derivations: Mapping[str, Derivation], stated_units: Sequence[SymbolUnit] = ()
) -> Mapping[tuple[str, str], Quantity]:
    """Assign symbols to every name of every formula.

    ``indicators``: in the document's order.
    ``derivations``: how values were computed from raw totals, by code: their columns state units.
    ``stated_units``: what the committee states of quantities (符号单位).
    """
    named = [(i, name) for i in indicators if i.formula.expression for name in i.formula.expression.names]
    said = {u.key: u for u in stated_units}
    keys = {(i.code, name): _key(i, name, said) for i, name in named}
    first = {key: name for (_, name), key in reversed(keys.items())}
    symbols = _symbols({key: first[key] for key in dict.fromkeys(keys.values())})
    stated_of = {key: said[quantity_key(name)].unit for key, name in first.items() if quantity_key(name) in said}
    units = units_of(indicators, derivations, keys, stated_of)
    return {
        place: Quantity(first[key], symbols[key], key[1] if is_symbol(first[key]) else "", units.get(key, ""))
        for place, key in keys.items()
    }


def is_symbol(name: str) -> bool:
    """Whether a name is a symbol already: Latin letters or one letter such as η; a Chinese character is a word."""
    return name.isascii() or (len(name) == 1 and ord(name) < _CHINESE)


def stated(name: str, *texts: str) -> str:
    """Give what a text says a symbol stands for (V为取水量, V——取水量); empty if it does not."""
    found = (re.search(_STANDS_FOR.format(re.escape(name)), text) for text in texts)
    return next((match[1].strip() for match in found if match), "")


_STANDS_FOR = r"(?<![A-Za-z]){}\s*(?:为|是|表示|指|—+|-+|[:：=])\s*([^，,。；;\n]+)"


def _key(indicator: Indicator, name: str, said: Mapping[str, SymbolUnit]) -> Key:
    if is_symbol(name):
        row = said.get(quantity_key(name))
        return name, label_key(stated(name, indicator.note, indicator.explanation) or (row.meaning if row else ""))
    return label_key(name), ""


def _symbols(names: Mapping[Key, str]) -> Mapping[Key, str]:
    """One symbol for each quantity, none twice."""
    wanted = {key: name if is_symbol(name) else _letter(name) for key, name in names.items()}
    alike: dict[str, list[Key]] = defaultdict(list)
    for key, letter in wanted.items():
        alike[letter].append(key)
    typed = {name for name in names.values() if is_symbol(name)}
    given: dict[Key, str] = {}
    for letter, those in alike.items():
        meanings = [key for key in those if is_symbol(names[key])]
        if letter not in RESERVED and (len(those) == 1 or len(meanings) == 1):
            alone = those[0] if len(those) == 1 else meanings[0]
            given[alone] = letter
            those = [key for key in those if key != alone]
        indexed = (s for s in _indexed(letter) if s not in typed)
        given |= dict(zip(those, indexed, strict=False))
    return given


def _indexed(letter: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{letter}_{number}"


@cache
def _letter_words() -> tuple[tuple[str, str], ...]:
    return tuple((s["word"], s["letter"]) for s in read_toml("draft/symbols.toml")["symbol"])


def _letter(name: str) -> str:
    return next(letter for word, letter in _letter_words() if word in name)
