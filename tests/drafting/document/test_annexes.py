"""What the annexes of a draft print, and what leaves them out; notes of a table that repeat are one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drafting.document import tree
from drafting.document.compose import compose
from drafting.document.statement.composing import compose_statement
from drafting.document.table_notes import blanks_in_words, parameters_in_words
from drafting.document.tree import Document, Formula, Reference, Table, plain
from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo
from drafting.model.monitoring import Monitoring
from drafting.model.results import Results
from drafting.model.terms import Grade
from tests.drafting.document import factory

SETTINGS = {"table:level-settings", "table:weight-settings"}


def text(draft: Document) -> str:
    return "\n".join(str(b) for b in tree.blocks(draft))


def tables(draft: Document) -> list[str]:
    return [b.anchor for a in draft.annexes for b in tree.walk(a.children) if isinstance(b, Table)]


def test_annexes_print_sample_and_consistency_and_no_settings() -> None:
    draft = compose(factory.inputs(), factory.results())
    assert [a.anchor for a in draft.annexes] == ["annex:levels", "annex:weights"]
    assert tables(draft) == ["table:sample", "table:ri", "table:consistency"]
    assert not SETTINGS & {b.anchor for b in tree.blocks(draft) if isinstance(b, Table)}
    assert "置信水平" not in text(draft)
    assert "特征向量算法" not in text(draft)


@pytest.mark.parametrize(
    "left_out", [{"annex_levels": "否"}, {"annex_weights": "否"}, {"annex_levels": "否", "annex_weights": "否"}]
)
def test_a_setting_leaves_an_annex_out_with_what_refers_to_it(left_out: dict[str, str]) -> None:
    inputs = factory.inputs()
    draft = compose(replace(inputs, document=replace(inputs.document, **left_out)), factory.results())
    gone = {f"annex:{key.removeprefix('annex_')}" for key in left_out}
    assert {a.anchor for a in draft.annexes} == {"annex:levels", "annex:weights"} - gone
    targets = {r.target for b in tree.blocks(draft) for r in getattr(b, "runs", ()) if isinstance(r, Reference)}
    assert not gone & targets
    assert ("附录A" in text(draft)) == (len(left_out) == 1)
    assert "附录B" not in text(draft)


def test_given_weights_have_no_annex_and_no_decimals() -> None:
    inputs = factory.inputs()
    settings = replace(inputs.settings, weight_method="给定")
    inputs = replace(inputs, settings=settings, judgements=())
    draft = compose(inputs, replace(factory.results(inputs), weights=None))
    assert [a.anchor for a in draft.annexes] == ["annex:levels"]
    assert "位小数" not in text(draft)
    assert compose(inputs, Results()).annexes == ()  # nothing was surveyed: a table of — and no share


def test_what_a_reviewer_asked_of_the_sentences() -> None:
    """Terms before they are used, requirements as such, numbers of policies in brackets, nothing told of no data."""
    inputs = factory.inputs()
    draft = compose(inputs, factory.results(inputs))
    words = text(draft)
    assert words.index("某项指标有有效数据的企业为该项指标的有效企业") < words.index("有效企业数与该等级")
    assert draft.bibliography is not None
    policy = next(p for p in inputs.policies if p.number)
    assert f"{policy.name}（{policy.number}）" in [plain(e) for e in draft.bibliography.entries]
    monitored = compose(factory.inputs(monitoring=(Monitoring("噪声", "厂界", "每年1次", "GB 12348"),)), Results())
    assert "方法标准应符合" in text(monitored)
    bare = replace(inputs, policies=())
    statement = str(compose_statement(bare, factory.results(bare)))
    assert "政策0项" not in statement
    assert "没有剔除数据" not in statement


def test_an_old_workbook_prints_both_annexes() -> None:
    assert (DocumentInfo().annex_levels, DocumentInfo().annex_weights) == ("是", "是")


def test_notes_that_say_the_same_are_one() -> None:
    one, two, three = factory.inputs().system.indicators[3:6]
    n = {Grade.I: parse_bound("≤0.1+0.2n"), Grade.II: parse_bound("≤0.2+0.2n")}
    alike = [replace(i, baselines=n, note="n为台数；") for i in (one, two)]
    assert list(parameters_in_words([*alike, replace(three, baselines=n, note="n为吨数")])) == [
        f"{one.name}和{two.name}的基准值中，n为台数。", f"{three.name}的基准值中，n为吨数。",
    ]  # fmt: skip
    assert list(blanks_in_words([*alike, replace(three, baselines=n)])) == [
        f"{one.name}、{two.name}和{three.name}未规定Ⅲ级基准值，评价时采用Ⅱ级基准值。"
    ]


@pytest.mark.parametrize(("typed", "order"), [("≤0.1+0.2n", "N"), ("≤0.3", "n")])
def test_the_order_of_a_matrix_is_not_called_as_a_parameter_of_the_table(typed: str, order: str) -> None:
    inputs = factory.inputs()
    baselines = {Grade.I: parse_bound(typed)}
    one = tuple(replace(i, baselines=baselines) for i in inputs.system.indicators)
    draft = compose(replace(inputs, system=replace(inputs.system, indicators=one)), Results())
    lines = [s.latex for b in tree.blocks(draft) if isinstance(b, Formula) for s in b.where]
    formula = next(b for b in tree.blocks(draft) if isinstance(b, Formula) and b.anchor == "eq:ci")
    assert order in lines
    assert f"{{{order} - 1}}" in formula.latex.replace("{ ", "{")
