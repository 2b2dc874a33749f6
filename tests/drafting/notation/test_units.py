"""Conversion factors from units as surveys state them."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

pytest.importorskip("pint")

from drafting.notation.conversion import UnitError, conversion


@pytest.mark.parametrize(
    ("found", "wanted", "factor"),
    [
        ("吨标准煤/吨", "kgce/t", 1000), ("千克标准煤/吨", "kgce/t", 1), ("万千瓦时", "kWh", 10_000),
        ("百万吨", "t", 10**6), ("m³/t", "m3/t", 1), ("立方米/吨", "m³/t", 1),
        ("Nm3", "m3", 1), ("kgce/万元", "kgce/元", "1/10000"),
        ("tCO2/t", "kgCO2/t", 1000), ("%", "‰", 10), ("kW·h/t", "MJ/t", "3.6"), ("kgce", "kWh", "10000/1229"),
        ("万kWh/t", "tce/t", "1.229"), ("kg/t（干基）", "g/kg", 1),
    ],
)  # fmt: skip
def test_units_of_chinese_tables(found, wanted, factor):
    assert conversion(found, wanted) == Fraction(factor)


def test_calorific_value_of_generation_is_a_choice():
    assert conversion("kWh", "kgce", Fraction("0.302")) == Fraction("0.302")


def test_reference_conversions(cases):
    case = next(c for c in json.loads((cases / "baselines.json").read_text("utf-8")) if c["id"] == "K06")
    for row in case["cases"]:
        factor = conversion(row["from"], row["to"].split(" (")[0])
        assert float(factor) * row["value"] == pytest.approx(row["expected"], rel=2e-6), row


@pytest.mark.parametrize(
    "text", ["胡说", "m", "9**9**9**9", "(m**9)**9", "m^99999", "1e999999", "((((", "__import__('os')", "9" * 70, "%"]
)
def test_what_is_no_mass_is_refused_at_once(text):
    with pytest.raises(UnitError):
        conversion(text, "kg")
