"""Findings on the screen: by cause, what forbids submission first, on one screen of 80 columns."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from wcwidth import width

from drafting.cli.app import run
from drafting.cli.screen import Screen
from drafting.cli.views_findings import list_of, show_findings
from drafting.findings import Cell, Finding, Severity, finding
from tests.drafting.cli.test_screen import Stream

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"


def screen_lines(text: str, columns: int = 80) -> int:
    """Lines of a terminal that folds what is longer."""
    return sum(max(1, -(-width(line) // columns)) for line in text.rstrip("\n").split("\n"))


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def shown(findings: list[Finding], **options: object) -> str:
    stream = Stream(terminal=True)
    show_findings(Screen(stream, width=80), findings, **options)  # type: ignore[arg-type]
    return "\n".join(stream.lines)


def not_numbers(count: int, found: str = "·", column: str = "E") -> list[Finding]:
    words = {"heading": "单位产品综合能耗", "found": found, "reason": "不是数"}
    return [
        finding("survey-not-a-number", Cell("调研数据.xlsx", "调研数据", f"{column}{n + 2}"), **words)
        for n in range(count)
    ]


def test_484_dots_in_a_column_are_one_finding_with_their_range() -> None:
    text = shown(not_numbers(484))
    assert text.count("单位产品综合能耗") == 1
    assert "调研数据.xlsx·调研数据·E2:E485" in text
    assert "共 484 处" in text
    assert text.splitlines()[0].endswith("必须改正：1 类，484 处")
    assert "共 484 个错误，按原因合为 1 类。" in text


def test_what_forbids_submission_comes_first_then_what_to_do_then_what_only_tells_then_counts() -> None:
    told = finding("code-assigned", Cell("项目.xlsx", "二级指标", "B2"), count=3, codes="N1、N2、N3")
    begin = finding("survey-missing", Cell("调研数据.xlsx"))
    look = finding("survey-small", Cell("调研数据.xlsx"), n=3, minimum=20)
    text = shown([told, look, begin, *not_numbers(2)])
    parts = [
        "必须改正：1 类，2 处", "E2:E3", "改法", "接下来：2 类", "没有调研数据", "只有 3 家", "供了解：1 类",
        "自动编号", "共 2 个错误、1 个警告、2 个提示",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "需要固定代码" not in text  # what only tells asks for nothing
    assert "需要固定代码" in shown([told], whole=True)


def test_no_findings_is_said() -> None:
    assert shown([]).strip().endswith("没有发现问题。")


def test_thousands_of_findings_are_quick_and_fit_on_a_screen() -> None:
    many = [f for n in range(50) for f in not_numbers(100, found=f"?{n}", column=f"A{chr(65 + n % 26)}")]
    start = time.perf_counter()
    text = shown(many)
    assert time.perf_counter() - start < 1.0
    assert screen_lines(text) < 20
    assert "共 5000 个错误" in text
    everything = shown(many, whole=True)
    assert "AA2:AZ101" in everything


def test_errors_are_shown_before_all_else_and_the_rest_is_counted() -> None:
    errors = [
        Finding(f"code-{n}", Severity.ERROR, f"第 {n} 种错误。", "改正。", "", Cell("项目.xlsx", "二级指标", f"A{n}"))
        for n in range(1, 60)
    ]
    text = shown([*errors, finding("survey-small", Cell("调研数据.xlsx"), n=3, minimum=20)])
    assert "第 1 种错误" in text
    assert "第 59 种错误" not in text
    assert "类未列出" in text
    assert "--details" in text
    assert "只有 3 家" in text
    assert "第 59 种错误" in shown(errors, whole=True)


# --- the commands on 80 columns -----------------------------------------------------------------------------------
def test_a_fresh_project_is_checked_on_25_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path / "新项目")]) == 0
    capsys.readouterr()
    assert run(["check", str(tmp_path / "新项目")]) == 0
    assert screen_lines(capsys.readouterr().out) <= 25
    run(["check", str(tmp_path / "新项目"), "--details"])
    whole = capsys.readouterr().out
    assert "未列出" not in whole
    assert "没有指标解释" in whole


def test_the_example_is_checked_on_30_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(EXAMPLE)]) == 0
    assert screen_lines(capsys.readouterr().out) <= 30


@pytest.mark.slow
def test_the_example_is_built_on_60_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", str(tmp_path / "示例")]) == 0
    text = capsys.readouterr().out
    assert screen_lines(text) <= 60
    for part in ("权重（层次分析法）", "基准值：35 项指标", "试评价：119 家企业", "成果在"):
        assert part in text


def test_the_whole_list_is_named_where_it_was_written() -> None:
    """Somebody had written into 检查结果.xlsx: the new list stood beside it, and the screen still named the old one."""
    beside = finding("outputs-changed", Cell("成果/检查结果.xlsx"), file="检查结果.xlsx", new="检查结果（新）.xlsx")
    assert list_of([finding("survey-small", n=3, minimum=20)]) == "完整清单见 成果/检查结果.xlsx。"
    assert list_of([beside]) == "完整清单见 成果/检查结果（新）.xlsx。"
    text = shown([finding("survey-small", n=3, minimum=20), beside])
    # What lies beside its name now is next, before the rest.
    assert text.index("写出后被改过") < text.index("只有 3 家")
