"""The power-plant survey through the real run: raw .csv, project folder, baselines, charts, cleaning record."""

from __future__ import annotations

import csv
import json

import pytest

from drafting.analysis.baselines.pictures import pictures
from drafting.cli.app import run
from drafting.model.terms import GRADES
from drafting.pipeline.running import build, run_project
from tests.drafting.survey_projects import write_csv, write_project

# cases/README.md, "The power-plant survey": heading in the file, code, decimals, limiting, grade values I, II, III
TABLE = [
    ("so2_kg_per_MWh", "P1", "二氧化硫排放量", 4, "是", ("0.0969", "0.2896", "0.6242")),
    ("nox_kg_per_MWh", "P2", "氮氧化物排放量", 4, "是", ("0.2604", "0.4063", "0.7053")),
    ("co2_kg_per_MWh", "G1", "二氧化碳排放量", 1, "否", ("902.9", "972.2", "1039.0")),
    ("fuel_elec_kgce_per_MWh", "N1", "供电燃料消耗", 1, "否", ("345.7", "369.3", "392.7")),
]
CATEGORY = {"P1": "污染物产生与排放", "P2": "污染物产生与排放", "G1": "温室气体排放", "N1": "能源消耗"}


def number(row, column):
    return float(row[column]) if row[column].strip() else None


def clean(row):
    return (
        row["sector"] == "ELECTRIC POWER"
        and number(row, "net_gen_MWh") >= 10_000
        and number(row, "primary_fuel_share") >= 0.9
        and number(row, "useful_thermal_MMBtu") == 0
    )


@pytest.fixture(scope="module")
def coal(cases):
    with (cases / "data" / "power_plants_2019.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [r for r in rows if r["primary_fuel"] == "COAL" and number(r, "net_gen_MWh") > 0]


def indicators(**more):
    return [
        {
            "一级指标": CATEGORY[code], "代码": code, "二级指标": f"单位发电量{name}", "限定性": limiting,
            "单位": "kgce/MWh" if code == "N1" else "kg/MWh", "小数位": decimals,
            "权重": 0.5 if CATEGORY[code].startswith("污染") else 1, **more.get(code, {}),
        }
        for _, code, name, decimals, limiting, _ in TABLE
    ]  # fmt: skip


def project(folder, plants, exclusions=(), **more):
    write_project(
        folder, indicators(**more), exclusions=exclusions,
        categories={"能源消耗": 0.25, "污染物产生与排放": 0.5, "温室气体排放": 0.25},
        info={"文件名称": "燃煤发电行业清洁生产评价指标体系", "行业名称": "燃煤发电"},
    )  # fmt: skip
    heads = ["企业", *(row[1] for row in TABLE)]
    write_csv(folder, [heads, *([name_of(n), *(r[c] for c, *_ in TABLE)] for n, r in plants)])
    return folder


def name_of(place):
    return f"电厂{place:03d}"


@pytest.fixture(scope="module")
def cleaned(coal, tmp_path_factory):
    plants = [(n, r) for n, r in enumerate(coal) if clean(r)]
    assert len(plants) == 212
    return project(tmp_path_factory.mktemp("cleaned") / "燃煤发电", plants)


def test_published_values_and_joint_grades(cleaned):
    run = build(cleaned, quick=True)
    baselines, trial = run.results.baselines, run.results.trial
    for _, code, _, _, _, expected in TABLE:
        found = baselines.of(code)
        assert tuple(str(found.by_grade[g].value) for g in GRADES) == expected
        assert [found.by_grade[g].k for g in GRADES] == [11, 43, 106]
        assert all(found.by_grade[g].share >= p for g, p in zip(GRADES, (0.05, 0.2, 0.5), strict=True))
    assert dict(trial.distribution) == {"I": 0, "II": 7, "III": 29, "none": 176, "excluded": 0}
    assert any(f.code == "trial-grades-rare" for f in run.findings)
    text = next(run.output.glob("*.md")).read_text("utf-8")
    assert all(value in text for *_, expected in TABLE for value in expected)
    assert list(run.output.glob("*.docx"))
    assert not any("电厂0" in p.read_text("utf-8") for p in run.output.glob("*.md"))


def test_cleaning_by_exclusions_gives_the_same_values_and_a_record(coal, tmp_path):
    """All 288 plants in the file, 76 left out by 剔除: same values, every omission on record, figures with them."""
    out = [(name_of(n), "", "热电联产或装置太小，不属于本行业") for n, r in enumerate(coal) if not clean(r)]
    run = run_project(project(tmp_path / "全部", list(enumerate(coal)), out), until="baselines")
    for _, code, _, _, _, expected in TABLE:
        found = run.results.baselines.of(code)
        assert tuple(str(found.by_grade[g].value) for g in GRADES) == expected
    notes = [f for f in run.findings if f.code == "excluded-values"]
    assert len(notes) == 76
    assert all("热电联产" in f.message for f in notes)
    effect = run.results.baselines.of("N1").details.doubtful.excluded_effect
    assert effect.count == 76
    assert round(effect.with_them["I"], 1) == 206.8  # cases/README.md: heat-selling plants set grade I
    assert effect.without["I"] == pytest.approx(345.6, abs=0.1)


def test_without_cleaning_the_physical_limit_points_at_the_plants_that_sell_heat(coal, tmp_path):
    """206.8 kgce/MWh would be 59 % efficiency; 245.8 kgce/MWh is 50 %."""
    more = {"N1": {"下限": "245.8"}}
    run = run_project(project(tmp_path / "未清理", list(enumerate(coal)), **more), until="baselines")
    assert str(run.results.baselines.of("N1").by_grade[GRADES[0]].value) == "206.9"  # outward of 206.8…
    flagged = [f for f in run.findings if f.code == "survey-outside-limits"]
    assert flagged
    assert all(f.place.file == "调研数据.csv" and f.place.cell.startswith("E") for f in flagged)
    doubtful = run.results.baselines.of("N1").details.doubtful
    assert {f.reason for f in doubtful.flags} >= {"below-physical-limit"}
    assert doubtful.with_and_without.without["I"] > doubtful.with_and_without.with_them["I"]


def test_pictures_of_all_indicators(cleaned):
    pytest.importorskip("typst")
    from drafting.charts.indicators import benchmark_curve, curve_page, distribution, overview, pages
    from drafting.charts.raster import png
    from drafting.charts.svg import svg

    run = run_project(cleaned, until="baselines")
    made = pictures(run.project.inputs, run.results.baselines)
    assert [p.code for p in made] == ["N1", "P1", "P2", "G1"]
    for picture in made:
        assert picture.n == 212
        assert len(picture.cuts) == 3
    assert svg(distribution(made[1])) == svg(distribution(made[1]))  # the same input gives the same bytes
    drawn = [
        distribution(made[1]),
        benchmark_curve(made[0]),
        curve_page("污染物", made[1:3]),
        overview("污染物", made[1:3]),
    ]
    assert all(data.startswith(b"\x89PNG") for data in png(drawn))
    parts = [("污染物产生与排放（1）", 1), ("污染物产生与排放（2）", 1)]
    assert [(c, len(of)) for c, of in pages(made, 1)][1:3] == parts


def test_what_if_shows_share_and_moves(cleaned, capfdbinary):
    assert run(["baselines", str(cleaned), "--what-if", "P1:III=1.0", "--what-if", "P2：Ⅲ=1.0", "--json"]) == 0
    found = json.loads(capfdbinary.readouterr().out)["what_if"]
    with_csv = (cleaned / "调研数据.csv").read_text("utf-8").splitlines()[1:]
    so2 = [float(line.split(",")[1]) for line in with_csv]
    assert found["changes"][0]["after"]["share"] == sum(v <= 1.0 for v in so2) / 212
    assert found["distribution"]["before"] == {"I": 0, "II": 7, "III": 29, "none": 176, "excluded": 0}
    assert found["distribution"]["after"]["none"] < 176
    assert len(found["moves"]) >= 176 - found["distribution"]["after"]["none"]
    assert run(["baselines", str(cleaned), "--what-if", "P9:I=1"]) == 2
    assert run(["baselines", str(cleaned), "--what-if", "P1:I=很小"]) == 2


def test_duckdb_gives_the_same_levels(cleaned, capfdbinary):
    pytest.importorskip("duckdb")
    assert run(["baselines", str(cleaned), "--json", "--engine", "duckdb"]) == 0
    large = json.loads(capfdbinary.readouterr().out)
    assert run(["baselines", str(cleaned), "--json"]) == 0
    memory = json.loads(capfdbinary.readouterr().out)
    assert large["engine"] == "duckdb"
    assert memory["engine"] == "memory"
    for a, b in zip(large["indicators"], memory["indicators"], strict=True):
        for key in ("code", "n", "source", "I", "II", "III"):
            assert a[key] == b[key], (a["code"], key)
