"""Documents of unusual projects: real published systems, 300 indicators, one, long titles, values of every kind."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drafting.document.compose import compose
from drafting.document.indicator_tables import indicator_table
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import Document, Table, blocks
from drafting.model.bounds import parse_bound
from drafting.model.inputs import Inputs
from drafting.model.results import Baseline, Baselines, IndicatorBaselines, Results, WeightGroup, WeightRow, Weights
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES, BaselineSource, Direction
from drafting.model.weight import Weight
from drafting.notation.weights import parse_weight
from drafting.render.docx.report import report_bytes
from drafting.render.docx.writer import word_bytes
from drafting.render.html import render_html
from drafting.render.markdown import render_markdown
from drafting.render.pdf import render_pdf
from tests.drafting.document import factory

DAY = date(2026, 6, 1)


def project(indicators: list[Indicator], weights: dict[str, str], **changes: str) -> tuple[Inputs, Results]:
    """A project with typed weights and baselines only."""
    categories = tuple(Category(name, weight=Weight.number(Decimal(weight))) for name, weight in weights.items())
    system = IndicatorSystem(categories, tuple(indicators))
    inputs = Inputs(document=factory.document(**changes), settings=Settings(weight_method="给定"), system=system)
    first = WeightGroup(
        FIRST_LEVEL, tuple(WeightRow(c.name, c.name, float(c.weight.amount), c.weight) for c in categories if c.weight),
        "给定",
    )  # fmt: skip
    second = tuple(
        WeightGroup(
            c.name,
            tuple(WeightRow(i.code, i.name, float(i.weight.amount), i.weight) for i in system.of(c.name) if i.weight),
            "给定",
        )
        for c in categories
    )
    baselines = tuple(
        IndicatorBaselines(
            i.code, i.direction, i.source, 0, {g: Baseline(b, b.number) for g, b in i.baselines.items()},
            single=len(i.baselines) == 1,
        )
        for i in indicators
    )  # fmt: skip
    return inputs, Results(Weights("给定", first, second), Baselines(baselines))


def indicator(number: int, category: str, *baselines: str | None, **changes: Any) -> Indicator:
    baselines = {g: parse_bound(text) for g, text in zip(GRADES, baselines, strict=False) if text}
    made = Indicator(
        f"X{number}", f"第{number}项指标", category, "kg/t", baselines=baselines, weight=Weight.number(1),
        source=BaselineSource.POLICY, source_basis="某文件", data_source="报表", collection="统计",
        explanation="解释。",
    )  # fmt: skip
    return replace(made, **changes)


def every_document(inputs: Inputs, results: Results, tmp_path: Path) -> Iterator[Document]:
    """Write both documents in every format, audit the Word files, give the trees."""
    draft = compose(inputs, results, date=DAY)
    paper = compose_statement(inputs, results, date=DAY)
    for name, document, content in (
        ("draft", draft, word_bytes(draft)[0]), ("paper", paper, report_bytes(paper)[0]),
    ):  # fmt: skip
        path = tmp_path / f"{name}.docx"
        path.write_bytes(content)
        assert not list(pytest.importorskip("openxml_audit").OpenXmlValidator().validate(path).errors), name
        assert "</html>" in render_html(document)
        assert render_markdown(document)
        assert render_pdf(document, report=name == "paper").startswith(b"%PDF-")
        yield document


def table(document: Document) -> Table:
    return next(b for b in blocks(document) if isinstance(b, Table) and b.anchor == "table:system")


def published(case: dict[str, Any]) -> tuple[Inputs, Results]:
    found: list[Indicator] = []
    weights: dict[str, str] = {}
    for group in case["first_level"]:
        weights[group["name"]] = str(group["weight"] or 0)
        for row in group["indicators"]:
            words = (row.get("level_pattern") or "要求甲 | 要求乙 | 要求丙").replace("=", " | ").split(" | ")
            baselines = [row.get(g.value) or words[min(n, len(words) - 1)] for n, g in enumerate(GRADES)]
            weight = row["weight"]
            found.append(
                indicator(
                    len(found) + 1,
                    group["name"],
                    *map(str, baselines),
                    name=row["name"],
                    unit=row["unit"] or "",
                    limiting=bool(row["limiting"]),
                    weight=parse_weight(str(weight or 0)),
                    direction=Direction(row.get("direction") or "qualitative"),
                )
            )
    return project(found, weights)


@pytest.mark.slow
@pytest.mark.parametrize("position", [0, 1])
def test_published_systems_are_rendered_completely(cases: Path, tmp_path: Path, position: int) -> None:
    systems = json.loads((cases / "published_systems.json").read_text("utf-8"))["systems"]
    case = [s for s in systems if "first_level" in s][position]
    inputs, results = published(case)
    draft, _ = every_document(inputs, results, tmp_path)
    shown = list(table(draft).body)
    rows = [row for group in case["first_level"] for row in group["indicators"]]
    assert len(shown) == len(rows)
    for row, given in zip(shown, rows, strict=True):
        texts = [c.text for c in row]
        name = given["name"] + ("a" if given["limiting"] else "")
        assert name in texts
        assert str(given["weight"]) in texts or float(given["weight"]) in [float(t) for t in texts if t[:1].isdigit()]


@pytest.mark.slow
def test_three_hundred_indicators(tmp_path: Path) -> None:
    found = [indicator(n, f"第{n % 9 + 1}类", "≤1", "≤2", "≤3") for n in range(1, 301)]
    found.sort(key=lambda i: i.category)
    inputs, results = project(found, {f"第{n}类": "0.1" for n in range(1, 10)})
    draft, _ = every_document(inputs, results, tmp_path)
    assert len(table(draft).body) == 300


@pytest.mark.slow
def test_one_indicator(tmp_path: Path) -> None:
    inputs, results = project([indicator(1, "能源消耗", "≤1", "≤2", "≤3")], {"能源消耗": "1"})
    draft, _ = every_document(inputs, results, tmp_path)
    assert len(table(draft).body) == 1


@pytest.mark.slow
def test_words_of_a_row_are_aligned_alike(tmp_path: Path) -> None:
    """One grade's words of several lines began at the left, its neighbours' stood in the middle."""
    long = "配置完善的计量器具并按规定检定，数据自动采集"
    words = {"direction": Direction.QUALITATIVE}
    found = [
        indicator(1, "能源消耗", long, "有计量器具", "有记录", **words),
        indicator(2, "能源消耗", "有计量器具", "有记录", "有", **words),
        indicator(3, "能源消耗", "≤1", "≤2", "≤3"),
        indicator(4, "能源消耗", long, "≤2", "≤3"),
    ]
    inputs, results = project(found, {"能源消耗": "1"})
    rows = table(compose(inputs, results, date=DAY)).body
    assert [[c.align for c in row[-3:]] for row in rows] == [["left"] * 3, [None] * 3, [None] * 3, ["left", None, None]]
    attached = compose_statement(inputs, results, date=DAY, attached=True)
    sources = next(b for b in blocks(attached) if isinstance(b, Table) and b.anchor == "table:level-sources")
    assert [row[3].align for row in sources.body[:9]] == [*["left"] * 6, None, None, None]  # words, then numbers


def test_numbers_without_a_sign_are_printed_as_typed_and_the_text_says_which_way_they_limit(tmp_path: Path) -> None:
    """59 stood beside ≤58, and nothing in the draft said what it meant."""
    found = [
        indicator(1, "能源消耗", "59", "≤60", "≤65", name="噪声"),
        indicator(2, "能源消耗", "≥90", "80", "≥70", name="回用率", direction=Direction.LARGER),
        indicator(3, "能源消耗", "≤1", "≤2", "≤3", name="能耗"),
    ]
    inputs, results = project(found, {"能源消耗": "1"})
    draft = compose(inputs, results, date=DAY)
    assert [c.text for c in table(draft).body[0][-3:]] == ["59", "≤60", "≤65"]
    assert "未标比较符号的基准值，噪声为不大于该值，回用率为不小于该值。" in render_markdown(draft)
    signed, of = project([found[2]], {"能源消耗": "1"})
    assert "未标比较符号" not in render_markdown(compose(signed, of, date=DAY))


def test_titles_of_sixty_characters(tmp_path: Path) -> None:
    long = "某某行业" * 15
    found = [indicator(1, "能源消耗", "≤1", "≤2", "≤3", name=long, unit="kgce/万元增加值（按可比价计算）")]
    inputs, results = project(found, {"能源消耗": "1"}, title=f"{long}清洁生产评价指标体系", title_en="Very " * 20)
    draft, paper = every_document(inputs, results, tmp_path)
    assert long in draft.title
    assert long in paper.title


KINDS = ["≤0.65", "<50", "不低于90%", "85~90", "0", "≤0.14+0.08n", "≥1 480", "1.2×10³", "有制度并执行", "—", None,
         "同Ⅰ级", "不超过16立方米", "-5", "≤1e-6", "= 7", "<script>",
         "a & b \"c\" $d$ #e *f*", "≥99.999999"]  # fmt: skip


@pytest.mark.slow
def test_values_of_every_kind(tmp_path: Path) -> None:
    found = [indicator(n, "能源消耗", text, "≤2", "≤3") for n, text in enumerate(KINDS, 1)]
    inputs, results = project(found, {"能源消耗": "1"})
    draft, _ = every_document(inputs, results, tmp_path)
    for row in table(draft).body:
        assert all(cell.text.strip() for cell in row)
    with zipfile.ZipFile(tmp_path / "draft.docx") as package:
        assert b"<script>" not in package.read("word/document.xml")


def test_a_value_that_is_not_judged_stands_as_typed() -> None:
    inputs, results = project([indicator(1, "能源消耗", "<script>", "≤2", "≤3")], {"能源消耗": "1"})
    from drafting.document.facts import Facts

    assert "<script>" in indicator_table(Facts(inputs, results)).body[0][6].text


def test_the_same_project_gives_the_same_bytes() -> None:
    inputs, results = factory.inputs(), factory.results()

    def everything() -> list[bytes]:
        draft, paper = compose(inputs, results, date=DAY), compose_statement(inputs, results, date=DAY)
        return [
            word_bytes(draft)[0], report_bytes(paper)[0], render_html(draft).encode(), render_html(paper).encode(),
            render_markdown(draft).encode(), render_markdown(paper).encode(),
        ]  # fmt: skip

    assert everything() == everything()
