"""Formulas that read what an enterprise types as the toolkit's own reader does: 22.5, ２２．５, 95%, 1,234.5, <0.01.

A spreadsheet turns a typed 95% into 0.95 shown as a percentage, keeps full-width digits as text, and takes 1/2 for a
date and 1,00 for a hundred. The formulas use functions of Excel 2010, WPS and LibreOffice only.
"""

from __future__ import annotations

from drafting.notation.units import normalise_unit
from drafting.workbook.assessment.excel_formula import quoted
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.survey.unit_texts import same_unit

_NARROW = {
    **{chr(ord("０") + n): str(n) for n in range(10)},
    "．": ".", "，": ",", "％": "%", "＜": "<", "－": "-", "−": "-", "＋": "+", "　": " ", "（": "(", "）": ")",
    "：": ":",
}  # fmt: skip
_AFTER_DIGITS = ("", ".", "-", "-.", "+", "+.", "e", ".e", "e-", ".e-", "e+", ".e+", "-e", "-.e", "-e-", "-.e-")
"""What may be left of a number once its digits and commas are gone."""


_NOT_DETECTED = ("未检出", "低于检出限", "检出限以下", "n.d.", "nd")
_AROUND_LIMIT = ("(", ")", "<", "检出限", ":", "=")
"""What may stand around the detection limit behind such a word."""


def plain(cell: str) -> str:
    """The text of a cell in plain characters, blank for a number and for nothing."""
    text = cell
    for wide, narrow in _NARROW.items():
        text = f"SUBSTITUTE({text},{quoted(wide)},{quoted(narrow)})"
    return f'IF(OR({cell}="",ISNUMBER({cell})),"",TRIM({text}))'


def said(text: str, unit: str) -> str:
    """A plain text with < for the words of a value below the detection limit, without its own unit behind it."""
    short = text
    for own in sorted({"".join(unit.split()), normalise_unit(unit)}):
        if same_unit(own, unit):
            behind = f"EXACT(RIGHT({text},{len(own)}),{quoted(own)})"
            short = f"IF({behind},TRIM(LEFT({text},LEN({text})-{len(own)})),{short})"
    found = short
    for word in _NOT_DETECTED:
        limit = f"MID({short},{len(word) + 1},40)"
        for mark in _AROUND_LIMIT:
            limit = f'SUBSTITUTE({limit},"{mark}","")'
        found = f'IF(LOWER(LEFT({text},{len(word)}))="{word}","<"&TRIM({limit}),{found})'
    return found


def core(text: str) -> str:
    """A text without the sign < before it and % or ‰ behind it."""
    bare = f'IF(LEFT({text},1)="<",TRIM(MID({text},2,40)),{text})'
    marked = f'OR(RIGHT({text},1)="%",RIGHT({text},1)="‰")'
    return f'IF({text}="","",IF({marked},TRIM(LEFT({bare},LEN({bare})-1)),{bare}))'


def left_of_digits(number: str) -> str:
    """What a text is but digits and commas: nothing but a sign, a point and an exponent's letter in a number."""
    rest = f'SUBSTITUTE(LOWER({number}),",","")'
    for digit in range(10):
        rest = f'SUBSTITUTE({rest},"{digit}","")'
    return rest


def number(text: str, bare: str, rest: str, unit: str) -> str:
    """The number that a text says in a unit; "" where it says none.

    ``text``, ``bare``, ``rest``: cells of :func:`said`, :func:`core` and :func:`left_of_digits`.
    """
    allowed = f"OR({','.join(f'{rest}={quoted(one)}' for one in _AFTER_DIGITS)})"
    value = f'VALUE(SUBSTITUTE({bare},",",""))'
    point = f'FIND(".",{bare}&".")'
    # Commas part groups of three before the point: written out again, the whole part is what was typed.
    grouped = f'AND(TEXT(TRUNC({value}),"#,##0")=LEFT({bare},{point}-1),ISERROR(FIND(",",{bare},{point})))'
    plain = f'IF(ISERROR(FIND(",",{bare})),{value},IF({grouped},{value},""))'
    shares = [f'IF(RIGHT({text},1)="{mark}",{_scaled(plain, mark, unit)},' for mark in "%‰"]
    return f'IF({bare}="","",IF({allowed},IFERROR({"".join(shares)}{plain})),""),""))'


def _scaled(value: str, mark: str, unit: str) -> str:
    try:
        factor = decimal_of(f"1{mark}", unit=unit)
    except CellFaultError:
        return '""'
    return f"ROUND({value}*{factor},12)" if factor >= 1 else f"ROUND({value}/{1 / factor:f},12)"


def entered(cell: str, text: str, value: str, unit: str, otherwise: str) -> str:
    """The entry of a cell as it is judged: a number, ``<`` a number, what was typed where it is neither.

    ``text``, ``value``: cells of :func:`said` and :func:`number`.
    ``otherwise``: formula for a cell that is left blank.
    """
    try:
        percent = f"ROUND({cell}*{decimal_of(1.0, percent=True, unit=unit)},12)"
    except CellFaultError:
        percent = f'TEXT({cell},"0.######%")'  # a share has no meaning in the unit: text, and so a faulty entry
    date = f'TEXT({cell},"yyyy-mm-dd")'  # 1/2 typed is the second of January to a spreadsheet: no number
    form = f'LEFT(CELL("format",{cell}),1)'
    typed = f'IF({form}="P",{percent},IF({form}="D",{date},{cell}))'
    read = f'IF(LEFT({text},1)="<","<"&{value},{value})'
    return f'IF({cell}="",{otherwise},IF(ISNUMBER({cell}),{typed},IF({value}="",{cell},{read})))'
