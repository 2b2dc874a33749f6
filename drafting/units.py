"""Units of survey columns: what a factor leads from the unit a file states to the unit an indicator wants."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

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


# Chinese names and spellings that pint does not read; longest first when replaced.
_NAMES = {
    "千克标准煤": "kgce", "公斤标准煤": "kgce", "吨标准煤": "tce", "克标准煤": "gce", "吨标煤": "tce",
    "千克标煤": "kgce", "千瓦时": "kWh", "千瓦·时": "kWh", "兆瓦时": "MWh", "度": "kWh", "兆焦": "MJ", "吉焦": "GJ",
    "千焦": "kJ", "焦耳": "J", "千克": "kg", "公斤": "kg", "毫克": "mg", "微克": "ug", "吨": "t", "克": "g",
    "立方米": "m**3", "平方米": "m**2", "平方千米": "km**2", "公顷": "ha", "千米": "km", "毫米": "mm", "米": "m",
    "毫升": "mL", "升": "L", "小时": "h", "年": "a", "天": "d", "日": "d", "元": "yuan", "件": "piece", "台": "piece",
    "套": "piece", "只": "piece", "个": "piece", "辆": "piece",
}  # fmt: skip
_MULTIPLIERS = {"亿": 10**8, "万": 10**4, "千": 10**3, "百": 10**2}
_MULTIPLIED = re.compile(r"([百千万亿]+)\s*([A-Za-z]\w*(?:\*\*\d)?|$)")
_POWERS = re.compile(r"(?<![A-Za-z])(N?m|dm|cm|mm|km|hm)([23])(?!\d)", re.IGNORECASE)
_QUALIFIER = re.compile(r"[(（][^)）]*[)）]")  # （当量值）, （干基）, （以P计）
_CARBON = re.compile(r"(?<=[gt克吨])\*?(?:CO2|二氧化碳)(?:eq|e|当量)?", re.IGNORECASE)
_LONGEST = 60
_SAFE = re.compile(  # possessive: a refusal takes no longer than a match
    r"(?:[A-Za-zμ°_]++(?:\*\*-?[1-9](?![\w*]))?+|\d{1,12}+(?:\.\d{1,6}+)?+(?![.A-Za-z_]|\s*\*\*)|\*(?!\*)|[/()\s])++",
    re.ASCII,
)
_ELECTRICITY = re.compile(r"[kMGT]?W\*?h")
_COAL = re.compile(r"(?:kg|t|g)ce")


def normalise_unit(text: str) -> str:
    """Reduce a unit for comparison: blanks, width and superscripts make no difference (m³/t is M3/t's m3/t)."""
    folded = unicodedata.normalize("NFKC", text.replace("⁻", "-")).replace("·", "*").replace("⋅", "*").replace("•", "*")
    return "".join(folded.split())


def conversion(found: str, wanted: str, electricity: Fraction = EQUIVALENT_ELECTRICITY) -> Fraction:
    """Find the factor from one unit to another, exactly.

    Parameters
    ----------
    found
        Unit that a file states, e.g. ``吨标准煤/吨`` or ``万千瓦时``.
    wanted
        Unit of the indicator, e.g. ``kgce/t``.
    electricity
        Coal equivalent of electricity in kgce/kWh: the equivalent value (当量值) by default, or the calorific value of
        generation (等价值) where the committee works with it.

    Returns
    -------
    fractions.Fraction
        ``value in wanted = factor × value in found``; 1 kgce = 29.3076 MJ (GB/T 2589).

    Raises
    ------
    UnitError
        When one of them is unknown or they measure different things.
    """
    one, two = normalise_unit(found), normalise_unit(wanted)
    if one == two:
        return Fraction(1)
    if "%" in one + two or "‰" in one + two:
        shares = {"%": Fraction(1, 100), "‰": Fraction(1, 1000), "": Fraction(1), "1": Fraction(1)}
        if one in shares and two in shares:
            return shares[one] / shares[two]
        raise UnitError(found, wanted)
    try:
        factor = _pint_factor(one, two)
    except ImportError:
        raise
    except Exception as fault:  # pint raises its own errors, and Python's, on text that is no unit
        raise UnitError(found, wanted) from fault
    if electricity_as_coal(found, wanted):
        return factor * above_heat(electricity)
    return factor / above_heat(electricity) if electricity_as_coal(wanted, found) else factor


def above_heat(electricity: Fraction) -> Fraction:
    """How many times its heat content electricity counts for, at a coal equivalent in kgce/kWh; 1 kWh = 3.6 MJ."""
    return electricity / (Fraction("3.6") / Fraction("29.3076"))


def electricity_as_coal(found: str, wanted: str) -> bool:
    """Whether a conversion takes electricity for standard coal, so that it depends on a coefficient."""
    return speaks_of_electricity(found) and not speaks_of_coal(found) and speaks_of_coal(wanted)


def speaks_of_electricity(unit: str) -> bool:
    """Whether a unit holds kilowatt hours of any size."""
    return _holds(_ELECTRICITY, unit)


def speaks_of_coal(unit: str) -> bool:
    """Whether a unit holds standard coal (kgce, tce)."""
    return _holds(_COAL, unit)


def everyday_unit(word: str) -> bool:
    """Whether a word in brackets is a unit of raw totals: 产量（t）, 电力（万kWh）, but not 总氮（TN） or 原料（A）."""
    try:
        atoms = re.findall(r"[A-Za-z]+", _for_pint(normalise_unit(word)))
    except ValueError:
        return False
    return bool(atoms) and _EVERYDAY.issuperset(atoms)


_EVERYDAY = frozenset(
    ["t", "kg", "g", "mg", "tce", "kgce", "gce", "kWh", "MWh", "GWh", "kJ", "MJ", "GJ", "TJ", "m", "km", "ha", "L",
     "mL", "yuan", "piece"]
)  # fmt: skip


def _holds(pattern: re.Pattern[str], unit: str) -> bool:
    try:
        return pattern.search(_for_pint(normalise_unit(unit))) is not None
    except ValueError:
        return False


def measure(unit: str) -> tuple[Fraction, dict[str, Fraction]]:
    """Take a unit apart: its multiple of base units, and their powers; ``%`` is a hundredth, blank is one.

    Raises
    ------
    UnitError
        When it is unknown.
    ImportError
        Without pint.
    """
    says = normalise_unit(unit)
    if says in _SHARES:
        return _SHARES[says], {}
    try:
        base = _registry().Quantity(*_parse(says)).to_base_units()
        powers: dict[str, Any] = dict(base.unit_items())
        return Fraction(base.magnitude), {str(b): Fraction(p) for b, p in powers.items()}
    except ImportError:
        raise
    except Exception as fault:  # pint raises its own errors, and Python's, on text that is no unit
        raise UnitError(unit, "") from fault


_SHARES = {"%": Fraction(1, 100), "‰": Fraction(1, 1000), "": Fraction(1), "1": Fraction(1), "—": Fraction(1)}


def _pint_factor(one: str, two: str) -> Fraction:
    registry = _registry()
    source, target = (registry.Quantity(*_parse(text)) for text in (one, two))
    if source.dimensionality != target.dimensionality:
        raise ValueError("different dimensions")
    return Fraction(source.to_base_units().magnitude) / Fraction(target.to_base_units().magnitude)


def _parse(text: str) -> tuple[Fraction, Any]:
    quantity: Any = _registry().parse_expression(_for_pint(text))
    if not hasattr(quantity, "magnitude"):
        return Fraction(quantity), ""
    return Fraction(quantity.magnitude), quantity.units


def _for_pint(text: str) -> str:
    """Spell a unit so that pint can read it."""
    says = _CARBON.sub("", _QUALIFIER.sub("", text))
    for name in sorted(_NAMES, key=len, reverse=True):
        says = says.replace(name, f" {_NAMES[name]} ")
    says = _POWERS.sub(lambda m: f"{m[1].removeprefix('N')}**{m[2]}", says)
    says = _MULTIPLIED.sub(lambda m: f"({prod(_MULTIPLIERS[c] for c in m[1])} * {m[2] or 1})", says)
    # Only names, short numbers and small powers of names reach the parser: 9**9**9 would never come back.
    if len(text) > _LONGEST or not _SAFE.fullmatch(says.replace("shortton", "short_ton")):
        raise ValueError("no unit")
    return says.replace("shortton", "short_ton").strip()


@cache
def _registry() -> UnitRegistry[Any]:
    from pint import UnitRegistry

    registry: UnitRegistry[Any] = UnitRegistry(non_int_type=Fraction)
    registry.define("kgce = 29.3076 * megajoule")
    registry.define("gce = 0.001 * kgce")
    registry.define("tce = 1000 * kgce")
    registry.define("MMBtu = 1000000 * Btu")
    registry.define("yuan = [currency]")
    registry.define("piece = [item]")
    return registry
