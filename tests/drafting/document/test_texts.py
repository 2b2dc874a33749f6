"""Clause texts: what is wrong is named with file, line and name; nothing gets out of the sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drafting.document.compose import compose
from drafting.document.faults import finding_of
from drafting.document.numbering import CrossReferenceError
from drafting.document.texts import TextError, Texts
from drafting.document.tree import Clause, Paragraph, plain
from tests.drafting.document import factory


def _compose_with(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")
    compose(factory.inputs(), factory.results(), overlay=folder)


@pytest.mark.parametrize(
    ("text", "reason", "line", "name"),
    [
        ("第一行\n{{ 不存在 }}", "undefined", 2, "不存在"),
        ("一\n二\n{{ info.nothing }}", "undefined", 3, "nothing"),
        ("一\n{% if info %}\n没有结束", "syntax", 2, ""),
        ("{{ ''.__class__.__mro__ }}", "forbidden", 1, "__class__"),
        ("{{ info.title.__init__.__globals__ }}", "forbidden", 1, "__init__"),
        ("一\n{{ 1 // 0 }}", "failed", 2, "ZeroDivisionError"),
        ("{% include '../../standard.toml' %}", "missing", 1, "../../standard.toml"),
        ("[[no-such-table]]", "notation", None, "no-such-table"),
    ],
)
def test_a_fault_is_named_with_file_line_and_name(
    tmp_path: Path, text: str, reason: str, line: int | None, name: str
) -> None:
    with pytest.raises(TextError) as caught:
        _compose_with(tmp_path, "scope.j2", text)
    error = caught.value
    assert error.reason == reason
    assert error.file == f"{tmp_path.name}/scope.j2"  # the committee's, not ours of that name
    assert name in error.name
    if reason != "syntax":
        assert error.line == line
    worded = finding_of(error)
    assert worded.code == f"text-{reason}"
    assert worded.severity == "error"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("一\n{% if info %}\n没有结束", "没有结束"),
        ("{% nonsense %}", "不认识的标签“nonsense”"),
        ("{{ info.title | nonsense }}", "没有名为“nonsense”的过滤器"),
        ("{{ info. }}", "点号后面缺少名称"),
        ("{% for x of y %}", "此处应为“in”，却是“of”"),
    ],
)
def test_faults_of_syntax_are_worded_in_chinese(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TextError) as caught:
        _compose_with(tmp_path, "scope.j2", text)
    message = finding_of(caught.value).message
    assert words in message
    assert not re.search("[A-Za-z]+ [a-z]+ [a-z]+", message)


def test_formulas_that_cannot_be_read_are_named_with_clause_formula_and_position(tmp_path: Path) -> None:
    from drafting.pipeline.checking import unreadable_formulas

    (tmp_path / "scope.j2").write_text("本文件用$x^2$和$\\frac{a$评价。", "utf-8")
    (tmp_path / "indicator.j2").write_text("按下式计算：\n$$ x = \\nonsense $$ @-\n数据来源：无。", "utf-8")
    found = unreadable_formulas(compose(factory.inputs(), factory.results(), overlay=tmp_path))
    assert {f.code for f in found} == {"latex-unreadable"}
    scope = next(f for f in found if f.values["place"] == "第 1 条")
    assert (scope.values["formula"], scope.values["title"]) == ("\\frac{a", "“范围”")
    named = {f.values["title"].strip("“”") for f in found if f is not scope}
    assert named <= {i.name for i in factory.inputs().system.active} | {c.name for c in factory.inputs().system.adopted}
    assert named
    assert all(f.values["position"] == 5 for f in found if f is not scope)  # the command begins there


def test_the_drafts_own_formulas_can_all_be_read() -> None:
    from drafting.pipeline.checking import unreadable_formulas

    assert unreadable_formulas(compose(factory.inputs(), factory.results())) == ()


def test_a_reference_to_nothing_is_a_finding_with_the_clause(tmp_path: Path) -> None:
    with pytest.raises(CrossReferenceError) as caught:
        _compose_with(tmp_path, "table.j2", "见{{ ref('table:nothing') }}。\n[[table:system]]")
    worded = finding_of(caught.value)
    assert worded.code == "anchor-unresolved"
    assert "table:nothing" in worded.message
    assert "4.4" in worded.message


def test_a_committees_text_replaces_ours_and_is_listed(tmp_path: Path) -> None:
    (tmp_path / "scope.j2").write_text("本文件规定了一切。", "utf-8")
    (tmp_path / "own.j2").write_text("没有同名的自带模板", "utf-8")
    assert Texts(tmp_path).overridden == ("scope.j2",)
    made = compose(factory.inputs(), factory.results(), overlay=tmp_path)
    scope = made.chapters[0]
    assert isinstance(scope, Clause)
    assert [plain(p.runs) for p in scope.children if isinstance(p, Paragraph)] == ["本文件规定了一切。"]


def test_what_a_user_types_is_text_even_if_it_looks_like_a_template() -> None:
    inputs = factory.inputs(document=factory.document(scope="{{ settings }}和$x$的**评价**"))
    scope = compose(inputs, factory.results()).chapters[0].children[-1]
    assert isinstance(scope, Paragraph)
    assert plain(scope.runs) == "本文件适用于{{ settings }}和$x$的**评价**。"
