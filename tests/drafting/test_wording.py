"""Every finding of the catalogue in Chinese that can be acted on: cause, remedy, something concrete in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.findings.finding import catalogue, finding
from drafting.project.folder import load_project
from tests.drafting.survey_projects import write_project, write_xlsx

NAMES = {
    "Excel", "Word", "WPS", "CSV", "UTF", "xlsx", "csv", "parquet", "xls", "doc", "docx", "zip", "json", "DOCTYPE",
    "DuckDB", "Spark",
    "Java", "JAVA", "HOME", "LibreOffice", "PDF", "pint", "pyarrow", "pypdf", "LaTeX", "ref", "CRITIC", "SHA", "ISO",
    "IEC", "Python", "kgce", "tce", "kWh", "memory", "duckdb", "comments", "workbook", "pdf", "spark", "Ctrl",
    "title", "CLEAN", "sum", "DRAFTING", "TEMPLATES", "off",
}  # fmt: skip
"""Names of programs, formats, units and words of the command line; everything else that is Latin is English."""
ENGLISH_TITLES = {"title-english-missing", "term-english-missing"}
"""What they show an example of is English."""
STRETCH = 80
CONCRETE = re.compile(
    r"如|“|/|drafting |\d|\{|列|表|改为|另存为|Excel|--\w+|pip install|无需处理|不需要处理"
    r"|\.xlsx|\.json|编制说明|环境变量"
)
"""An example, a name of something in the project, a command, or that nothing is to be done."""


def words(text: str) -> str:
    """The text without placeholders and command lines."""
    filled = re.sub(r"\{[^{}]*\}", "某某某某", text.replace("{{", "").replace("}}", ""))
    return re.sub(r"drafting [a-z]+|--?[a-z][\w-]*|pip install [^\s。；）]*", "某", filled)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_a_finding_is_chinese_short_and_says_what_to_do(code: str) -> None:
    wording = catalogue()[code]
    for text in (wording.message, wording.remedy):
        assert text.strip()
        plain = words(text)
        if code not in ENGLISH_TITLES:
            english = set(re.findall(r"[A-Za-z]{3,}", plain)) - NAMES
            assert not english, english
        assert "DIR" not in text
        longest = max(re.split(r"[。；！？：]", plain), key=len)
        assert len(longest) <= STRETCH, longest
        assert not re.search(r"。。|，，|；。|：。", plain)
    assert CONCRETE.search(wording.remedy), wording.remedy
    assert "最接近的是" not in wording.message


def test_no_name_is_so_long_that_a_finding_cannot_be_read() -> None:
    """A name of 32,767 characters, the most a cell of Excel holds, stood whole in the finding about it."""
    name = "始" + "长" * 32_765 + "终"
    for code, wording in catalogue().items():
        said = finding(code, **dict.fromkeys(wording.placeholders, name))
        assert len(said.message) <= len(wording.message) + 150 * wording.message.count("{"), code
        assert all(value == name for value in said.values.values())
    renamed = finding("items-renamed", renamed=f"“能耗”现名“{name}”；“水耗”现名“{name}”")
    assert renamed.message.count("终（共 32767 字）") == renamed.message.count("“始长长") == 2
    assert "“能耗”现名“始" in renamed.message


def test_a_long_list_of_names_stands_whole_in_a_finding() -> None:
    names = "、".join(f"“第{n}项单位产品综合能耗”" for n in range(100))
    assert names in finding("items-removed", names=names).message


def test_no_message_is_made_of_what_the_system_says() -> None:
    """English words of the system reached the user as the reason of a finding."""
    for path in Path(__file__).resolve().parents[2].glob("drafting/**/*.py"):
        assert ".strerror" not in path.read_text("utf-8").replace("os.strerror(errno.", ""), path


def test_a_value_that_is_too_good_is_so_among_its_own_stratum(tmp_path: Path) -> None:
    write_project(tmp_path, [{"代码": "E1", "二级指标": "能耗"}])
    rows: list[list[object]] = [["企业", "分组", "E1"]]
    rows += [[f"大{n}", "大型", 100 + n] for n in range(12)]
    rows += [[f"小{n}", "小型", 200 + n] for n in range(12)]
    rows[-1][-1] = 90  # among all enterprises one of the better ones, in its stratum far beyond the rest
    write_xlsx(tmp_path, rows)
    project = load_project(tmp_path)
    assert project.inputs is not None
    _, found = set_baselines(project.inputs, project.provenance)
    (said,) = [f.message for f in found if f.code.startswith("outliers")]
    assert "有 1 个值比同一分组的其他企业异常地好（如“小型”组中 小11 的 90" in said


def test_what_to_install_can_be_pasted_into_any_shell() -> None:
    """Single quotes are letters to the Windows prompt; an extra that a message names exists."""
    root = Path(__file__).resolve().parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    told = [*root.glob("drafting/**/*.py"), *root.glob("drafting/**/*.toml"), *root.glob("docs/**/*.md")]
    for path in (*told, *root.glob("README*.md")):
        text = path.read_text("utf-8")
        assert not re.search(r"pip install '[^'\n]*\['?", text), path
        named = re.findall(r"cleaner-production-drafting\[([\w,-]+)\]", text)
        assert {extra for names in named for extra in names.split(",")} <= extras.keys(), path
