"""Code and name of the industry against GB/T 4754—2017 (4.2.1)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from drafting.industries import (
    ClassificationError,
    Verdict,
    check_industry,
    divisions,
    find_classification,
)
from drafting.workbook.classification import load_classification


@pytest.fixture
def table(shared: Path) -> Path:
    return shared / "reference" / "gbt4754_2017.csv"


def test_sections_and_divisions_are_those_of_the_classification(table: Path) -> None:
    with table.open(encoding="utf-8-sig") as file:
        rows = [(r["code"], r["name"]) for r in csv.DictReader(file)]
    assert {c: n for c, n in rows if len(c) == 1} == divisions().sections
    assert {c[1:]: n for c, n in rows if len(c) == 3} == divisions().divisions
    assert {c[1:]: c[0] for c, n in rows if len(c) == 3} == divisions().section_of
    assert len(divisions().divisions) == 97


@pytest.mark.parametrize(
    ("code", "name", "verdict"),
    [
        ("C30", "非金属矿物制品业", Verdict.AGREE),
        ("30", "非金属矿物制品业", Verdict.AGREE),
        ("Ｃ３０", " 非金属矿物 制品业", Verdict.AGREE),
        ("c30", "非金属制品业", Verdict.NAME_DIFFERS),
        ("C", "制造业", Verdict.AGREE),
        ("C3071", "建筑陶瓷制品制造", Verdict.DIVISION_ONLY),
        ("C3071", "随便什么", Verdict.DIVISION_ONLY),
        ("D3071", "建筑陶瓷制品制造", Verdict.WRONG_SECTION),
        ("C98", "没有的行业", Verdict.UNKNOWN_CODE),
        ("9871", "没有的行业", Verdict.UNKNOWN_CODE),
        ("Z", "没有的门类", Verdict.UNKNOWN_CODE),
        ("C30711", "建筑陶瓷制品制造", Verdict.BAD_FORMAT),
        ("陶瓷", "建筑陶瓷制品制造", Verdict.BAD_FORMAT),
        ("C3", "建筑陶瓷制品制造", Verdict.BAD_FORMAT),
        ("", "建筑陶瓷制品制造", Verdict.MISSING),
        ("C3071", " ", Verdict.MISSING),
    ],
)
def test_without_a_classification(code: str, name: str, verdict: Verdict) -> None:
    assert check_industry(code, name).verdict is verdict


def test_what_the_user_is_told() -> None:
    wrong = check_industry("D3071", "建筑陶瓷制品制造")
    assert (wrong.expected_code, wrong.division_name) == ("C3071", "非金属矿物制品业")
    assert check_industry("C31", "非金属矿物制品业").expected_code == "C30"
    assert check_industry("C31", "非金属矿物制品业").expected_name == "黑色金属冶炼和压延加工业"


@pytest.mark.parametrize(
    ("code", "name", "verdict", "expected_name", "expected_code"),
    [
        ("C3071", "建筑陶瓷制品制造", Verdict.AGREE, "建筑陶瓷制品制造", "C3071"),
        ("307", "陶瓷制品制造", Verdict.AGREE, "陶瓷制品制造", "C307"),
        ("C3071", "建筑陶瓷制造", Verdict.NAME_DIFFERS, "建筑陶瓷制品制造", "C3071"),
        ("C3011", "建筑陶瓷制品制造", Verdict.NAME_DIFFERS, "水泥制造", "C3071"),
        ("C3078", "建筑陶瓷制品制造", Verdict.UNKNOWN_CODE, "", "C3071"),
    ],
)
def test_with_a_classification(
    table: Path, code: str, name: str, verdict: Verdict, expected_name: str, expected_code: str
) -> None:
    result = check_industry(code, name, load_classification(table))
    assert (result.verdict, result.expected_name, result.expected_code) == (verdict, expected_name, expected_code)


@pytest.mark.slow
def test_every_row_of_the_classification_agrees_with_itself(table: Path) -> None:
    names = load_classification(table)
    with table.open(encoding="utf-8-sig") as file:
        assert all(check_industry(r["code"], r["name"], names).verdict is Verdict.AGREE for r in csv.DictReader(file))


def test_a_workbook_and_a_gbk_table_are_read_alike(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("代码", "名称"), ("C30", "非金属矿物制品业"), (3011, "水泥制造"), (None, None)):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_bytes("名称,代码\r\n非金属矿物制品业,C30\r\n水泥制造,3011\r\n".encode("gbk"))
    expected = {"30": "非金属矿物制品业", "3011": "水泥制造"}
    assert load_classification(tmp_path / "a.xlsx") == load_classification(tmp_path / "b.csv") == expected


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "编码,名称\nC30,x\n", "代码"),
        ("b.csv", "代码,名称\n陶瓷,x\n", "陶瓷"),
        ("c.csv", "代码,名称\nC30,x\n30,y\n", "两个名称"),
        ("d.csv", "代码,名称\n", "没有任何行业"),
        ("e.xlsx", "代码,名称\n", "工作簿"),
        ("f.csv", "", "空"),
        ("g.csv", "代码,名称\nC30,x,y,z\n", "列"),
    ],
)
def test_a_bad_table_is_answered(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(ClassificationError, match=reason) as caught:
        load_classification(tmp_path / name)
    assert caught.value.path.name == name


def test_a_link_in_the_project_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    """What stands elsewhere must not appear in findings and drafts."""
    elsewhere, project = tmp_path / "别处.csv", tmp_path / "项目"
    elsewhere.write_text("代码,名称\nC30,机密\n", "utf-8")
    project.mkdir()
    link = project / "国民经济行业分类.csv"
    link.symlink_to(elsewhere)
    assert find_classification(project) == link
    with pytest.raises(ClassificationError, match="链接"):
        load_classification(link, project)


def test_the_project_folder_comes_before_the_user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, project = tmp_path / "home", tmp_path / "项目"
    home.mkdir()
    project.mkdir()
    monkeypatch.setenv("DRAFTING_HOME", str(home))
    assert find_classification(project) is None
    (home / "国民经济行业分类.xlsx").touch()
    assert find_classification(project) == home / "国民经济行业分类.xlsx"
    (project / "国民经济行业分类.csv").touch()
    assert find_classification(project) == project / "国民经济行业分类.csv"
