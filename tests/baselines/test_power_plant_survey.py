"""The power-plant survey: 212 cleaned coal plants, and what dirty data would do."""

from __future__ import annotations

import csv
from decimal import Decimal

import numpy as np
import pytest

from baselines import Sample, flag_physical, grade_values, publish_grades, round_half_even, with_and_without

# cases/README.md, "The power-plant survey": column, decimals, and grade values I, II, III after outward rounding
TABLE = [
    ("so2_kg_per_MWh", 4, ("0.0969", "0.2896", "0.6242")),
    ("nox_kg_per_MWh", 4, ("0.2604", "0.4063", "0.7053")),
    ("co2_kg_per_MWh", 1, ("902.9", "972.2", "1039.0")),
    ("fuel_elec_kgce_per_MWh", 1, ("345.7", "369.3", "392.7")),
]


@pytest.fixture(scope="module")
def plants(cases):
    with (cases / "data" / "power_plants_2019.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(row, column):
    return float(row[column]) if row[column].strip() else np.nan


@pytest.fixture(scope="module")
def coal(plants):
    return [row for row in plants if row["primary_fuel"] == "COAL" and number(row, "net_gen_MWh") > 0]


@pytest.fixture(scope="module")
def cleaned(coal):
    return [
        row
        for row in coal
        if row["sector"] == "ELECTRIC POWER"
        and number(row, "net_gen_MWh") >= 10_000
        and number(row, "primary_fuel_share") >= 0.9
        and number(row, "useful_thermal_MMBtu") == 0
    ]


@pytest.mark.parametrize(("column", "decimals", "expected"), TABLE)
def test_published_values(cleaned, column, decimals, expected):
    got = publish_grades([number(row, column) for row in cleaned], "smaller", decimals)
    assert got.survey is not None
    assert [g.k for g in got.survey] == [11, 43, 106]
    assert tuple(str(g.value) for g in got) == expected
    assert [g.keeps_share for g in got] == [True] * 3
    assert [g.share for g in got] == [pytest.approx(p, abs=0.01) for p in (0.05, 0.2, 0.5)]
    assert got.out_of_order == ()


def test_nearest_rounding_would_lose_a_plant(cleaned):
    values = [number(row, "co2_kg_per_MWh") for row in cleaned]
    exact = grade_values(values, "smaller")
    lost = [round(Decimal(repr(g.value)), 1) < Decimal(repr(g.value)) for g in exact]
    assert any(lost)
    printed = publish_grades(values, "smaller", 1)
    assert not any(g.value < Decimal(repr(e.value)) for g, e in zip(printed, exact, strict=True))


def test_without_cleaning_heat_selling_plants_set_grade_one(coal):
    assert len(coal) == 288
    got = grade_values([number(row, "fuel_elec_kgce_per_MWh") for row in coal], "smaller")
    assert str(round_half_even(got.I.value, 1)) == "206.8"
    assert 122.9 / got.I.value == pytest.approx(0.59, abs=0.005)  # 122.9 kgce are one MWh: 59 % efficiency


def test_a_physical_limit_finds_what_sells_heat(coal):
    """No condensing coal plant passes 50 % efficiency, 245.8 kgce/MWh: the limit points at the plants to look at."""
    sample = Sample.of([number(row, "fuel_elec_kgce_per_MWh") for row in coal])
    flags = flag_physical(sample, "smaller", lower="245.8")
    selling = [number(coal[flag.index], "useful_thermal_MMBtu") > 0 for flag in flags]
    assert flags
    assert np.mean(selling) > 0.9
    both = with_and_without(sample, "smaller", [flag.index for flag in flags])
    assert both.without is not None
    assert both.without.I.value > both.with_them.I.value
    assert both.without.n == both.with_them.n - len(flags)
