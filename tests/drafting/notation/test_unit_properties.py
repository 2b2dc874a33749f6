"""Units of the vocabulary: every spelling converts exactly or is refused, never half."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.notation.conversion import UnitError, conversion, measure
from drafting.notation.units import read_unit
from drafting.notation.vocabulary import vocabulary


def test_real_pairs_of_units(cases: Path) -> None:
    for pair in json.loads((cases / "units_real.json").read_text("utf-8")):
        assert conversion(pair["found"], pair["wanted"]) == Fraction(pair["factor"]), pair


@pytest.mark.parametrize(
    ("found", "wanted", "factor"),
    [
        ("t/(m³·d)", "kg/(m3·d)", 1000), ("kgCO2/t", "gCO2/t", 1000), ("kgce/万m2", "kgce/m2", "1/10000"),
        ("10^4 t", "t", 10_000), ("10⁴t", "万吨", 1), ("ngTEQ/Nm³", "ngTEQ/m3", 1), ("kg·t-1", "kg/t", 1),
        ("kg/t/d", "kg/(t·d)", 1), ("吨每万元", "t/元", "1/10000"), ("mg/m3（干基）", "mg/m3", 1),
        ("次/班", "次/班", 1), ("kgNH3/t产品", "kg/t", 1), ("g/(kW·h)", "kg/(MW·h)", 1),
        ("mgPM2.5/m3", "mgPM2.5/m3", 1),
    ],
)  # fmt: skip
def test_units_of_indicator_tables(found: str, wanted: str, factor: object) -> None:
    assert conversion(found, wanted) == Fraction(factor)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("kgCO2/t", "kgSO2/t"), ("kg/t熟料", "kg/t水泥"), ("mg/m3（干基）", "mg/m3（湿基）"), ("L/人·d", "L/(人·d)"),
        ("kg/t甲", "kg/t"), ("kgce/t（当量值）", "kgce/t（等价值）"), ("次/天", "件/天"), ("ton", "t"), ("%", "kg/t"),
        ("", "kg/t"), ("/", "t"), ("()", "t"), ("a" * 500, "t"), ("kg/" * 200, "t"), ("(" * 500, "t"),
    ],
)  # fmt: skip
def test_what_measures_something_else_or_can_be_read_twice_is_refused(found: str, wanted: str) -> None:
    with pytest.raises(UnitError):
        conversion(found, wanted)


def test_every_name_of_the_definitions_is_known_to_the_registry() -> None:
    for spelling in vocabulary().names:
        scale, _ = measure(spelling)
        assert scale > 0, spelling


_ATOMS = st.sampled_from(sorted(vocabulary().names))
_SIDE = st.lists(_ATOMS, min_size=1, max_size=2)


@given(_SIDE, _SIDE, st.booleans())
def test_a_generated_unit_converts_exactly_or_is_refused(above: list[str], below: list[str], bracket: bool) -> None:
    wide = "·".join(below)
    text = f"{'·'.join(above)}/{f'({wide})' if bracket else wide}"
    read = read_unit(text)
    if read is None:
        return  # refused whole: two names written side by side may make a third
    try:
        scale, powers = measure(text)
    except UnitError:
        assert read.ambiguous
        return
    expected, bases = Fraction(1), {}
    for names, sign in ((above, 1), (below, -1)):
        for name in names:
            one, of = measure(name)
            expected *= one**sign
            for base, power in of.items():
                bases[base] = bases.get(base, Fraction(0)) + sign * power
    assert (scale, powers) == (expected, {b: p for b, p in bases.items() if p})
