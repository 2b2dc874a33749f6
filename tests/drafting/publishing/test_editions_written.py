"""What goes out for comment names no surveyed enterprise and no expert, in no format; the committee's own does."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from drafting.document.editions import Names, differing, public_sources, published
from drafting.publishing.publisher import FORMATS, Publisher
from drafting.run import Run
from tests.drafting.document import factory

pytestmark = pytest.mark.slow


def private(run: Run) -> tuple[str, ...]:
    inputs = run.project.inputs
    assert inputs is not None
    assert inputs.survey is not None
    return (*(e.code for e in inputs.experts), *inputs.survey.enterprises)


@cache
def words_of(path: Path) -> tuple[str, ...]:
    """Everything in a file, read once."""
    return tuple(_words_of(path))


def _words_of(path: Path) -> Iterator[str]:
    """Everything a reader could dig out: parts of the package and its pictures, page texts, metadata, raw bytes."""
    data = path.read_bytes()
    if path.suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in package.namelist():
                text = package.read(name).decode("utf-8", "replace")
                yield name
                yield text
                yield re.sub(r"<[^>]+>", "", text)
    elif path.suffix == ".pdf":
        from pypdf import PdfReader

        reader = PdfReader(path)
        yield str(reader.metadata)
        yield str(reader.xmp_metadata.stream.get_data().decode("utf-8") if reader.xmp_metadata else "")
        yield from ("".join(page.extract_text().split()) for page in reader.pages)
    else:
        yield data.decode("utf-8")
    yield path.name


@pytest.fixture(scope="module")
def written(run: Run) -> dict[str, list[Path]]:
    found = {}
    for edition in ("public", "internal"):
        publisher = Publisher(run, edition, quick=True)
        publisher.write(FORMATS)
        found[edition] = publisher.written
    return found


def test_every_format_of_draft_statement_and_attachment_is_written(written: dict[str, list[Path]]) -> None:
    for paths in written.values():
        assert sorted(p.suffix for p in paths) == sorted(3 * [f".{f}" for f in FORMATS])
    assert not {p.name for p in written["public"]} & {p.name for p in written["internal"]}


def test_the_public_edition_names_nobody(run: Run, written: dict[str, list[Path]]) -> None:
    names = re.compile("|".join(map(re.escape, private(run))))
    found = [
        (path.name, match[0])
        for path in written["public"]
        for words in words_of(path)
        if (match := names.search(words))
    ]
    assert not found


def test_the_internal_edition_names_them_and_says_so(run: Run, written: dict[str, list[Path]]) -> None:
    statement = next(p for p in written["internal"] if p.name == "编制说明（内部资料）.md").read_text("utf-8")
    inputs = run.project.inputs
    assert inputs is not None
    assert all(e.code in statement for e in inputs.experts)
    assert inputs.exclusions[0].enterprise in statement
    for path in written["internal"]:
        assert any("内部资料" in words for words in words_of(path)), path.name


def test_the_public_edition_is_not_marked(written: dict[str, list[Path]]) -> None:
    for path in (p for p in written["public"] if p.suffix != ".html"):  # the style sheet of pages knows both editions
        assert not any("内部资料" in words for words in words_of(path)), path.name


def test_every_page_of_the_internal_pdf_is_marked(written: dict[str, list[Path]]) -> None:
    for path in (p for p in written["internal"] if p.suffix == ".pdf"):
        _, _, *pages, _ = words_of(path)
        assert len(pages) > 10
        assert all("内部资料" in text for text in pages if text)


@pytest.mark.slow
def test_pictures_name_nobody(run: Run, tmp_path: Path) -> None:
    from drafting.charts.svg import svg
    from drafting.publishing.pictures import SUBJECTS, draw_pictures

    for subject in SUBJECTS:
        for image in draw_pictures(run, subject):
            assert image.plot is not None
            text = svg(image.plot) + image.plot.label + image.alt + image.caption
            assert not [n for n in private(run) if n in text], image.caption


def test_a_project_of_other_names_is_not_told_by_its_sources() -> None:
    cells = ("判断矩阵/张三.xlsx·一级指标", "判断矩阵/李四.xlsx·一级指标", "德尔菲/第2轮/张三.xlsx·一级指标权重·B3",
             "调研数据.xlsx·调研数据·H17", "调研数据.xlsx·调研数据·H21", "项目.xlsx·二级指标·F4")  # fmt: skip
    assert public_sources(cells) == (
        "判断矩阵（共2份）·一级指标", "德尔菲第2轮问卷（共1份）·一级指标权重", "调研数据·H列", "项目.xlsx·二级指标·F4",
    )  # fmt: skip


def test_letters_do_not_follow_the_list_of_experts() -> None:
    inputs = factory.inputs()
    shown = [Names(inputs).expert(e.code) for e in inputs.experts]
    assert sorted(shown) == [f"专家{c}" for c in "ABCDEFGHIJKL"]
    assert shown != sorted(shown)


def test_what_a_committee_typed_is_caught_and_counted() -> None:
    from drafting.document.compose import compose
    from drafting.document.search import runs_of
    from drafting.document.tree import blocks, plain

    given = factory.inputs()
    first, *others = given.system.indicators
    telling = replace(first, explanation="按专家E07的意见和甲乙丙水泥公司的做法填写。")
    experts = (*given.experts, replace(given.experts[0], code="专家E07"))
    changed = replace(given, system=replace(given.system, indicators=(telling, *others)), experts=experts)
    draft = compose(changed, factory.results(changed))
    said = "".join(plain(r) for b in blocks(draft) for r in runs_of(b))
    assert "专家E07" not in said
    internal = compose(changed, factory.results(changed), edition="internal")
    assert differing(internal, Names(changed)) == 1
    assert published(internal, Names(changed, "internal")) is internal
