"""Into the project folder: the same files that a mailed round gives. Files are added, none is replaced."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from drafting.analysis.weights.stopping import in_words
from drafting.files import OutputError, file_stem
from drafting.inside import kind_of
from drafting.keeping import Keeper
from drafting.model.asking import BETWEEN
from drafting.model.experts import DelphiAnswer, Expert
from drafting.model.system import FIRST_LEVEL
from drafting.panel import asking, converting, items
from drafting.panel.definition import BASES, Definition, Group, Instrument
from drafting.panel.importing import WORDS
from drafting.panel.lifecycle import Snapshot
from drafting.panel.records import Panel
from drafting.project.issue_record import known_record
from drafting.project.stopping_record import RECORD_FILE, RecordError, freeze, read_frozen_rule
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError, read_bytes
from drafting.workbook.questionnaires.answers import read_expert
from drafting.workbook.questionnaires.delphi_questionnaires import (
    allocation_questionnaire,
    allocation_title,
    rating_questionnaire,
    rating_title,
)
from drafting.workbook.questionnaires.identity import Identity, Item
from drafting.workbook.questionnaires.writing import ahp_questionnaire, ahp_title
from drafting.workbook.report import Report
from drafting.workbook.sheets import read_workbook
from drafting.workbook.style import cell_at, put, save

_HEADING_ROWS = 15
ASSESSMENT_FILE = "权威程度自评.xlsx"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did: files written, files that stood there already and were left alone, what is to be said."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...] = ()


def folder_of(taken: Snapshot) -> str:
    """The project's folder for a round's workbooks."""
    if taken.round.instrument is Instrument.PAIRWISE:
        return h.JUDGEMENT_FOLDER
    folder = h.RATING_FOLDER if taken.round.instrument is Instrument.RATING else h.DELPHI_FOLDER
    return f"{folder}/{h.ROUND_FOLDER.format(number=taken.round.number)}"


def _asked(definition: Definition, taken: Snapshot, pseudonym: str) -> tuple[Group, ...]:
    """The groups that an expert was asked for in a round, and those answered all the same."""
    instrument, values = taken.round.instrument, taken.answers.get(pseudonym, {})
    groups = definition.of(instrument)
    wanted = set(asking.numbers(definition, taken.round, taken.tables.get(pseudonym, ())))
    wanted |= {n for n, g in enumerate(groups) if any(values.get(q) for q in items.questions(instrument, n, g))}
    return tuple(g for n, g in enumerate(groups) if n in wanted)


def identity_of(
    definition: Definition, taken: Snapshot, code: str, project_id: str = "", groups: Sequence[Group] | None = None
) -> Identity:
    """What a workbook from the pages says it is: the answer to a round, never sent out (issue 0)."""
    instrument = taken.round.instrument
    groups = definition.of(instrument) if groups is None else groups
    return Identity(
        definition.title, project_id, WORDS[instrument],
        1 if instrument is Instrument.PAIRWISE else taken.round.number, code, 0,
        tuple(Item(g.name, i.key, i.name) for g in groups for i in g.items),
    )  # fmt: skip


def workbooks(
    definition: Definition, taken: Snapshot, codes: Mapping[str, str], project_id: str = ""
) -> Iterator[tuple[str, str, bytes]]:
    """Each expert's code, file name and workbook as if it had been returned by mail.

    ``codes``: pseudonym -> code, in the project's order.
    ``project_id``: of the project folder's record of questionnaires, where there is one.
    """
    inside = [p for p in codes if p in taken.answers]
    used: set[str] = set()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "one.xlsx"
        for pseudonym in inside:
            code = codes[pseudonym]
            asked = _asked(definition, taken, pseudonym)
            identity = identity_of(definition, taken, code, project_id, asked)
            _write(path, definition, taken, identity, taken.answers[pseudonym], asked)
            name = f"{file_stem(code, '专家', taken=used)}.xlsx"
            yield code, name, path.read_bytes()


def _write(
    path: Path, definition: Definition, taken: Snapshot, identity: Identity, values: Mapping[str, str],
    groups: Sequence[Group],
) -> None:  # fmt: skip
    instrument, code = taken.round.instrument, identity.expert
    inputs, names = definition.inputs(()), {g.name for g in groups}
    asked = [a for a in inputs.asked if a.name in names]
    if instrument is Instrument.PAIRWISE:
        matrices = converting.judgement_matrices(definition, code, values)
        book = ahp_questionnaire(inputs, Expert(code), answers=matrices, identity=identity, groups=names)
        _fill_beside(book, values)
        save(book, path, title=ahp_title(code))
        return
    if instrument is Instrument.ALLOCATION:
        book = allocation_questionnaire(Expert(code), taken.round.number, asked, identity=identity)
        title = allocation_title(taken.round.number, code)
    else:
        number, settings = taken.round.number, inputs.settings
        book = rating_questionnaire(Expert(code), number, asked, settings, identity=identity)
        title = rating_title(number, code)
    answer = converting.delphi_answer(definition, instrument, code, values)
    _fill(book, definition, answer, _opinions(taken, definition, values))
    _fill_beside(book, values)
    save(book, path, title=title)


def _opinions(taken: Snapshot, definition: Definition, values: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Group and item -> opinion, also where the group was left blank."""
    return {
        (group.name, item.key): said
        for g, group in enumerate(definition.of(taken.round.instrument))
        for k, item in enumerate(group.items)
        if (said := values.get(items.opinion(g, k)))
    }


def _fill_beside(book: Workbook, values: Mapping[str, str]) -> None:
    """Put self-assessment and comments where a mailed questionnaire asks for them."""
    cover: Worksheet = book[h.EXPERT_SHEET.title]
    assessed = dict(zip(h.SELF_ASSESSMENT, (values.get(i, "") for i in items.SELF_ASSESSMENT), strict=True))
    for row in range(1, _HEADING_ROWS + 1):
        said = assessed.get(str(cover.cell(row, 1).value))
        if said:
            put(cell_at(cover, row, 2), said)
    remarks: Worksheet = book[h.REMARKS.title]
    said_of = zip(h.OPINION_KINDS, (values.get(i) for i in items.COMMENTS), strict=True)
    for row, (kind, text) in enumerate(((kind, text) for kind, text in said_of if text), start=2):
        put(cell_at(remarks, row, 1), kind)
        put(cell_at(remarks, row, 2), text)


def _fill(
    book: Workbook, definition: Definition, answer: DelphiAnswer, opinions: Mapping[tuple[str, str], str]
) -> None:
    """Put the answers into the questionnaire that was just made."""
    everything = (*definition.groups, *definition.rated)
    called = {(BETWEEN.join(g.tables), g.own_name): g for g in everything}
    names = {(g.name, i.name): i.key for g in everything for i in g.items}
    by_group = {a.group: a for a in answer.allocations}
    for form, column in (
        (h.FIRST_LEVEL_ALLOCATION, "权重"), (h.SECOND_LEVEL_ALLOCATION, "权重"), (h.RATING, "重要性"),
    ):  # fmt: skip
        if form.title not in book.sheetnames:
            continue
        sheet: Worksheet = book[form.title]
        top, places = _headings(sheet)
        for row in range(top + 1, sheet.max_row + 1):
            category = str(sheet.cell(row, places["一级指标"]).value or "")
            name = str(sheet.cell(row, places["二级指标"]).value or "") if "二级指标" in places else ""
            tables = str(sheet.cell(row, places[h.TABLE]).value or "") if h.TABLE in places else ""
            group = called.get((tables, category if name else FIRST_LEVEL))
            if group is None:
                continue
            key = names.get((group.name, name), "") if name else category
            if form is h.RATING:
                value, said = answer.ratings.get(group.rated(key)), answer.suggestions.get(group.rated(key))
            else:
                own = by_group.get(group.name)
                value = own.weights.get(key) if own else None
                said = opinions.get((group.name, key))
            if value is not None:
                cell_at(sheet, row, places[column]).value = int(value) if value.is_integer() else value
            if said:
                put(cell_at(sheet, row, places["修改意见" if form is h.RATING else "意见"]), said)


def _headings(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    for row in range(1, _HEADING_ROWS + 1):
        found = {str(c.value): c.column for c in sheet[row] if c.value is not None}
        if "一级指标" in found and len(found) > 1:
            return row, found
    raise ValueError(f"sheet {sheet.title} has no headings")


def export(owner: Panel, taken: Snapshot, codes: Mapping[str, str], experts: tuple[Expert, ...]) -> Exported:
    """Write a closed round into the project folder, with the frozen stopping rule and the self-assessments.

    A file that is there already stays as it is, under whatever name: also when another file of the folder carries the
    same expert's code.

    Raises OutputError: the folder cannot be written.
    """
    root = Path(owner.folder)
    if not (root / h.PROJECT_FILE).is_file():
        raise OutputError(root, OSError("项目文件夹不在原处；请用“下载”取得文件"))
    target, keeper = root / folder_of(taken), Keeper(root)
    present = _present(target)
    written, kept, notes = [], [], []
    for code, name, data in workbooks(owner.definition, taken, codes, _project_id(root)):
        shown = f"{folder_of(taken)}/{name}"
        if h.key(code) in present:
            kept.append(f"{folder_of(taken)}/{present[h.key(code)]}")
        elif keeper.add(shown, data):
            written.append(shown)
        else:
            kept.append(shown)
    notes += _record_rule(owner, root, taken)
    if any(e.familiarity for e in experts):
        with keeper.stage() as stage:
            path = stage.folder / "专家咨询" / ASSESSMENT_FILE
            _assessments(path, experts)
        written.append(stage.landed(path).relative_to(root).as_posix())
        notes += [f.message for f in stage.findings]
        notes.append("权威程度自评随各工作簿的“专家”表一并导出，不会写入 项目.xlsx；“专家组”表已填的以该表为准。")
    return Exported(tuple(written), tuple(kept), tuple(notes))


def _project_id(root: Path) -> str:
    """Number of the project in its record of questionnaires; empty where none can be read."""
    try:
        return known_record(root).project_id
    except RecordError:
        return ""


def _present(folder: Path) -> dict[str, str]:
    """Codes in the workbooks that are there, with their file names."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.xlsx")) if folder.is_dir() else ():
        if path.name.startswith(h.LOCK_PREFIX):
            continue
        code: str | None = path.stem
        with suppress(OpeningError, OSError):  # whose it is cannot be read: its name must do
            code = read_expert(read_workbook(read_bytes(path, inside=folder), path.name), path.stem, (), {}, Report())
        found[h.key(code or path.stem)] = path.name
    return found


def _record_rule(owner: Panel, root: Path, taken: Snapshot) -> list[str]:
    """Put the frozen rule on record where there is none; another one there is left and reported."""
    if taken.round.instrument is Instrument.PAIRWISE or owner.frozen_at is None:
        return []
    if kind_of(root / RECORD_FILE, root) is not None:
        try:
            there = read_frozen_rule(read_bytes(root / RECORD_FILE, inside=root))
        except OpeningError:
            return [f"{RECORD_FILE} 不能读取，未改动。"]
        if there.sha256 != owner.rule_sha256:
            said = f"{RECORD_FILE} 已有另一条停止规则（{there.sha256[:12]}…）"
            return [f"{said}，与本征询冻结的（{owner.rule_sha256[:12]}…）不同，未改动。"]
        return []
    try:
        freeze(root, owner.rule, in_words(owner.rule), date.fromtimestamp(owner.frozen_at), 1)
    except RecordError as error:
        return [str(error)]
    return [f"冻结的停止规则已写入 {RECORD_FILE}。"]


def _assessments(path: Path, experts: tuple[Expert, ...]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "专家组"
    for column, text in enumerate(("专家代号", *BASES, "熟悉程度"), start=1):
        put(cell_at(sheet, 1, column), text)
    for row, e in enumerate(experts, start=2):
        for column, text in enumerate(
            (e.code, e.practice, e.theory, e.literature, e.intuition, e.familiarity), start=1
        ):
            put(cell_at(sheet, row, column), text)
    save(book, path, title="权威程度自评")


def archive(owner: Panel, taken: Snapshot, codes: Mapping[str, str]) -> bytes:
    """The workbooks of a round in one zip file, to be unpacked into a project folder."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for _, name, data in workbooks(owner.definition, taken, codes, _project_id(Path(owner.folder))):
            # a fixed day: an export carries no time of answering
            packed.writestr(zipfile.ZipInfo(f"{folder_of(taken)}/{name}", (1980, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def as_json(owner: Panel, taken: Snapshot, codes: Mapping[str, str]) -> str:
    """A round as JSON: definition, rules, answers by code; no times of answering, no pseudonyms."""
    answers = [
        {
            "expert": codes[p],
            "channel": str(taken.channels[p]),
            "answers": _named(owner.definition, taken, taken.answers[p]),
            "comments": {
                name: text
                for name, item in zip(("whole", "proposed"), items.COMMENTS, strict=True)
                if (text := taken.answers[p].get(item))
            },
        }
        for p in codes
        if p in taken.answers
    ]
    content = {
        "format": 1, "panel": owner.title, "track": taken.round.track, "round": taken.round.number,
        "instrument": str(taken.round.instrument), "asked": len(taken.members), "valid": len(taken.answers),
        "definition": json.loads(owner.definition.canonical_json()), "definition_sha256": owner.definition_sha256,
        "stopping_rule": json.loads(owner.rule.canonical_json()), "stopping_rule_sha256": owner.rule_sha256,
        "snapshot_sha256": taken.sha256, "experts": answers,
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1)


def _named(definition: Definition, taken: Snapshot, values: Mapping[str, str]) -> dict[str, object]:
    instrument = taken.round.instrument
    if instrument is Instrument.PAIRWISE:
        found = converting.judgement_matrices(definition, "", values)
        return {
            m.group: {
                "labels": list(m.labels),
                "matrix": [[None if x != x else x for x in row] for row in m.values.tolist()],
            }
            for m in found
        }
    answer = converting.delphi_answer(definition, instrument, "", values)
    if instrument is Instrument.RATING:
        return {"ratings": dict(answer.ratings), "opinions": dict(answer.suggestions)}
    weights = {a.group: dict(a.weights) for a in answer.allocations}
    opinions = {a.group: dict(a.opinions) for a in answer.allocations}
    for (name, key), said in _opinions(taken, definition, values).items():
        opinions.setdefault(name, {})[key] = said
    return {name: {"weights": weights.get(name, {}), "opinions": said} for name, said in opinions.items()}
