"""The published table as a package (评价包): what an enterprise's evaluation needs, and nothing of the committee's.

One JSON document (``评价包.json``) of schema :data:`SCHEMA` with tables, bounds, units, weights, rules, notes and the
effective date, closed by a digest, and conformance examples that tell a second program whether it is right. No survey,
no expert, no enterprise.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from drafting.evaluation import evaluate, membership
from drafting.evaluation.draft import Draft, criterion, draft_of, grade_rule
from drafting.findings import Cell, Finding, finding
from drafting.model.terms import GRADES
from drafting.rulebooks import rulebook

if TYPE_CHECKING:
    from drafting.model.coded import JSON
    from drafting.model.inputs import Inputs
    from drafting.model.results import IndicatorBaselines
    from drafting.run import Run

PLAIN_SCHEMA, SCHEMA = 1, 2
"""The second holds what the first cannot: baselines by group of enterprises (分组基准)."""
_BY_GROUP = {"rows": "strata", "examples": "stratum"}
"""Fields of the second schema, by where they stand in a table."""
CONTENT, SCHEMA_FILE = "评价包.json", "schema.json"
_UNDATED = (1980, 1, 1, 0, 0, 0)


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """An indicator, or one class row of it."""

    code: str
    name: str
    category: str
    unit: str
    direction: str
    limiting: bool
    weight: str
    baselines: dict[str, str]
    class_name: str = ""
    formula: str = ""
    marks: list[str] = []
    merged: list[str] = []
    strata: dict[str, dict[str, str]] = {}
    """Baselines of the groups that have their own, by group; ``baselines`` hold for the others."""


class Group(msgspec.Struct, forbid_unknown_fields=True):
    """A first-level indicator."""

    name: str
    weight: str
    bonus: bool = False


class Note(msgspec.Struct, forbid_unknown_fields=True):
    """A footnote of a table; without a mark it is about all of it."""

    mark: str
    text: str


class Example(msgspec.Struct, forbid_unknown_fields=True):
    """An enterprise and its verdict: values by row (a number as text, a grade, or 未达到)."""

    name: str
    answers: dict[str, str]
    Y_I: str
    Y_II: str
    Y_III: str
    grade: str | None
    stratum: str = ""
    """Its group, where baselines are given by group."""


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """One indicator table."""

    key: str
    caption: str
    categories: list[Group]
    rows: list[Row]
    notes: list[Note]
    examples: list[Example]
    applies: str = ""
    output_unit: str = ""
    coefficient: str = ""


class Rules(msgspec.Struct, forbid_unknown_fields=True):
    """How grades follow: thresholds, and what limiting and other indicators have to reach for each grade."""

    key: str
    full_mark: int
    thresholds: list[str]
    limiting: list[str | None]
    others: list[str | None]
    comparison: str
    empty_category: str
    several_tables: str = ""
    class_score: str = ""
    merge_strata: str = ""
    """Which groups are taken together (小型=中型)."""


class Package(msgspec.Struct, forbid_unknown_fields=True):
    """All of it but the digest."""

    schema: int
    title: str
    number: str
    effective: str
    rules: Rules
    tables: list[Part]


class PackageError(ValueError):
    """A package that cannot be made.

    Attributes
    ----------
    reason : str
        In Chinese.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def package_of(run: Run) -> Package:
    """Take what is published out of a run.

    Raises PackageError where weights or baselines are lacking.
    """
    inputs = run.project.inputs
    if inputs is None:
        raise PackageError("项目.xlsx 不能读取")
    settings, book = inputs.settings, rulebook(inputs.settings.rules)
    rules = Rules(
        book.key, *conditions(settings.rules), settings.comparison, settings.empty_category,
        settings.several_tables, settings.class_score, settings.merge_strata,
    )  # fmt: skip
    parts = list(_parts(run, inputs))
    info = inputs.document
    by_group = any(row.strata for part in parts for row in part.rows)
    if not by_group:
        rules.merge_strata = ""
    return Package(SCHEMA if by_group else PLAIN_SCHEMA, info.title, info.number, info.effective, rules, parts)


def provisional(run: Run) -> tuple[Finding, ...]:
    """Say of a package's weights that they are not the last ones, and why: each reason once."""
    weights = [one.results.weights for one in (*run.of_tables.values(),) or (run,)]
    reasons = dict.fromkeys(w.provisional_because for w in weights if w is not None and w.provisional)
    return tuple(finding("package-provisional", Cell(), reason=reason) for reason in reasons)


def conditions(rules: str) -> tuple[int, list[str], list[str | None], list[str | None]]:
    """Full mark, thresholds, and what limiting and other indicators have to reach, as those who grade ask for them."""
    rule = grade_rule(rules)
    limiting, others = (
        [None if place is None else GRADES[place].value for place in (rule.required(g, limiting=of) for g in range(3))]
        for of in (True, False)
    )
    return rule.full_mark, [str(t) for t in rule.thresholds], limiting, others


def _parts(run: Run, inputs: Inputs) -> Iterator[Part]:
    tables = {t.key: t for t in inputs.tables}
    for one in (*run.of_tables.values(),) or (run,):
        own, results = one.project.inputs, one.results
        draft, lacking = None, "权重或基准值尚未确定"
        if own is not None and results.weights is not None and results.baselines is not None:
            draft, lacking = draft_of(own, results.weights, results.baselines)
        if own is None or draft is None:
            raise PackageError(lacking)
        part = _part(own, draft)
        if (table := tables.get(own.table)) is not None:
            part.caption, part.applies, part.output_unit = table.caption, table.applies, table.output_unit
            part.coefficient = "" if table.coefficient is None else f"{table.coefficient:f}"
        yield part


def _part(inputs: Inputs, draft: Draft) -> Part:
    groups = [
        Group(name, str(weight), n in draft.bonus)
        for n, (name, weight) in enumerate(zip(draft.categories, draft.category_weights, strict=True))
    ]
    rows = []
    for i, weight, baselines in zip(draft.indicators, draft.weights, draft.baselines, strict=True):
        head = i.head
        own = {s: draft.strata.get((i.code, s)) for s in draft.stratum_names}
        rows.append(
            Row(
                code=head.code,
                name=head.name,
                category=i.category,
                unit=i.unit,
                direction=i.direction.value,
                limiting=i.limiting,
                weight=weight.text,
                baselines=_texts(baselines),
                class_name=i.class_name,
                formula=i.formula.text,
                marks=list(i.marks),
                merged=sorted(g.value for g in i.merged),
                strata={s: _texts(one) for s, one in own.items() if one is not None},
            )
        )
    notes = [Note(n.mark, n.text) for n in inputs.system.notes]
    return Part(inputs.table, inputs.document.title, groups, rows, notes, list(_examples(draft)))


def _texts(baselines: IndicatorBaselines) -> dict[str, str]:
    return {g.value: level.bound.text for g, level in baselines.by_grade.items()}


def _examples(draft: Draft, stratum: str = "") -> Iterator[Example]:
    """Enterprises that reach one grade everywhere, and those that miss one limiting or one other indicator."""
    first = {i.of: j for j, i in reversed([*enumerate(draft.indicators)]) if i.of}
    idle = {j for j, i in enumerate(draft.indicators) if i.of and first[i.of] != j}  # an enterprise is of one class
    reach = [dict.fromkeys(range(len(draft.indicators)), g) for g in range(3)]
    cases = [(f"全部达到{g.chinese}", reach[n]) for n, g in enumerate(GRADES)]
    limiting = next((j for j, i in enumerate(draft.indicators) if i.limiting), None)
    other = next((j for j, i in enumerate(draft.indicators) if not i.limiting), None)
    for words, j in (("一项限定性指标未达到Ⅲ级", limiting), ("一项非限定性指标未达到Ⅲ级", other)):
        if j is not None:
            cases.append((f"{words}，其余达到Ⅰ级", {**reach[0], j: 3}))
    for name, grades in cases:
        answers = {j: _answer(draft, j, g) for j, g in grades.items() if j not in idle}
        if any(a is None for a in answers.values()):
            continue  # a baseline that is no plain number has no value that is just at it
        values = np.full((1, len(draft.indicators)), np.nan)
        for j, answer in answers.items():
            values[0, j] = float(answer[1]) if answer is not None else np.nan
        absent = np.array([[j in idle for j in range(len(draft.indicators))]])
        criteria = [criterion(i, w) for i, w in zip(draft.indicators, draft.baselines, strict=True)]
        judged = membership(values, criteria, not_applicable=absent)
        found = evaluate(
            judged.reached, draft.weights, groups=draft.groups, category_weights=draft.category_weights,
            limiting=draft.limiting, rule=draft.rule, applicable=judged.applicable, bonus=draft.bonus,
        )  # fmt: skip
        first_y, second_y, third_y = (str(found.decimal(0, g)) for g in range(3))
        told = {row_key(draft, j): a[0] for j, a in answers.items() if a is not None}
        yield Example(f"{name}的企业", told, first_y, second_y, third_y, found.grade(0), stratum)
    for of in () if stratum else draft.stratum_names:
        yield from _examples(replace(draft, baselines=draft.baselines_in(of), strata={}), of)


def row_key(draft: Draft, j: int) -> str:
    """How a row is named among answers: its code, with the class behind it."""
    one = draft.indicators[j]
    return f"{one.of}·{one.class_name}" if one.of else one.code


def _answer(draft: Draft, j: int, grade: int) -> tuple[str, Fraction] | None:
    """A value just at a grade's baseline (3: beyond the last), as it is written and as a number."""
    one, baselines = draft.indicators[j], draft.baselines[j]
    if one.qualitative:
        return (GRADES[grade].chinese, Fraction(3 - grade)) if grade < 3 else ("未达到", Fraction(0))
    bounds = [baselines.by_grade.get(g) for g in GRADES]
    last = next((b for b in reversed(bounds) if b is not None), None)
    level = bounds[grade] if grade < 3 else last
    if level is None or level.value is None or level.bound.upper is not None or not level.bound.judged:
        return None
    strict = level.bound.operator is not None and level.bound.operator.value in ("<", ">")
    part = Fraction(1) if grade == 3 else Fraction(-1, 1000) if strict else Fraction(0)
    step = part * max(abs(Fraction(level.value)), Fraction(1))
    value = Fraction(level.value) + (step if one.direction.value == "smaller" else -step)
    return _decimal(value), value


def _decimal(value: Fraction) -> str:
    text = f"{float(value):.12f}".rstrip("0").rstrip(".")
    return text or "0"


# --- the file ---------------------------------------------------------------------------------------------------------
def digest_of(content: Mapping[str, JSON]) -> str:
    """SHA-256 of the content without its digest, as JSON with sorted keys and no blanks, UTF-8."""
    plain = {k: v for k, v in content.items() if k != "digest"}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON schema of 评价包.json."""
    made = msgspec.json.schema(Package)
    whole = made["$defs"]["Package"]
    whole["properties"]["digest"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    whole["required"] = [*whole["required"], "digest"]
    return made


def package_bytes(package: Package, forms: dict[str, bytes]) -> bytes:
    """Make the .zip: the same package gives the same bytes; ``forms`` are self-assessment workbooks by name."""
    content: dict[str, Any] = msgspec.to_builtins(package)
    if package.schema == PLAIN_SCHEMA:  # what has no groups is for every program that reads the first schema
        del content["rules"]["merge_strata"]
        for table in content["tables"]:
            for of, field in _BY_GROUP.items():
                for one in table[of]:
                    del one[field]
    content["digest"] = digest_of(content)
    files = {
        CONTENT: json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8"),
        SCHEMA_FILE: json.dumps(schema(), ensure_ascii=False, indent=1).encode("utf-8"),
        **forms,
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _UNDATED)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            made.writestr(entry, data)
    return target.getvalue()


__all__ = ["CONTENT", "SCHEMA", "Package", "PackageError", "digest_of", "package_bytes", "package_of"]
