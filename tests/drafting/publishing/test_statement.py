"""The 编制说明: its order, its gaps, its tables against the project that they come from."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from drafting.document.compose import compose
from drafting.document.search import figures
from drafting.document.statement.composing import compose_statement
from drafting.document.statement.labels import chinese
from drafting.document.statement.panel_tables import panel_table
from drafting.document.tree import Clause, Document, Image, Table, blocks, plain
from drafting.model.process import Process
from drafting.model.results import Results
from drafting.publishing.publisher import Publisher
from drafting.run import Run
from tests.drafting.document import factory


@pytest.fixture(scope="module")
def statement(run: Run) -> Document:
    return Publisher(run, quick=True).statement()


@pytest.fixture(scope="module")
def attachment(run: Run) -> Document:
    return Publisher(run, quick=True).attachment()


def table(document: Document, anchor: str) -> Table:
    return next(b for b in blocks(document) if isinstance(b, Table) and b.anchor == anchor)


def test_the_order_is_that_of_national_practice(statement: Document) -> None:
    assert [c.number + c.title for c in statement.chapters] == [
        "一、工作简况", "二、编制原则和依据", "三、主要内容及其确定依据", "四、与现行法律、法规和标准的关系",
        "五、重大分歧意见的处理经过和依据", "六、涉及专利的有关说明", "七、实施标准的要求和措施建议",
    ]  # fmt: skip
    assert [c.number for c in statement.chapters[2].children if isinstance(c, Clause)] == [
        "（一）", "（二）", "（三）", "（四）", "（五）", "（六）",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (34, "三十四")])
def test_chinese_numbers(number: int, word: str) -> None:
    assert chinese(number) == word


def test_policies_stand_in_the_six_groups(statement: Document, run: Run) -> None:
    rows = table(statement, "table:policies").body
    groups = [row[0].text for row in rows if len(row) == 3]
    assert groups == list(run_standard())
    assert run.project.inputs is not None
    assert {p.name for p in run.project.inputs.policies} == {row[-2].text for row in rows}


def test_why_limiting_indicators_of_5_3_are_absent_is_printed(statement: Document, run: Run) -> None:
    inputs = run.project.inputs
    assert inputs is not None
    assert inputs.process.limiting
    said = [plain(runs) for b in blocks(statement) if (runs := getattr(b, "runs", None))]
    assert inputs.process.limiting in said


def run_standard() -> tuple[str, ...]:
    from drafting.standard import standard

    return standard().policy_groups


def test_every_published_figure_of_the_draft_is_led_to_a_source(attachment: Document, run: Run) -> None:
    assert run.project.inputs is not None
    draft = compose(run.project.inputs, run.results)
    asked = {f.key: f.text for f in figures(draft) if f.key[0] in ("weight", "level")}
    for anchor in ("table:weight-sources", "table:level-sources"):
        for row in table(attachment, anchor).body:
            assert row[-1].text.strip("—"), [c.text for c in row]
    listed = {f.key: f.text for f in figures(attachment) if f.key[0] in ("weight", "level")}
    assert asked.items() <= listed.items()


def test_every_expert_has_a_cr_in_every_matrix(attachment: Document, run: Run) -> None:
    assert run.results.weights is not None
    ratios = sorted(round(e.cr, 4) for e in run.results.weights.experts)
    shown = sorted(float(c.text) for row in table(attachment, "table:ratios").body for c in row[1:])
    assert shown == pytest.approx(ratios, abs=6e-5)


def test_every_judgement_is_printed(attachment: Document, run: Run) -> None:
    assert run.project.inputs is not None
    matrices = [m for m in run.project.inputs.judgements if m.group == "一级指标"]
    printed = table(attachment, "table:judgements-1-1")
    n = len(matrices[0].labels)
    assert len(printed.body) == n * (n - 1) // 2

    def number(text: str) -> float:
        over, _, under = text.partition("/")
        return float(over) / float(under or 1)

    shown = sorted(number(c.text) for row in printed.body for c in row[2:])
    given = sorted(float(m.values[i, j]) for m in matrices for i in range(n) for j in range(i + 1, n))
    assert shown == pytest.approx(given, rel=1e-3)


def test_the_joint_distribution_opens_the_trial(statement: Document, run: Run) -> None:
    assert run.results.trial is not None
    counts = [int(row[1].text) for row in table(statement, "table:outcomes").body]
    assert counts == list(run.results.trial.distribution.values())
    trial = statement.chapters[2].children[5]
    assert isinstance(trial, Clause)
    assert any(isinstance(b, Table) and b.anchor == "table:outcomes" for b in trial.children[:3])


def test_the_reading_table_adds_up(attachment: Document, run: Run) -> None:
    assert run.project.inputs is not None
    assert run.project.inputs.survey is not None
    for row in table(attachment, "table:reading").body:
        valid, missing, inapplicable, _, excluded = (int(c.text) for c in row[2:7])
        assert valid + missing + inapplicable + excluded == len(run.project.inputs.survey)


def test_the_public_panel_table_cannot_be_joined_with_the_answers() -> None:
    from drafting.document.editions import Names
    from drafting.document.facts import Facts
    from drafting.document.statement.facts import StatementFacts

    inputs = factory.inputs()
    facts = Facts(inputs, factory.results(inputs))
    public = panel_table(StatementFacts(facts, Names(inputs)))
    assert not any(re.search("专家[A-L]", c.text) for row in public.body for c in row)


def test_gaps_are_marked_and_said(run: Run) -> None:
    inputs = run.project.inputs
    assert inputs is not None
    untold = replace(run, project=replace(run.project, inputs=replace(inputs, process=Process())))
    publisher = Publisher(untold, quick=True)
    publisher.write([], papers=["md"])
    gaps = [f for f in publisher.said if f.code == "gap-statement"]
    text = publisher.written[0].read_text("utf-8")
    assert {f.values["what"] for f in gaps} == set(re.findall("【待补充：([^】]*)】", text))
    assert any("任务来源" not in f.message and "计划" in f.message for f in gaps)
    # 编制说明 numbers （一） anew under each 一、: a place names both.
    assert {f.values["place"] for f in gaps} >= {"一（一）", "五、"}
    assert not any(f.values["place"].startswith("（") for f in gaps)


def test_a_project_with_nothing_but_indicators_has_a_paper_of_gaps() -> None:
    inputs = replace(factory.inputs(), judgements=(), experts=(), policies=(), references=(), terms=())
    made = compose_statement(inputs, Results())
    text = "".join(plain(getattr(b, "runs", ())) for b in blocks(made))
    assert text.count("【待补充：") > 8
    assert [c.number for c in made.chapters][-1] == "七、"


def test_each_indicator_has_its_picture_in_the_attachment(run: Run) -> None:
    from drafting.publishing.pictures import draw_pictures

    charts = {"indicators": draw_pictures(run, "indicators")}
    made = Publisher(run, quick=True)._compose_statement(charts, attached=True)
    drawn = [b for b in blocks(made) if isinstance(b, Image) and b.anchor.startswith("image:indicator-")]
    assert run.project.inputs is not None
    numeric = [i.name for i in run.project.inputs.system.active if not i.qualitative]
    assert [b.caption.split("：")[0] for b in drawn] == numeric
    assert all(b.number for b in drawn)


def test_the_paper_keeps_what_a_committee_signs_and_attaches_the_rest(
    statement: Document, attachment: Document, run: Run
) -> None:
    signed = {b.anchor for b in blocks(statement) if isinstance(b, Table)}
    attached = {b.anchor for b in blocks(attachment) if isinstance(b, Table)}
    assert {"table:reasons", "table:consistency", "table:agreement", "table:first-weights", "table:levels",
            "table:weight-settings", "table:level-settings", "table:outcomes", "table:binding"} <= signed  # fmt: skip
    assert {"table:weight-sources", "table:level-sources", "table:ratios", "table:weights", "table:reading"} <= attached
    assert not signed & attached
    assert not statement.annexes
    assert "编制说明附件" in attachment.cover.title
    # National practice: every judgement and figure is still to be had, and the paper says where.
    assert sum(a.startswith("table:judgements-") for a in attached) >= len(run.project.inputs.system.weighted)
    said = "".join(plain(getattr(b, "runs", ())) for b in blocks(statement))
    assert said.count("编制说明附件") >= 4
    rows = sum(len(b.body) for b in blocks(statement) if isinstance(b, Table))
    assert rows < sum(len(b.body) for b in blocks(attachment) if isinstance(b, Table))


def test_nothing_is_attached_where_there_is_nothing() -> None:
    inputs = replace(factory.inputs(), judgements=(), experts=())
    assert compose_statement(inputs, Results(), attached=True).chapters == ()
