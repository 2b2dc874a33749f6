"""What leads from one unit to another, exactly; one pint registry over the vocabulary's definitions file."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from drafting.notation.units import Unit, normalise_unit, read_unit
from drafting.notation.vocabulary import definitions, vocabulary

if TYPE_CHECKING:
    from pint import UnitRegistry

EQUIVALENT_ELECTRICITY = Fraction("0.1229")
"""kgce per kWh by heat content (当量值), GB/T 2589—2020, Annex A."""


class UnitError(ValueError):
    """A unit that is unknown, or that measures something else than the one wanted.

    Attributes
    ----------
    found, wanted : str
        The units as written.
    """

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(f"no conversion from {found!r} to {wanted!r}")
        self.found = found
        self.wanted = wanted


_SHARES = {"%": Fraction(1, 100), "‰": Fraction(1, 1000), "": Fraction(1), "1": Fraction(1), "—": Fraction(1)}


def conversion(found: str, wanted: str, electricity: Fraction = EQUIVALENT_ELECTRICITY) -> Fraction:
    """Find the factor from one unit to another, exactly.

    Raises UnitError when one of them is unknown, could be read in two ways, or they measure different things – of
    different things (kg/t熟料 and kg/t水泥) too.

    ``found``: unit that a file states, e.g. ``吨标准煤/吨`` or ``万千瓦时``.
    ``wanted``: unit of the indicator, e.g. ``kgce/t``.
    ``electricity``: coal equivalent of electricity in kgce/kWh: the equivalent value (当量值) by default, or the
    calorific value of generation (等价值) where the committee works with it.
    Returns ``value in wanted = factor × value in found``; 1 kgce = 29.3076 MJ (GB/T 2589).
    """
    one, two = normalise_unit(found), normalise_unit(wanted)
    if one == two:
        return Fraction(1)
    if one in _SHARES and two in _SHARES:
        return _SHARES[one] / _SHARES[two]
    source, target = read_unit(found), read_unit(wanted)
    if (one in _SHARES or two in _SHARES) and not all(u and _is_share(u) for u in (source, target)):
        raise UnitError(found, wanted)
    if source is None or target is None or source.ambiguous or target.ambiguous or not _alike(source, target):
        raise UnitError(found, wanted)
    (above, powers), (below, others) = _based(source), _based(target)
    if powers != others:
        raise UnitError(found, wanted)
    factor = above / below
    if electricity_as_coal(found, wanted):
        return factor * above_heat(electricity)
    return factor / above_heat(electricity) if electricity_as_coal(wanted, found) else factor


def _is_share(unit: Unit) -> bool:
    """Whether it is % or ‰, whatever is said of it in brackets; kg/t is none."""
    return all(name in ("percent", "permille") for name, _ in unit.factors)


def _alike(one: Unit, two: Unit) -> bool:
    """Whether the words beside two units say the same, or one of them says less; unknown words must be the same."""
    if set(one.strange) != set(two.strange):
        return False
    generic = vocabulary().generic
    for side in "ndb":
        said, other = ({w for s, w in unit.qualifiers if s == side and w not in generic} for unit in (one, two))
        if not (said <= other or other <= said):
            return False
    return True


def above_heat(electricity: Fraction) -> Fraction:
    """How many times its heat content electricity counts for, at a coal equivalent in kgce/kWh; 1 kWh = 3.6 MJ."""
    return electricity / (Fraction("3.6") / Fraction("29.3076"))


def electricity_as_coal(found: str, wanted: str) -> bool:
    """Whether a conversion takes electricity for standard coal, so that it depends on a coefficient."""
    return speaks_of_electricity(found) and not speaks_of_coal(found) and speaks_of_coal(wanted)


def speaks_of_electricity(unit: str) -> bool:
    """Whether a unit holds kilowatt hours of any size."""
    read = read_unit(unit)
    if read is None:
        return False
    names = {name for name, _ in read.factors}
    return any("watt_hour" in n for n in names) or ("hour" in names and any("watt" in n for n in names))


def speaks_of_coal(unit: str) -> bool:
    """Whether a unit holds standard coal (kgce, tce)."""
    read = read_unit(unit)
    return read is not None and any(_COAL.search(name) for name, _ in read.factors)


_COAL = re.compile(r"(?:gram|ton)_coal")


def everyday_unit(word: str) -> bool:
    """Whether a word in brackets is a unit of raw totals: 产量（t）, 电力（万kWh）, but not 总氮（TN） or 原料（A）."""
    read = read_unit(word)
    return read is not None and bool(read.factors) and all(_EVERYDAY.fullmatch(name) for name, _ in read.factors)


_EVERYDAY = re.compile(
    r"(?:kilo|mega|milli)?gram(?:_named)?|metric_ton|(?:kilo)?gram_coal(?:_named)?|ton_coal|kilogram_coal_named|kilogram_named"
    r"|milligram_named|(?:kilo|mega|giga)watt_hour(?:_named)?|(?:kilo|mega|giga|tera)joule(?:_named)?|meter|kilometer(?:_named)?"
    r"|square_meter|cubic_meter|normal_cubic_meter|hectare|(?:milli)?liter(?:_named)?|yuan|piece"
)


@lru_cache(maxsize=1 << 12)
def measure(unit: str) -> tuple[Fraction, dict[str, Fraction]]:
    """Take a unit apart: its multiple of base units, and their powers; ``%`` is a hundredth, blank is one.

    Raises UnitError when it is unknown.
    """
    says = normalise_unit(unit)
    if says in _SHARES:
        return _SHARES[says], {}
    read = read_unit(unit)
    if read is None or read.strange or read.ambiguous:
        raise UnitError(unit, "")
    return _based(read)


def _based(unit: Unit) -> tuple[Fraction, dict[str, Fraction]]:
    from pint.util import UnitsContainer

    powers: dict[str, int] = {}
    for name, power in unit.factors:
        powers[name] = powers.get(name, 0) + power
    quantity: Any = _registry().Quantity(unit.scale, UnitsContainer({n: p for n, p in powers.items() if p}))
    base = quantity.to_base_units()
    return Fraction(base.magnitude), {str(b): Fraction(p) for b, p in base.unit_items()}


@cache
def _registry() -> UnitRegistry[Any]:
    from pint import UnitRegistry

    return UnitRegistry(str(definitions()), non_int_type=Fraction)
