"""Percentages by number format: what the spreadsheet shows (ECMA-376 part 1, 18.8.31) is what is read."""

from __future__ import annotations

import io

import openpyxl
import pytest

from drafting.workbook.number_formats import number_format
from drafting.workbook.sheets import read_workbook

ALWAYS, NEVER = {True}, {False}
CODES = [
    ("0%", ALWAYS), ("0.00%", ALWAYS), ("0.0%;[Red]-0.0%", ALWAYS), ("0.0%;-0.0%;0", ALWAYS), ("#,##0.0 %", ALWAYS),
    ("[Red]0.0%", ALWAYS), ("0.0%;-0.0%;0;@", ALWAYS), ('0.0"≈"%', ALWAYS), ("[>1]0.0%;0.00%", ALWAYS), ("0%%", ALWAYS),
    ('0.00"%"', NEVER), ("0.00\\%", NEVER), ('General"%"', NEVER), ("0.0_%", NEVER), ("0.0*%", NEVER),
    ("[$%-804]0.0", NEVER),
    ('0.0"占 %"', NEVER), ("General", NEVER), ("0.00", NEVER),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CODES)
def test_only_a_percent_sign_that_is_no_literal_scales(code, expected):
    form = number_format(code)
    assert form.always is expected.copy().pop()
    assert {form.shows_percent(value) for value in (-3.0, -0.5, 0.0, 0.4, 1.0, 97.0)} == expected


@pytest.mark.parametrize(
    ("code", "scaled", "plain"),
    [
        ('[>1]0.0"%";0.0%', (0.97, 1.0, -3.0), (1.01, 97.0)),
        ('[<=1]0.0%;0.0"%"', (0.97, 1.0, -3.0), (1.01, 97.0)),
        ('0.0%;"无"', (0.0, 0.5, 97.0), (-0.1,)),
    ],
)
def test_a_section_is_chosen_by_the_number(code, scaled, plain):
    form = number_format(code)
    assert form.always is None
    assert all(form.shows_percent(v) for v in scaled)
    assert not any(form.shows_percent(v) for v in plain)


def test_cells_are_marked_as_they_are_shown():
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    cells = [
        ("0.0%", 0.5, True), ('0.0"%"', 50.0, False), ("0.0\\%", 50.0, False), ('[>1]0.0"%";0.0%', 50.0, False),
        ('[>1]0.0"%";0.0%', 0.5, True), ("0.0_%", 50.0, False),
    ]  # fmt: skip
    for row, (code, value, _) in enumerate(cells, 1):
        sheet.cell(row, 2, value).number_format = code
    stream = io.BytesIO()
    book.save(stream)
    read = read_workbook(stream.getvalue(), "x.xlsx").sheets[0]
    assert read.percents == {(row, 2) for row, (*_, percent) in enumerate(cells, 1) if percent}


@pytest.mark.parametrize("code", ["", ";", ";;;", '"', "[", "[>x]0%", "\\", "%", '0"%', "[>1e999]0%;0"])
def test_broken_codes_harm_nobody(code):
    form = number_format(code)
    assert form.shows_percent(0.5) in (True, False)
