"""The draft as HTML: structure, accessibility, hostile words, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import html as lxml_html

from drafting.document.tree import Cell, Clause, Column, Cover, Document, Formula, Image, Reference, Table
from drafting.findings import Cell as Place
from drafting.findings import Finding, Severity
from drafting.render.html import render_html
from drafting.render.html.view import row_groups
from drafting.render.summary import Fact, Summary, SummaryTable
from tests.drafting.render.small_draft import PNG, SYSTEM, paragraph, provenance, small_draft, text

HOSTILE = '<script>alert(1)</script>" onmouseover="x" \'&amp; {{ 7 * 7 }}'

SUMMARY = Summary(
    (
        SummaryTable(
            "等级",
            ("等级", "企业数", "比例"),
            (("Ⅰ级", "4", "3.4 %"), ("无", "9", HOSTILE)),
            "lrr",
            (0.034, None),
            "按公布值",
        ),
        SummaryTable("权重", ("一级指标", "权重"), (("能源消耗", "0.25"), ("", "0.75")), "lr"),
    ),
    ("说明文字",),
    (Fact("专家", "12 位", "最大 CR 0.083", warn=True),),
)
FINDINGS = (
    Finding("a", Severity.NOTE, "没有德尔菲问卷", "放入 德尔菲/第1轮。"),
    Finding("b", Severity.ERROR, f"单位是空的{HOSTILE}", "填写单位。", "5.2.1", Place("项目.xlsx", "二级指标", "F9")),
)


def page(document: Document | None = None, **options):
    return lxml_html.document_fromstring(render_html(document or small_draft(HOSTILE), **options))


@pytest.fixture(scope="module")
def full():
    chart = Image("", "等级分布", f"柱状图{HOSTILE}", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    return page(provenance=provenance(), findings=FINDINGS, summary=SUMMARY, charts=(chart,))


def words(element) -> str:
    return " ".join(element.text_content().split())


class TestStructure:
    def test_language_title_and_one_first_heading(self, full):
        assert full.get("lang") == "zh-CN"
        assert full.findtext("head/title") == "水泥行业清洁生产评价指标体系 GB/T ×××××—××××"
        (heading,) = full.iter("h1")
        assert words(heading) == "水泥行业清洁生产评价指标体系"

    def test_headings_skip_no_level(self, full):
        baselines = [int(e.tag[1]) for e in full.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        assert all(after - before <= 1 for before, after in pairwise(baselines))

    def test_landmarks(self, full):
        assert len(full.findall(".//main")) == 1
        (navigation,) = full.iter("nav")
        assert navigation.get("aria-label") == "目次"

    def test_contents_list_chapters_clauses_and_annexes_in_order(self, full):
        lines = [words(a) for a in full.find(".//nav").iter("a")]
        expected = ["前言", "1范围", "4评价指标体系", "4.1指标选取说明", "5评价方法"]
        expected += ["附录 A（资料性）指标计算方法", "参考文献"]
        assert [line for line in lines if line in expected] == expected

    def test_ids_are_unique_and_every_link_arrives(self, full):
        ids = [e.get("id") for e in full.iter() if e.get("id") is not None]
        assert len(ids) == len(set(ids))
        assert all(ids)
        links = [a.get("href") for a in full.iter("a")]
        assert len(links) > 15
        assert {link[1:] for link in links} <= set(ids)
        for element in full.iter():
            for name in ("aria-describedby", "aria-labelledby"):
                assert element.get(name) is None or element.get(name) in ids

    def test_cross_references_lead_to_their_target(self, full):
        (link,) = (a for a in full.find(".//article").iter("a") if a.text == "表1")
        assert full.get_element_by_id(link.get("href")[1:]).tag == "table"

    def test_formulas_are_mathml_with_number_and_symbols(self, full):
        formulas = full.find_class("formula")
        assert [words(f.find_class("formula-number")[0]) for f in formulas] == ["（1）", "（2）", "（A.1）"]
        assert all(f.find(".//math") is not None for f in formulas)
        assert formulas[0].find(".//math").get("alttext") == "隶属函数"
        (symbols,) = full.find_class("symbols")
        assert len(symbols.findall(".//dt")) == 2

    def test_untitled_clauses_run_on_after_their_number(self, full):
        assert words(full.get_element_by_id("clause-5.2").find("p")) == "5.2评价结果分为三级："

    def test_picture_is_embedded_with_alternative_text(self, full):
        images = {img.get("alt"): img.get("src") for img in full.iter("img")}
        png = images["119 家企业能耗的直方图"]
        assert base64.b64decode(png.removeprefix("data:image/png;base64,")) == PNG
        assert images[f"柱状图{HOSTILE}"].startswith("data:image/svg+xml;base64,")

    def test_a_reference_to_nothing_is_text(self):
        draft = small_draft()
        chapter = Clause("题", (paragraph(Reference("nowhere", "第9章")),), level=1, number="1")
        article = page(replace(draft, chapters=(chapter,), annexes=())).find(".//article")
        assert "第9章" in words(article)
        assert not [a for a in article.iter("a") if a.text == "第9章"]


class TestIndicatorTable:
    def table(self, full):
        return full.get_element_by_id("table-system")

    def test_caption_and_column_headers(self, full):
        table = self.table(full)
        assert words(table.find("caption")) == "表1水泥行业清洁生产评价指标体系"
        heads = table.findall("thead//th")
        assert len(heads) == 9
        assert {th.get("scope") for th in heads} == {"col"}

    def test_a_category_heads_its_own_group_of_rows(self, full):
        groups = self.table(full).findall("tbody")
        assert len(groups) == len(SYSTEM)
        for group, (category, _, indicators) in zip(groups, SYSTEM, strict=True):
            rows = group.findall("tr")
            assert len(rows) == len(indicators)
            first = rows[0][0]
            assert (first.tag, first.get("scope"), words(first)) == ("th", "rowgroup", category)
            assert first.get("rowspan") == (str(len(indicators)) if len(indicators) > 1 else None)

    def test_an_indicator_heads_its_row(self, full):
        names = [words(th) for th in self.table(full).iterfind(".//tbody//th[@scope='row']")]
        assert len(names) == sum(len(i) for _, _, i in SYSTEM)
        assert "单位产品综合能耗a" in names

    def test_every_row_fills_every_column(self, full):
        for group in self.table(full).findall("tbody"):
            covered = [0] * 9
            for row in group.findall("tr"):
                free = covered.count(0)
                assert sum(int(c.get("colspan", 1)) for c in row) == free
                spans = iter([int(c.get("rowspan", 1)) for c in row for _ in range(int(c.get("colspan", 1)))])
                covered = [max((left or next(spans)) - 1, 0) for left in covered]
            assert not any(covered)

    def test_notes_and_footnote_a_stand_in_a_last_row_of_full_width(self, full):
        (cell,) = self.table(full).findall("tfoot//td")
        assert cell.get("colspan") == "9"
        assert [words(p) for p in cell.iter("p")] == ["注：附加指标的权重不计入一级指标权重之和。", "a限定性指标。"]

    def test_groups_are_not_split_where_a_cell_reaches_across(self):
        rows = (
            (Cell(text("甲"), rowspan=2), Cell(text("1"))),
            (Cell(text("2"), rowspan=2),),
            (Cell(text("乙")),),
            (Cell(text("丙")), Cell(text("3"))),
        )
        groups = row_groups(rows, (Column(1), Column(1)))
        assert [len(group) for group in groups] == [3, 1]
        assert [row[0].scope for group in groups for row in group] == ["row", "", "row", "rowgroup"]

    def test_a_table_without_merged_rows_is_one_group(self):
        rows = tuple((Cell(text(str(n))), Cell(text("甲"))) for n in range(3))
        (group,) = row_groups(rows, (Column(1), Column(1, "left")))
        assert [[cell.scope for cell in row] for row in group] == [["", "row"]] * 3

    def test_merged_column_heads_are_group_headers(self):
        head = ((Cell(text("比例"), colspan=2),), (Cell(text("Ⅰ级")), Cell(())))
        table = Table("t", "表", (Column(1), Column(1)), head, (), number="1")
        chapter = Clause("题", (table,), level=1, number="1")
        found = page(replace(small_draft(), chapters=(chapter,), annexes=())).get_element_by_id("t")
        assert [(th.get("scope"), words(th)) for th in found.iter("th")] == [("colgroup", "比例"), ("col", "Ⅰ级")]


class TestProvenance:
    def test_a_figure_can_be_focused_and_says_where_it_comes_from(self, full):
        figures = full.find_class("figure")
        assert len(figures) == len(SYSTEM) + 4 * sum(len(i) for _, _, i in SYSTEM)
        for figure in figures:
            assert figure.get("tabindex") == "0"
            tip = full.get_element_by_id(figure.get("aria-describedby"))
            assert tip.get("role") == "tooltip"
            assert words(tip).startswith("来源")
        assert "判断矩阵/E01.xlsx·一级指标·B4" in words(figures[0])

    def test_a_figure_of_unknown_source_is_plain(self):
        found = page(provenance={})
        assert not found.find_class("figure")
        assert "0.25" in [words(f) for f in found.find_class("figure-plain")]


class TestSafety:
    def test_hostile_words_stay_words(self, full):
        assert len(full.findall(".//script")) == 1
        assert not [e for e in full.iter() if any(name.startswith("on") for name in e.attrib)]
        assert HOSTILE in full.find(".//article").text_content()
        assert full.find_class("message")[0].text_content().startswith(f"单位是空的{HOSTILE}")
        assert "49" not in words(full.find_class("findings")[0])

    def test_a_hostile_title_stays_in_its_place(self):
        draft = Document(Cover("团体标准", "T", "", "</title><script>x</script>"), (), ())
        written = render_html(draft)
        assert "</title><script>x" not in written
        assert len(lxml_html.document_fromstring(written).findall(".//script")) == 1

    def test_nothing_is_loaded_from_outside(self, full):
        written = render_html(small_draft(HOSTILE), provenance=provenance(), findings=FINDINGS, summary=SUMMARY)
        for element in full.iter():
            for name in ("src", "href", "data", "action", "poster", "srcset"):
                value = element.get(name)
                assert value is None or value.startswith(("#", "data:image/"))
        assert not re.search(r"@import|url\(|https?://(?!www\.w3\.org/)", written)

    def test_the_policy_allows_the_own_script_alone(self, full):
        policy = full.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
        digest = base64.b64encode(hashlib.sha256(full.find(".//script").text.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy

    def test_a_broken_formula_is_shown_with_the_reason(self):
        chapter = Clause("题", (Formula(r"\frca{a}<b>", number="1"),), level=1, number="1")
        found = page(replace(small_draft(), chapters=(chapter,), annexes=()))
        (code,) = found.find_class("broken")
        assert code.text == r"\frca{a}<b>"
        assert "不认识命令" in words(found.find_class("reason")[0])


class TestAround:
    def test_findings_gravest_first_with_place_and_remedy(self, full):
        groups = full.find_class("findings")[0].findall("details")
        assert [group.get("class") for group in groups] == ["error", "note"]
        assert "项目.xlsx·二级指标·F9" in words(groups[0])
        assert "改法：填写单位。" in words(groups[0])
        assert "（5.2.1）" in words(groups[0])

    def test_summary_stands_before_the_draft(self, full):
        order = [e.get("id") for e in full.find(".//main") if e.get("id")]
        assert order == ["summary", "findings", "draft"]
        summary = full.get_element_by_id("summary")
        assert [words(c) for c in summary.iter("caption")] == ["等级", "权重"]
        assert words(summary.find(".//dl")) == "专家12 位最大 CR 0.083"
        (fill,) = summary.find_class("fill")
        assert fill.get("style") == "width:3.4%"
        for table in summary.iter("table"):
            widths = {len(row) for row in table.iter("tr")}
            assert len(widths) == 1

    def test_without_extras_there_is_only_the_draft(self):
        found = page()
        assert not found.find_class("panel")
        assert "检查结果" not in words(found.find(".//nav"))

    def test_internal_edition_is_marked_on_screen_and_paper(self):
        assert "internal" in page(small_draft(edition="internal")).find("body").get("class")
        assert "内部资料" in words(page(small_draft(edition="internal")).find_class("flags")[0])
        assert page().find("body").get("class") is None

    def test_cover_lines(self, full):
        cover = words(full.find_class("cover")[0])
        for line in ("ICS 13.020.20", "CCS Z 04", "（征求意见稿）", "合成数据", "相关专利", "发布", "实施"):
            assert line in cover


class TestColours:
    """WCAG 2.1 AA: text contrast of at least 4.5 on every ground that the style sheet puts it on."""

    PAIRS = (
        ("ink", "paper"), ("ink", "desk"), ("soft", "paper"), ("accent", "paper"), ("accent", "accent-soft"),
        ("ink", "accent-soft"), ("soft", "accent-soft"), ("ink", "head"), ("error", "paper"), ("error", "error-soft"),
        ("warning", "warning-soft"), ("soft", "warning-soft"), ("note", "note-soft"), ("tip-ink", "tip"),
    )  # fmt: skip

    @staticmethod
    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    @pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
    def test_contrast(self, full, theme):
        roots = re.findall(r":root \{(.*?)\}", full.findtext(".//style"), re.DOTALL)
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", roots[theme]))
        for ink, ground in self.PAIRS:
            light, dark = sorted((self.luminance(colours[ink]), self.luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def test_undefined_names_in_a_template_are_errors():
    import jinja2

    from drafting.render.html.page import _environment

    with pytest.raises(jinja2.UndefinedError):
        _environment().from_string("{{ nothing }}").render()


@pytest.mark.browser
def test_the_policy_lets_the_script_run(tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    target = tmp_path / "draft.html"
    target.write_text(render_html(small_draft(), provenance=provenance()), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"]
    options += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=500,900", target.as_uri()]
    done = subprocess.run([browser, *options], capture_output=True, timeout=60, check=True)
    assert '<details class="contents">' in done.stdout.decode("utf-8")  # the script closes it on a narrow screen
