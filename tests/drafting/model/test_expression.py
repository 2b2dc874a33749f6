"""Arithmetic expressions: a second route through Python's own arithmetic, printing, and refusals with positions."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drafting.model.expression import Expression, ExpressionError, parse_expression
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number, degree, print_text


@pytest.mark.parametrize(
    ("text", "canonical", "names"),
    [
        ("(55+5n)", "55+5*n", ("n",)),
        ("0.14 + 0.08n", "0.14+0.08*n", ("n",)),
        ("综合能耗／合格产品产量", "综合能耗/合格产品产量", ("综合能耗", "合格产品产量")),
        ("Vr÷（Vr＋Vt）×100％", "Vr/(Vr+Vt)*100%", ("Vr", "Vt")),
        ("a-(b-c)", "a-(b-c)", ("a", "b", "c")),
        ("(a*b)/c", "a*b/c", ("a", "b", "c")),
        ("n²+1", "n^2+1", ("n",)),
        ("(-2)^2", "(-2)^2", ()),
        ("-2^2", "-2^2", ()),
        ("[SO2 排放量(折标)]/Q", "[SO2 排放量(折标)]/Q", ("SO2 排放量(折标)", "Q")),
        ("max(0,1-n)", "max(0,1-n)", ("n",)),
    ],
)
def test_canonical_print(text: str, canonical: str, names: tuple[str, ...]) -> None:
    expression = parse_expression(text)
    assert expression.to_text() == canonical
    assert expression.names == names
    assert parse_expression(canonical) == expression


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("", "empty", 0),
        ("1/2n", "ambiguous", 3),
        ("n kWh", "syntax", 2),
        ("a//b", "syntax", 2),
        ("(1+2", "unclosed", 0),
        ("1+", "syntax", 2),
        ("1.2.3", "syntax", 0),
        ("a；b", "character", 1),
        ("sqrt n", "function", 0),
        ("sqrt(1,2)", "function", 0),
        ("(" * 60, "nesting", 20),
        ("1" * 2000, "too-long", 1000),
        ("[]+1", "unclosed", 0),
        ("__import__('os')", "character", 11),
        ("a^1000000000/b", "size", 2),
        ("a**9**9**9/b", "size", 6),
        ("(a/b)^387420489", "size", 6),
        ("a*9^9^9/b", "size", 4),
        ("a^-17", "size", 2),
        ("((a^4)^2)^3", "size", 10),
        ("a¹⁷", "size", 1),
    ],
)
def test_refusals_name_the_position(text: str, reason: str, position: int) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse_expression(text)
    assert (refusal.value.reason, refusal.value.position) == (reason, position)


def test_latex() -> None:
    assert parse_expression("综合能耗/合格产品产量").to_latex() == r"\frac{\text{综合能耗}}{\text{合格产品产量}}"
    assert parse_expression("0.14+0.08n").to_latex() == "0.14 + 0.08 n"
    assert parse_expression("V_r/(V_r+V_t)×100%").to_latex() == r"\frac{V_{r}}{V_{r} + V_{t}} \times 100\%"
    assert parse_expression("E_ui").to_latex() == r"E_{\mathrm{ui}}"
    assert parse_expression("a*(b-c)").to_latex() == r"a \times \left(b - c\right)"
    assert parse_expression("(a/b)^2").to_latex() == r"\left(\frac{a}{b}\right)^{2}"


def test_values() -> None:
    expression = parse_expression("0.14+0.08n")
    assert expression.evaluate_exactly({"n": 3}) == Fraction(38, 100)
    assert np.array_equal(expression.evaluate({"n": np.array([0.0, 1.0])}), [0.14, 0.14 + 0.08])
    assert parse_expression("a/b×100%").evaluate({"a": 3, "b": 4}) == 75
    assert parse_expression("sqrt(n)+ln(1)+exp(0)").evaluate({"n": 4.0}) == 3
    assert np.isinf(parse_expression("1/n").evaluate({"n": 0.0}))


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [("1/n", {"n": 0}, "division"), ("n", {}, "name"), ("sqrt(n)", {"n": -1}, "domain"), ("9^9^9^9", {}, "size"),
    ("9^n", {"n": 10**9}, "size"),
     ("0^(-1)", {}, "division"), ("exp(n)", {"n": 10**6}, "domain")],
)  # fmt: skip
def test_values_that_cannot_be(text: str, values: dict[str, int], reason: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse_expression(text).evaluate_exactly(values)
    assert refusal.value.reason == reason


def _python(text: str) -> str:
    return text.replace("^", "**")


LEAVES = st.one_of(st.integers(0, 20).map(str), st.sampled_from(["a", "b", "n"]))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        inner.map(lambda t: f"(-{t})"),
        st.tuples(inner, st.integers(0, 3)).map(lambda t: f"({t[0]}^{t[1]})"),
    ),
    max_leaves=10,
)


@given(TREES, st.integers(-9, 9), st.integers(1, 9), st.fractions(max_denominator=50, min_value=-5, max_value=5))
def test_printing_keeps_the_value(text: str, a: int, b: int, n: Fraction) -> None:
    values = {"a": Fraction(a), "b": Fraction(b), "n": n}
    try:
        expression = parse_expression(text)
    except ExpressionError as refusal:  # three cubes one upon another
        if refusal.reason == "size" and text.count("^3") + text.count("^2") > 2:
            return
        raise
    again = parse_expression(expression.to_text())
    try:
        # The second route: Python's own parser and arithmetic on Fractions; the text comes from this test alone.
        literals = re.sub(r"[0-9]+", lambda m: f"F({m[0]})", _python(text).replace("**", "^"))
        expected = eval(literals.replace("^F", "**F"), {"F": Fraction, **values})
    except ZeroDivisionError:
        for each in (expression, again):
            with pytest.raises(ExpressionError):
                each.evaluate_exactly(values)
        return
    assume(isinstance(expected, Fraction))
    assert expression.evaluate_exactly(values) == expected
    assert again.evaluate_exactly(values) == expected


def _read(text: str) -> Expression | ExpressionError:
    try:
        return parse_expression(text)
    except ExpressionError as refusal:
        return refusal


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    answer = _read(text)
    if isinstance(answer, Expression):
        assert answer.to_latex()
        assert parse_expression(answer.to_text()) == answer
    else:
        assert answer.position is not None
        assert 0 <= answer.position <= len(text)


def test_decimals_are_taken_as_written() -> None:
    assert parse_expression("n*3").evaluate_exactly({"n": Decimal("0.1")}) == Fraction(3, 10)


# --- trees: printing is read back; value, second opinion, units and Excel are one arithmetic --------------------------
NAMES = st.sampled_from(["a", "n", "综合能耗", "V_r", "SO2 排放量(折标)"])
NUMBERS = st.builds(Number, st.sampled_from(["0", "1", "2.50", "0.7143", ".5", "10"]), st.booleans())


def _call(function: str, terms: list[Node]) -> Node:
    return Call(function, tuple(terms))


NODES = st.recursive(
    st.one_of(NUMBERS, st.builds(Name, NAMES)),
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Binary, st.just("^"), inner, st.builds(Number, st.sampled_from(["2", "3"]))),
        st.builds(Negation, inner),
        st.builds(_call, st.sampled_from(["sum", "max", "min"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda function, term: Call(function, (term,)), st.sampled_from(["sqrt", "ln", "exp", "sum"]), inner),
    ),
    max_leaves=12,
)  # fmt: skip


@given(NODES)
def test_a_printed_tree_is_read_back(root: Node) -> None:
    assume(degree(root) <= 16)
    assert parse_expression(print_text(root)).root == root


@given(NODES, st.lists(st.fractions(1, 5, max_denominator=8), min_size=5, max_size=5))
def test_the_second_opinion_agrees_on_random_trees(root: Node, numbers: list[Fraction]) -> None:
    """The record's nested lists, computed by the verification, give what the expression gives."""
    from drafting.record.evidence import _tree
    from drafting.verification.opinion.formula import UndefinedFormulaError, value_of

    expression = Expression(root)
    values = dict(zip(("a", "n", "综合能耗", "V_r", "SO2 排放量(折标)"), numbers, strict=True))
    assume(degree(root) <= 16 and not expression.open_sum)
    try:
        expected = expression.evaluate_exactly(values)
    except ExpressionError as refusal:
        assume(refusal.reason != "size")
        with pytest.raises(UndefinedFormulaError):
            value_of(_tree(root), values)
        return
    assert value_of(_tree(root), values) == expected
    floats = {name: float(value) for name, value in values.items()}
    if abs(expected) < 10**12:
        assert expression.evaluate(floats) == pytest.approx(float(expected), rel=1e-6, abs=1e-6)


LIKE = st.recursive(
    st.builds(Name, st.sampled_from("abc")),
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from("+-"), inner, inner),
        st.builds(_call, st.sampled_from(["sum", "max", "min"]), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)  # fmt: skip
TONNES = {"t": Fraction(1), "kg": Fraction(1000), "g": Fraction(10**6)}


@given(
    LIKE,
    st.lists(st.sampled_from(sorted(TONNES)), min_size=3, max_size=3),
    st.lists(st.integers(1, 99), min_size=3, max_size=3),
)
def test_a_value_does_not_depend_on_the_units_it_is_stated_in(root: Node, units: list[str], tonnes: list[int]) -> None:
    from drafting.workbook.survey.formula_units import read_units

    expression = Expression(Binary("/", root, Name("q")))
    names = [n for n in "abc" if n in expression.names]
    stated = {**dict(zip(names, units, strict=False)), "q": "m³"}
    reading = read_units(expression, stated, "kg/m³", Fraction("0.1229"))
    here = {n: v * TONNES[stated[n]] for n, v in zip(names, tonnes, strict=False)}
    plain = {n: Fraction(v) * 1000 for n, v in zip(names, tonnes, strict=False)}
    assert reading.whole.evaluate_exactly({**here, "q": 7}) == expression.evaluate_exactly({**plain, "q": 7})


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_spreadsheet_computes_random_trees_alike(tmp_path: Path) -> None:
    from openpyxl import Workbook, load_workbook

    from drafting.workbook.assessment.excel_formula import formula_of
    from tests.drafting.workbook.assessment_cases import recalculate

    values = {"a": 1.5, "n": 2.0, "综合能耗": 3.25, "V_r": 0.75, "SO2 排放量(折标)": 4.0}
    cells = {name: f"$B${n}" for n, name in enumerate(values, 1)}
    expected: list[float] = []

    @settings(max_examples=150, database=None, derandomize=True)
    @given(NODES)
    def collect(root: Node) -> None:
        expression = Expression(root)
        if degree(root) > 16 or expression.open_sum:
            return
        found = expression.evaluate(values)
        if np.isfinite(found) and abs(float(found)) < 1e9:
            expected.append(float(found))
            sheet.cell(len(expected), 1).value = f"={formula_of(expression, cells)}"

    book = Workbook()
    sheet = book.active
    for row, value in enumerate(values.values(), 1):
        sheet.cell(row, 2).value = value
    collect()
    book.save(tmp_path / "a.xlsx")
    (made,) = recalculate([tmp_path / "a.xlsx"], tmp_path)
    read = load_workbook(made, data_only=True).active
    assert len(expected) > 50
    assert [read.cell(n, 1).value for n in range(1, len(expected) + 1)] == pytest.approx(expected, rel=1e-9, abs=1e-9)
