"""Units that say of what they measure (gCO2/m², kgCOD/t): the row they stand in must speak of it too."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from drafting.notation.units import Unit, normalise_unit, read_unit
from drafting.notation.vocabulary import vocabulary


def unborne(unit: str, wanted: str, name: str) -> str:
    """Find a substance that a unit names and neither the wanted unit nor the indicator's name does; "" for none.

    50 gCO2/m² of an indicator in g/m² would be 50 g of something else. Where no unit is wanted nothing contradicts it.
    Standard coal is not among them: kgce is an energy, which leads to no mass.

    Examples
    --------
    >>> unborne("gCO2/m2", "g/m2", "单位产品颗粒物产生量"), unborne("gCO2/m2", "g/m2", "单位产品碳排放量")
    ('CO2', '')
    """
    said, other = read_unit(unit), read_unit(wanted)
    if said is None or other is None or normalise_unit(unit) == normalise_unit(wanted):
        return ""
    named = _substances(said) - _substances(other)
    return next((one for one in sorted(named) if not _speaks_of(name, one)), "")


def _substances(unit: Unit) -> frozenset[str]:
    known = vocabulary().substances
    return frozenset(word for _, word in unit.qualifiers if word in known)


def _speaks_of(name: str, substance: str) -> bool:
    says = unicodedata.normalize("NFKC", name)
    return any(pattern.search(says) for pattern in _patterns(substance))


@cache
def _patterns(substance: str) -> tuple[re.Pattern[str], ...]:
    words = {substance, *vocabulary().spoken.get(substance, ())}
    return tuple(
        re.compile(rf"(?<![A-Za-z0-9]){re.escape(w)}(?![A-Za-z0-9])", re.IGNORECASE)
        if w.isascii()
        else re.compile(re.escape(w))
        for w in sorted(words)
    )
