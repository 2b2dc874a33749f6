"""Formulas: the standard's own, hostile and broken ones; Word equations against the schema."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from drafting.render.formulas import FormulaError, latex_to_mathml, latex_to_omml

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ML = "{http://www.w3.org/1998/Math/MathML}"

# GB/T 43329—2023, Appendices A.3 and D.
STANDARD = {
    "A.1": r"E_{ui} = \frac{E_i}{Q}",
    "A.2": r"M_i = \frac{M}{Q}",
    "A.3": r"S_i = \frac{S}{Q}",
    "A.4": r"E_{mi} = \frac{E_i}{Q}",
    "A.5": r"c = \frac{C}{Q}",
    "D.1": r"Y_{g_k}(x_{ij}) = \begin{cases} 100, & x_{ij} \text{ 属于 } g_k \\"
    r" 0, & x_{ij} \text{ 不属于 } g_k \end{cases}",
    "D.2": r"Y_{g_k} = \sum_{i=1}^{m} \left[ \omega_i \sum_{j=1}^{n_i} \omega_{ij} Y_{g_k}(x_{ij}) \right]",
    "D.2a": r"\sum_{i=1}^{m} \omega_i = 1, \sum_{j=1}^{n_i} \omega_{ij} = 1",
    "D.3": r"\omega'_{ij} = \omega_{ij} \times \left( 1 / \sum_{j=1}^{n_i} \omega''_{ij} \right)",
}
OTHERS = {
    "chinese": r"\frac{综合能耗}{合格产品产量}",
    "chinese-index": r"E_综合 = \frac{\text{利用量}}{\text{产生量}} × 100\%",
    "mean": r"\bar{x} = \frac{1}{n} \sum_{i} x_i",
    "root": r"s = \sqrt{\frac{\sum_{i=1}^{n} (x_i - \bar{x})^2}{n - 1}} + \sqrt[3]{2}",
    "functions": r"y = \ln\left(x\right) + \max(a, b) \quad (a < b)",
    "chemistry": r"m_{\mathrm{CO_2}} \geq 0.5",
    "accents": r"\hat{x} + \widetilde{AB} + \vec{a} + \overline{AB}",
    "matrix": r"A = \begin{pmatrix} 1 & a_{12} \\ 1/a_{12} & 1 \end{pmatrix}",
}


def omml_text(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{M}t"))


def write_docx(path: Path, *equations: etree._Element) -> Path:
    body = etree.Element(f"{W}document", nsmap={"w": W[1:-1], "m": M[1:-1]})
    holder = etree.SubElement(body, f"{W}body")
    for equation in equations:
        etree.SubElement(holder, f"{W}p").append(equation)
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{types}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", etree.tostring(body, xml_declaration=True, encoding="UTF-8"))
    return path


def schema_errors(path: Path) -> list[str]:
    errors = [str(error) for error in pytest.importorskip("openxml_audit").OpenXmlValidator().validate(path).errors]
    # The package holds nothing but the body; the validator misses styles, settings and the like.
    return [error for error in errors if "A required relationship type" not in error]


class TestWordEquations:
    def test_every_formula_is_valid_in_a_document(self, tmp_path):
        equations = [latex_to_omml(latex) for latex in (STANDARD | OTHERS).values()]
        assert schema_errors(write_docx(tmp_path / "formulas.docx", *equations)) == []

    def test_the_validator_looks_into_equations(self, tmp_path):
        broken = latex_to_omml(r"\frac{a}{b}")
        fraction = broken.find(f"{M}f")
        fraction.insert(0, fraction.find(f"{M}den"))
        assert schema_errors(write_docx(tmp_path / "broken.docx", broken))

    @pytest.mark.parametrize("name", ["A.1", "A.2", "A.3", "A.4", "A.5"])
    def test_a3_quotients_are_one_fraction_over_q(self, name):
        (fraction,) = latex_to_omml(STANDARD[name]).iter(f"{M}f")
        assert omml_text(fraction.find(f"{M}den")) == "Q"

    def test_d1_cases_are_a_left_aligned_matrix_behind_one_brace(self):
        (delimited,) = latex_to_omml(STANDARD["D.1"]).iter(f"{M}d")
        assert delimited.find(f"{M}dPr/{M}begChr").get(f"{M}val") == "{"
        assert delimited.find(f"{M}dPr/{M}endChr").get(f"{M}val") == ""
        matrix = delimited.find(f"{M}e/{M}m")
        column = matrix.find(f"{M}mPr/{M}mcs/{M}mc/{M}mcPr")
        assert column.find(f"{M}count").get(f"{M}val") == "2"
        assert column.find(f"{M}mcJc").get(f"{M}val") == "left"
        cells = [[omml_text(cell) for cell in row.findall(f"{M}e")] for row in matrix.findall(f"{M}mr")]
        assert cells == [["100,", "xij\u00a0属于\u00a0gk"], ["0,", "xij\u00a0不属于\u00a0gk"]]

    def test_d2_has_a_sum_within_a_bracket_within_a_sum(self):
        equation = latex_to_omml(STANDARD["D.2"])
        outer = equation.find(f"{M}nary")
        assert omml_text(outer.find(f"{M}sub")) == "i=1"
        assert omml_text(outer.find(f"{M}sup")) == "m"
        inner = outer.find(f"{M}e/{M}d/{M}e/{M}nary")
        assert omml_text(inner.find(f"{M}sub")) == "j=1"
        assert omml_text(inner.find(f"{M}sup")) == "ni"
        assert omml_text(inner.find(f"{M}e")) == "ωijYgk(xij)"
        assert {n.find(f"{M}naryPr/{M}limLoc").get(f"{M}val") for n in (outer, inner)} == {"undOvr"}

    def test_a_sum_ends_before_the_relation(self):
        operands = [omml_text(n.find(f"{M}e")) for n in latex_to_omml(STANDARD["D.2a"]).iter(f"{M}nary")]
        assert operands == ["ωi", "ωij"]

    def test_d3_keeps_single_and_double_primes(self):
        sups = [omml_text(s.find(f"{M}sup")) for s in latex_to_omml(STANDARD["D.3"]).iter(f"{M}sSubSup")]
        assert sups == ["′", "″"]

    def test_no_boxes_and_fonts_on_every_run(self):
        for latex in (STANDARD | OTHERS).values():
            equation = latex_to_omml(latex)
            assert not list(equation.iter(f"{M}box"))
            for run in equation.iter(f"{M}r"):
                fonts = run.find(f"{W}rPr/{W}rFonts")
                assert (fonts.get(f"{W}ascii"), fonts.get(f"{W}eastAsia")) == ("Cambria Math", "宋体")

    def test_chinese_words_are_upright_text(self):
        fraction = latex_to_omml(OTHERS["chinese"]).find(f"{M}f")
        assert omml_text(fraction.find(f"{M}num")) == "综合能耗"
        assert fraction.find(f"{M}num/{M}r/{M}rPr/{M}nor") is not None

    def test_a_missing_upper_limit_is_hidden(self):
        nary = next(latex_to_omml(OTHERS["mean"]).iter(f"{M}nary"))
        assert nary.find(f"{M}naryPr/{M}supHide").get(f"{M}val") == "1"
        assert nary.find(f"{M}naryPr/{M}subHide") is None

    def test_a_script_after_a_bracket_belongs_to_the_whole_bracket(self):
        equation = latex_to_omml(r"((a - b)^2 + c)_i (d)")
        outer = equation.find(f"{M}sSub")
        assert omml_text(outer.find(f"{M}sub")) == "i"
        assert omml_text(outer.find(f"{M}e/{M}d")) == "a−b2+c"
        inner = outer.find(f"{M}e/{M}d/{M}e/{M}sSup")
        assert omml_text(inner.find(f"{M}e/{M}d")) == "a−b"

    def test_a_bracket_without_partner_keeps_its_script(self):
        assert omml_text(latex_to_omml("a)^2").find(f"{M}sSup/{M}e")) == ")"

    def test_bars_are_accents(self):
        accent = next(latex_to_omml(OTHERS["mean"]).iter(f"{M}acc"))
        assert accent.find(f"{M}accPr/{M}chr").get(f"{M}val") == "\u0305"
        assert omml_text(accent.find(f"{M}e")) == "x"


class TestMathml:
    @pytest.mark.parametrize("latex", (STANDARD | OTHERS).values(), ids=(STANDARD | OTHERS).keys())
    def test_is_one_well_formed_element_with_a_spoken_form(self, latex):
        math = etree.fromstring(latex_to_mathml(latex, block=True))
        assert math.tag == f"{ML}math"
        assert math.get("display") == "block"
        assert math.get("alttext") == latex

    def test_alternative_text(self):
        assert etree.fromstring(latex_to_mathml("a", "字母a")).get("alttext") == "字母a"

    def test_text_is_never_markup(self):
        math = etree.fromstring(latex_to_mathml(r"\text{<script>alert(1)</script>} < b"))
        assert not [e for e in math.iter() if "script" in str(e.tag)]
        assert "<script>alert(1)</script>" in "".join(math.itertext())

    def test_entities_in_text_stay_text(self):
        assert "&lt;b&gt;" in "".join(etree.fromstring(latex_to_mathml(r"\text{\&lt;b\&gt;}")).itertext())

    def test_escaped_signs_in_text(self):
        math = etree.fromstring(latex_to_mathml(r"\text{a\_b\%\{c\}}"))
        assert "".join(math.itertext()) == "a_b%{c}"

    def test_pasted_signs(self):
        assert [mo.text for mo in etree.fromstring(latex_to_mathml("a×b≤c÷d−e")).iter(f"{ML}mo")] == list("×≤÷−")

    def test_only_one_digit_is_an_unbraced_superscript(self):
        (power,) = etree.fromstring(latex_to_mathml("x^10")).iter(f"{ML}msup")
        assert "".join(power.itertext()) == "x1"


class TestErrors:
    @pytest.mark.parametrize(
        ("latex", "code", "position"),
        [
            ("", "empty", 0),
            ("  ", "empty", 0),
            ("a}", "brace-close", 1),
            ("a + {b", "brace-open", 4),
            (r"a + \frca{1}{2}", "command", 4),
            (r"\frac{1}", "argument", 0),
            (r"\frac{a}}", "argument", 0),
            (r"\sqrt", "argument", 0),
            (r"\sqrt[3", "bracket", 5),
            ("x_", "argument", 1),
            ("_x", "script", 0),
            ("x_1_2", "double", 3),
            ("x^2^3", "double", 3),
            ("x^2'", "double", 3),
            (r"\left( a", "left", 0),
            (r"a\right)", "right", 1),
            (r"\left a", "delimiter", 6),
            (r"\begin{cases} a", "begin", 0),
            (r"\begin{tabular} a \end{tabular}", "environment", 0),
            (r"\begin{cases} a \end{matrix}", "end", 16),
            (r"\end{cases}", "end", 0),
            ("a & b", "row", 2),
            (r"a \\ b", "row", 2),
            ("利用量×100%", "comment", 7),
            ("$x$", "character", 0),
            ("a\x00b", "character", 1),
            (r"\text", "argument", 0),
            (r"\text{a", "brace-open", 5),
            (r"\text{\href{a}}", "command", 6),
            (r"\limits_a", "script", 0),
            (r"\def\a{b}\a", "command", 0),
            (r"\newcommand{\a}{b}", "command", 0),
            (r"\href{x}{y}", "command", 0),
            (r"\style{color:red}{y}", "command", 0),
            ("\\", "command", 0),
        ],
    )
    def test_names_reason_and_position(self, latex, code, position):
        for convert in (latex_to_mathml, latex_to_omml):
            with pytest.raises(FormulaError) as caught:
                convert(latex)
            assert (caught.value.code, caught.value.position) == (code, position)
            assert caught.value.formula == latex
            assert f"第 {position + 1} 个字符" in str(caught.value)

    def test_length_and_depth_are_bounded(self):
        with pytest.raises(FormulaError) as caught:
            latex_to_mathml("{" * 100 + "}" * 100)
        assert caught.value.code == "too-deep"
        with pytest.raises(FormulaError) as caught:
            latex_to_mathml("x" * 2001)
        assert caught.value.code == "too-long"

    @given(
        st.lists(
            st.sampled_from(
                [*"{}_^'&%[]()12x+<=/. ", "综合", r"\\", r"\frac", r"\sqrt", r"\text{能}", r"\left(", r"\right)",
                 r"\sum", r"\begin{cases}", r"\end{cases}", r"\alpha", r"\bar", r"\mathrm",
                 r"\limits", r"\,", r"\%", r"\max"]
            ),
            max_size=12,
        ).map("".join)
    )  # fmt: skip
    def test_anything_typed_is_converted_or_refused(self, latex):
        try:
            math = etree.fromstring(latex_to_mathml(latex))
        except FormulaError as refused:
            error = refused
        else:
            assert math.tag == f"{ML}math"
            assert latex_to_omml(latex).tag == f"{M}oMath"
            return
        assert 0 <= error.position <= len(latex)
        assert error.code != "converter"


def test_inner_sums_of_a_displayed_formula_carry_their_limits_above_and_below():
    math = etree.fromstring(latex_to_mathml(STANDARD["D.2"], block=True))
    assert ["".join(e[0].itertext()) for e in math.iter(f"{ML}munderover")] == ["∑", "∑"]


def test_a_lone_sign_as_a_script_is_text() -> None:
    """LibreOffice drew an inverted question mark for the star of S*: it looked for what it multiplies."""
    (script,) = latex_to_omml("S^{*}").iter(f"{M}sup")
    assert script.find(f"{M}r/{M}rPr/{M}nor") is not None
    (other,) = latex_to_omml("S^{2}").iter(f"{M}sup")
    assert other.find(f"{M}r/{M}rPr/{M}nor") is None
