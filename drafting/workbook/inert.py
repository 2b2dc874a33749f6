"""A stranger's workbook as one that does nothing: formulas as text, nothing that leads out of the file."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from drafting.workbook.contents.strange import STRANGE

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_KEPT = re.compile(r"(?:_rels/.*|xl/.*|\[Content_Types\]\.xml)")
_LEFT_OUT = re.compile(r"xl/(?:externalLinks|connections|queryTables|embeddings|activeX|ctrlProps|webextensions)", re.I)
_OUTWARD = re.compile(r"[\[\]|]|(?:WEBSERVICE|HYPERLINK|RTD|CALL|REGISTER|FILTERXML|IMAGE|DDE|SQL|CUBE)\w*\s*\(", re.I)
"""In a formula of a rule or list: another file, a program, a function that fetches."""
_PLAIN_NAME = re.compile(r"(?:'[^'\[\]|]+'|[^'\[\]|!()]+)!\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")


def bare_package(data: bytes) -> bytes:
    """The workbook without its properties – whose account names are nobody's business, and which may be cut off."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(target, "w") as bare:
        for name in package.namelist():
            if _KEPT.fullmatch(name) and not _LEFT_OUT.match(name):
                bare.writestr(name, package.read(name))
    return target.getvalue()


def make_inert(book: Workbook) -> None:
    """Turn formulas into text and take out what leads elsewhere."""
    for name in list(book.defined_names):
        if not _PLAIN_NAME.fullmatch(book.defined_names[name].value or ""):
            del book.defined_names[name]
    for sheet in book.worksheets:
        _make_inert(sheet)


def _make_inert(sheet: Worksheet) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            if isinstance(value, ArrayFormula):
                value = value.text or "="
            elif isinstance(value, DataTableFormula):
                value = "={TABLE}"
            if isinstance(value, str) and STRANGE.search(value):
                value = cell.value = STRANGE.sub("", value)
            if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
                cell.value = value
                cell.data_type = "s"
                cell.quotePrefix = True
            if cell.hyperlink is not None and cell.hyperlink.target:
                cell.hyperlink = None
    for name in list(sheet.defined_names):
        if not _PLAIN_NAME.fullmatch(sheet.defined_names[name].value or ""):
            del sheet.defined_names[name]
    rules = sheet.data_validations
    rules.dataValidation = [
        rule for rule in rules.dataValidation
        if not any(_outward(formula) for formula in (rule.formula1, rule.formula2))
    ]  # fmt: skip
    for area in list(sheet.conditional_formatting):
        if any(_outward(formula) for rule in area.rules for formula in rule.formula or ()):
            del sheet.conditional_formatting[area.sqref]
    sheet.legacy_drawing = None


def _outward(formula: object) -> bool:
    return isinstance(formula, str) and _OUTWARD.search(formula) is not None
