"""Several tables in one file, class rows, shared indicators: as the project reads them again."""

from __future__ import annotations

from pathlib import Path

from drafting.earlier.placing import write_edition
from drafting.earlier.reading import read_edition
from drafting.project.folder import Project, load_project
from tests.drafting.earlier.printing import Given, docx, p, tbl
from tests.drafting.render.long_draft import HEAD

TWO = ["一级指标", "一级指标权重", "序号", ("二级指标", "span=2"), "单位", "二级指标权重", "Ⅰ级", "Ⅱ级", "Ⅲ级"]


def rows_a() -> list[list[Given]]:
    """Table 甲 of cases/two_tables.json, with a column that the classes stand in."""
    return [
        [("能源消耗", "down"), ("0.5", "down"), ("1", "down"), ("*单位产品综合能耗①", "down"), "开采深度≤250m",
         ("kgce/t", "down"), ("0.6", "down"), "≤100", "≤110", "≤120"],
        [("", "cont"), ("", "cont"), ("", "cont"), ("", "cont"), "开采深度>250m", ("", "cont"), ("", "cont"),
         "≤130", "≤145", "≤160"],
        [("", "cont"), ("", "cont"), "2", ("单位产品电耗", "span=2"), "kWh/t", "0.4", "≤50", "≤55", "≤60"],
        ["水资源消耗", "0.2", "1", ("*单位产品取水量", "span=2"), "m³/t", "1", "≤0.30", ("≤0.40", "span=2")],
        [("清洁生产管理", "down"), ("0.3", "down"), "1", ("清洁生产审核制度执行情况", "span=2"), "", "0.5",
         "按期完成审核且方案实施率不低于80%", ("按期完成审核", "span=2")],
        [("", "cont"), ("", "cont"), "2", ("能源管理体系实施情况", "span=2"), "", "0.5",
         ("建立并运行能源管理体系", "span=3")],
    ]  # fmt: skip


def rows_b() -> list[list[Given]]:
    """Table 乙."""
    return [
        [("能源消耗", "down"), ("0.4", "down"), "1", "*单位产品综合能耗①", "kgce/t", "0.7", "≤20", "≤25", "≤30"],
        [("", "cont"), ("", "cont"), "2", "单位产品电耗", "kWh/t", "0.3", "≤80", "≤90", "≤100"],
        [("污染物产生与排放", "down"), ("0.3", "down"), "1", "单位产品废水产生量", "m³/t", "0.4", "≤1.0", "≤1.5",
         "≤2.0"],
        [("", "cont"), ("", "cont"), "2", "*单位产品颗粒物排放量", "kg/t", "0.6", "≤0.05", "≤0.08", "≤0.10"],
        [("清洁生产管理", "down"), ("0.3", "down"), "1", "清洁生产审核制度执行情况", "", "0.5",
         "按期完成审核且方案实施率不低于80%", ("按期完成审核", "span=2")],
        [("", "cont"), ("", "cont"), "2", "能源管理体系实施情况", "", "0.5", ("建立并运行能源管理体系", "span=3")],
    ]  # fmt: skip


def project(tmp_path: Path, *blocks: str) -> Project:
    source = tmp_path / "旧标准.docx"
    source.write_bytes(docx(*blocks))
    edition = read_edition(source)
    assert {f.code for f in edition.findings} <= {"import-tracked-changes"}
    write_edition(edition, source, tmp_path / "新项目")
    return load_project(tmp_path / "新项目")


def test_two_tables_with_class_rows_are_two_tables(tmp_path: Path) -> None:
    stars = p("注：1. 带*的指标为限定性指标。")
    note = p("①综合能耗按当量值计算。")
    read = project(
        tmp_path,
        p("表1 甲工序企业清洁生产评价指标体系"), tbl(TWO, *rows_a()), note, stars,
        p("表2 乙工序企业清洁生产评价指标体系"), tbl(HEAD, *rows_b()), note, stars,
    )  # fmt: skip
    errors = [f.message for f in read.findings if f.severity.value == "error"]
    assert len(errors) == 1  # the rule for an enterprise under several tables, which no table prints
    assert "一家企业适用几张表时怎样评定" in errors[0]
    assert read.inputs is not None
    first, second = read.inputs.tables
    assert (first.caption, second.caption) == ("甲工序企业清洁生产评价指标体系", "乙工序企业清洁生产评价指标体系")
    classes = [(i.of_name, i.class_name, i.baselines["I"].text, i.limiting) for i in first.system.indicators if i.of]
    assert classes == [
        ("单位产品综合能耗", "开采深度≤250m", "≤100", True), ("单位产品综合能耗", "开采深度>250m", "≤130", True)
    ]  # fmt: skip
    assert [str(c.weight) for c in first.system.categories] == ["0.5", "0.2", "0.3"]
    assert [str(c.weight) for c in second.system.categories] == ["0.4", "0.3", "0.3"]
    heads = {i.name: i.code for i in first.system.heads}
    shared = {i.name: i.code for i in second.system.heads}
    assert all(heads[name] == code for name, code in shared.items() if name in heads)
    assert [n.text for n in first.system.notes] == ["综合能耗按当量值计算。"]
    assert [str(i.weight) for i in first.system.heads] == ["0.6", "0.4", "1", "0.5", "0.5"]


def test_classes_named_by_the_name_column_alone(tmp_path: Path) -> None:
    """A name over several rows without a column for classes: the classes get numbers, and that is said."""
    rows: list[list[Given]] = [
        [("能源消耗", "down"), ("1", "down"), "1", ("综合能耗", "down"), "kgce/t", ("1", "down"), "≤1", "≤2", "≤3"],
        [("", "cont"), ("", "cont"), "", ("", "cont"), "kgce/t", ("", "cont"), "≤4", "≤5", "≤6"],
    ]  # fmt: skip
    source = tmp_path / "旧标准.docx"
    source.write_bytes(docx(tbl(HEAD, *rows)))
    edition = read_edition(source)
    assert [r["类别"] for r in edition.indicators] == ["类别1", "类别2"]
    assert {f.code for f in edition.findings} == {"import-class-unnamed"}


def test_rows_of_one_name_whose_weights_all_count_are_indicators_of_their_own(tmp_path: Path) -> None:
    def read(*more: str) -> list[tuple[object, object, str]]:
        rows: list[list[Given]] = [
            [("能源消耗", "down"), ("1", "down"), "1", ("能耗", "down"), "大型", "kgce/t", more[0], "≤1", "≤2", "≤3"],
            [("", "cont"), ("", "cont"), "", ("", "cont"), "小型", "kgce/t", more[1], "≤4", "≤5", "≤6"],
        ]  # fmt: skip
        source = tmp_path / "旧标准.docx"
        source.write_bytes(docx(tbl(TWO, *rows)))
        edition = read_edition(source)
        codes.append({f.code for f in edition.findings})
        return [(r["二级指标"], r["类别"], str(r["权重"])) for r in edition.indicators]

    codes: list[set[str]] = []
    assert read("0.4", "0.6") == [("能耗（大型）", "", "0.4"), ("能耗（小型）", "", "0.6")]
    assert read("1", "1") == [("能耗", "大型", "1"), ("能耗", "小型", "None")]
    assert read("1", "0.9") == [("能耗", "大型", "1"), ("能耗", "小型", "None")]
    assert codes == [set(), set(), {"import-class-weights-differ"}]
