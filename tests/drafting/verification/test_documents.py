"""Figures in a written draft against the record beside it: what a committee changes by hand is named with its row."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from drafting.cli.app import run
from drafting.pipeline.running import build
from drafting.record.schema import PrintedGrade
from drafting.verification import RecordError, read_record, verify_document

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """成果/ of the bundled example."""
    folder = tmp_path_factory.mktemp("documents") / "建筑陶瓷"
    shutil.copytree(ROOT / "examples" / "建筑陶瓷", folder)
    return build(folder, quick=True, formats=("docx", "html")).output


@pytest.fixture(scope="module")
def record(output: Path):
    return read_record(output / "结果.json").record


def draft(output: Path, suffix: str) -> Path:
    return next(p for p in output.glob(f"*{suffix}") if "编制说明" not in p.name)


def edited(path: Path, target: Path, change: Callable[[str], str]) -> Path:
    """A copy of a .docx whose text was changed."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode("utf-8")) if name == "word/document.xml" else data)
    target.write_bytes(content.getvalue())
    return target


def first(xml: str, old: str, new: str) -> str:
    assert old in xml
    return xml.replace(old, new, 1)


@pytest.mark.parametrize("suffix", [".docx", ".html"])
def test_what_was_written_agrees(output: Path, record, suffix: str) -> None:
    verdict = verify_document(draft(output, suffix), record)
    assert not verdict.differences
    indicators = len(record.baselines.indicators)
    assert verdict.checked == indicators * 6  # category, two weights, three grades


def test_what_a_committee_changes_is_named_with_its_row(output: Path, record, tmp_path: Path) -> None:
    def change(xml: str) -> str:
        return first(xml, ">≤4.21<", ">≤4.12<")

    (found,) = verify_document(edited(draft(output, ".docx"), tmp_path / "改.docx", change), record).differences
    assert found.what == "单位产品综合能耗·Ⅰ级基准值"
    assert (found.recorded, found.computed) == ("≤4.21", "≤4.12")
    assert re.fullmatch(r"约第 \d+ 页，表\d+.*，第 \d+ 行", found.path)


def test_tracked_changes_count_as_accepted(output: Path, record, tmp_path: Path) -> None:
    def change(xml: str) -> str:
        return re.sub(
            r"<w:r>(?:(?!</w:r>).)*<w:t>≤4\.21</w:t></w:r>",
            '<w:del w:id="9001"><w:r><w:delText>≤4.21</w:delText></w:r></w:del>'
            '<w:ins w:id="9002"><w:r><w:t>≤4.5</w:t></w:r></w:ins>',
            xml,
            count=1,
        )

    (found,) = verify_document(edited(draft(output, ".docx"), tmp_path / "修订.docx", change), record).differences
    assert (found.recorded, found.computed) == ("≤4.21", "≤4.5")


def test_a_row_gone_a_row_added_and_an_indicator_renamed(output: Path, record, tmp_path: Path) -> None:
    rows = re.compile(r"<w:tr>(?:(?!</w:tr>).)*单位产品取水量(?:(?!</w:tr>).)*</w:tr>", re.DOTALL)

    def change(xml: str) -> str:
        return xml.replace("工业用水重复利用率", "水循环率")

    found = verify_document(edited(draft(output, ".docx"), tmp_path / "改名.docx", change), record).differences
    assert [(d.what, d.recorded, d.computed) for d in found] == [
        ("水资源消耗·工业用水重复利用率", "工业用水重复利用率", "（无）"),
        ("记录中没有的指标", "（无）", "水循环率"),
    ]
    assert rows.search(zipfile.ZipFile(draft(output, ".docx")).read("word/document.xml").decode("utf-8"))


def test_a_committees_file_with_a_move_a_new_caption_and_no_table(output: Path, record, tmp_path: Path) -> None:
    """Words moved away do not count twice; a caption of the committee's own is named; a table gone is said."""

    def moved(xml: str) -> str:
        cell = re.search(r"<w:r>(?:(?!</w:r>).)*<w:t>≤4\.21</w:t></w:r>", xml)
        assert cell
        away = f'<w:moveFrom w:id="9001">{cell[0]}</w:moveFrom><w:moveTo w:id="9002">{cell[0]}</w:moveTo>'
        return xml.replace(cell[0], away, 1).replace(">建筑陶瓷行业清洁生产评价指标体系<", ">指标一览<")

    path = edited(draft(output, ".docx"), tmp_path / "移动.docx", moved)
    assert not verify_document(path, record).differences
    (found,) = verify_document(
        edited(path, tmp_path / "改.docx", lambda x: first(x, ">≤5.03<", ">≤0.99<")), record
    ).differences
    assert (found.what, found.computed) == ("单位产品综合能耗·Ⅱ级基准值", "≤0.99")
    assert re.fullmatch(r"约第 \d+ 页，指标一览，第 \d+ 行", found.path)

    def without(xml: str) -> str:
        tables = re.findall(r"<w:tbl[ >](?:(?!</w:tbl>).)*</w:tbl>", xml, re.DOTALL)
        said = {t: "".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", t)) for t in tables}
        return xml.replace(next(t for t in tables if "二级指标权重" in said[t]), "", 1)

    with pytest.raises(RecordError, match="没有指标体系表"):
        verify_document(edited(path, tmp_path / "删表.docx", without), record)


@pytest.mark.slow
def test_every_printed_figure_is_looked_at(output: Path, record) -> None:
    """Each figure of the record, changed there, is found to differ from the draft."""
    path = draft(output, ".html")
    for n, one in enumerate(record.baselines.indicators):
        if n % 12:
            continue
        for grade in ("I", "II", "III"):
            changed = with_bound(record, n, grade, getattr(one, grade).bound + "9")
            assert len(verify_document(path, changed).differences) == 1, (one.indicator, grade)


def with_bound(record, n: int, grade: str, bound: str):
    indicators = list(record.baselines.indicators)
    indicators[n] = replace(indicators[n], **{grade: PrintedGrade(bound=bound)})
    return replace(record, baselines=replace(record.baselines, indicators=tuple(indicators)))


@pytest.mark.slow
def test_a_pdf_is_read_by_its_text(output: Path, record, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    pytest.importorskip("pypdf")
    folder = Path(shutil.copytree(output.parent, tmp_path / "项目"))
    path = draft(build(folder, quick=True, formats=("pdf",)).output, ".pdf")
    assert not verify_document(path, record).differences
    (found,) = verify_document(path, with_bound(record, 4, "I", "≤9.99")).differences
    assert "≤9.99" in found.computed
    assert re.fullmatch(r"第 \d+ 页，.+ 一行", found.path)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("空.docx", b"", "已损坏"),
        ("文.docx", b"not a zip", "已损坏"),
        ("旧.doc", b"\xd0\xcf\x11\xe0", "另存为 .docx"),
        ("页.html", "<p>没有表</p>".encode(), "没有指标体系表"),
        ("文.pdf", b"%PDF-1.7", "已损坏"),
    ],
)
def test_what_is_no_draft_is_refused_in_words(tmp_path: Path, record, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RecordError, match=says):
        verify_document(tmp_path / name, record)


def test_the_command_takes_a_draft_and_a_folder(output: Path, tmp_path: Path, capfdbinary) -> None:
    assert run(["verify", str(draft(output, ".docx"))]) == 0
    assert "210 个数字全部一致" in capfdbinary.readouterr().out.decode("utf-8")
    folder = Path(shutil.copytree(output.parent, tmp_path / "项目"))
    target = draft(folder / "成果", ".docx")
    edited(target, target, lambda xml: first(xml, ">≤4.21<", ">≤4.12<"))
    assert run(["verify", str(folder)]) == 1
    assert "≤4.12" in capfdbinary.readouterr().out.decode("utf-8")
    stray = tmp_path / "别处.docx"
    shutil.copy(target, stray)
    assert run(["verify", str(stray)]) == 2  # no record beside it


def test_hostile_spans_stay_bounded(tmp_path: Path, record) -> None:
    cells = "<td colspan='99999' rowspan='99999'>二级指标</td>" * 20
    (tmp_path / "宽.html").write_text(f"<table>{'<tr>' + cells + '</tr>'}</table>" * 3, "utf-8")
    with pytest.raises(RecordError, match="没有指标体系表"):
        verify_document(tmp_path / "宽.html", record)


@pytest.mark.slow
def test_what_libreoffice_saves_is_still_verified(output: Path, record, tmp_path: Path) -> None:
    """Other people's programs write tables, fields and marks in their own way; the figures are found all the same."""
    import subprocess

    from drafting.render.docx.office import find_program

    program = find_program()
    if program is None:
        pytest.skip("LibreOffice is not installed")
    shutil.copy(draft(output, ".docx"), tmp_path / "稿.docx")
    subprocess.run(
        [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "docx",
         "--outdir", str(tmp_path / "另存"), str(tmp_path / "稿.docx")],
        capture_output=True, check=True, timeout=180,
    )  # fmt: skip
    verdict = verify_document(tmp_path / "另存" / "稿.docx", record)
    assert not verdict.differences
    assert verdict.checked == len(record.baselines.indicators) * 6
