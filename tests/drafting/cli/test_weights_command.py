"""``drafting weights`` and ``drafting questionnaires`` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from drafting.cli import app
from drafting.pipeline.questionnaires import write_ahp
from drafting.project.folder import load_project
from tests.drafting.weights_projects import CODES, TRUE, edit, fill_judgements, project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three experts answered, the last one in a circle; nine did not."""
    folder = project(tmp_path_factory.mktemp("weights"))
    for path in write_ahp(load_project(folder)).files:
        if path.stem in CODES[:3]:
            fill_judgements(path, folder / "判断矩阵" / path.name, TRUE)
    edit(folder / "判断矩阵" / "专家03.xlsx", "一级指标", {"C4": 5, "D4": 1 / 5, "D5": 5})
    return folder


def run(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, str, str]:
    status = app.run(arguments)
    said = capfdbinary.readouterr()
    return status, said.out.decode("utf-8"), said.err.decode("utf-8")


def as_json(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> Any:
    return json.loads(run(capfdbinary, *arguments, "--json")[1])


def test_the_screen_says_who_must_do_what(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status, out, _ = run(capfdbinary, "weights", str(folder))
    assert status == 0
    for words in ("权重（层次分析法，暂定", "判断矩阵一致性", "专家意见的一致程度", "尚未交回可用答复的专家", "专家12",
                  "需修改判断矩阵的专家", "CR 变为"):  # fmt: skip
        assert words in out
    assert "方法比较" not in out


def test_compare_shows_methods_and_tables_on_the_screen_and_as_json(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _, out, _ = run(capfdbinary, "weights", str(folder), "--compare")
    for words in ("方法比较", "特征向量法", "方根法", "和积法", "saaty-1980", "模拟值"):
        assert words in out
    compared = as_json(capfdbinary, "weights", str(folder), "--compare")["comparison"]
    assert [c["group"] for c in compared] == list(TRUE)
    assert len(compared[0]["variants"]) == 18
    assert sum(float(w) for w in compared[0]["variants"][0]["weights"]) == pytest.approx(1)
    assert "comparison" not in as_json(capfdbinary, "weights", str(folder))


@pytest.mark.slow
def test_charts_are_written_and_named_in_the_output(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    pytest.importorskip("typst", reason="PNG needs the extra “pdf”")
    files = as_json(capfdbinary, "weights", str(folder), "--charts")["files"]
    assert {Path(f).name for f in files} >= {"权重-一级指标.png", "权重-一级指标.svg", "共识-能源消耗.png"}
    assert all(Path(f).is_file() and "成果" in f for f in files)
    assert not any("收敛" in f for f in files)


def test_charts_without_a_font_end_in_one_chinese_line(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typst", reason="PNG needs the extra “pdf”")
    from drafting.charts import raster
    from drafting.fonts import FontError

    def no_font() -> None:
        raise FontError(("宋体", "黑体"))

    monkeypatch.setattr(raster, "find_fonts", no_font)
    status, out, error = run(capfdbinary, "weights", str(folder), "--charts")
    assert (status, out) == (1, "")
    assert error.startswith("错误：没有找到中文字体")


def test_an_inconsistent_expert_gets_the_own_answers_back_to_revise(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (file,) = as_json(capfdbinary, "questionnaires", str(folder), "--ahp", "--revise")["files"]
    assert Path(file).name == "专家03.xlsx"
    book = load_workbook(file)
    assert [book["一级指标"][c].value for c in ("C4", "D4", "D5")] == [5, 0.2, 5]
    notice = str(book["填写说明"]["B3"].value)
    assert "CR=2.759" in notice  # a circle of strength 5: λmax 6.2, CI 1.6, RI 0.58
    assert "一级指标" in notice


@pytest.mark.parametrize(
    "options",
    [(), ("--ahp", "--delphi", "1"), ("--rating",), ("--delphi", "1", "--split"), ("--delphi", "0"),
     ("--ahp", "--rating"), ("--ahp", "--split", "--revise")],
)  # fmt: skip
def test_options_that_contradict_each_other_are_wrong_usage(
    folder: Path, options: tuple[str, ...], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    status, _, error = run(capfdbinary, "questionnaires", str(folder), *options)
    assert status == 2
    assert error


def test_ratings_alone_are_screened_although_there_are_no_weights(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = project(tmp_path, weight_method="专家咨询法")
    sent = as_json(capfdbinary, "questionnaires", str(folder), "--delphi", "1", "--rating")["files"]
    for k, file in enumerate(sent[:6]):
        book = load_workbook(file)
        sheet = book["重要性评分"]
        for row in range(5, 14):
            sheet.cell(row, 3).value = 1 + k % 2 if row == 13 else 5 - (row + k) % 2
        target = folder / "德尔菲" / "第1轮" / Path(file).name
        target.parent.mkdir(parents=True, exist_ok=True)
        book.save(target)
    result = as_json(capfdbinary, "weights", str(folder))
    last = result["screening"]["candidates"][-1]
    assert (last["indicator"], last["decision"]) == ("化学需氧量排放量", "剔除")
    assert result["panel"]["not_answered"]["德尔菲第1轮问卷"] == list(CODES[6:])
    sheet = load_workbook(folder / "成果" / "指标筛选.xlsx").active
    assert [c.value for c in sheet[13]][2] == "化学需氧量排放量"
    assert [c.value for c in sheet[13]][9] == "剔除"
    out = run(capfdbinary, "weights", str(folder))[1]
    assert "指标筛选（界值法，第1轮，6 位专家）" in out


def test_a_progress_bar_shows_on_a_terminal_after_a_second_only(monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import itertools

    from drafting.cli import progress as module

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    clock = itertools.chain([0.0, 0.5, 1.5, 1.52], itertools.repeat(2.0))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    terminal, pipe = Terminal(), io.StringIO()
    with module.progress("读取问卷", terminal) as tick:
        tick(1, 4)
        assert terminal.getvalue() == ""
        tick(2, 4)
        assert "读取问卷" in terminal.getvalue()
        assert terminal.getvalue().endswith("2/4\x1b[K")
        tick(3, 4)
        tick(4, 4)
        assert terminal.getvalue().endswith("4/4\x1b[K")
    assert terminal.getvalue().endswith("\x1b[K")
    monkeypatch.undo()
    with module.progress("读取问卷", pipe) as tick:
        tick(1, 1)
    assert pipe.getvalue() == ""
