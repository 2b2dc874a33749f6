"""意见汇总处理表: comments of many bodies, merged, ordered by clause, with the committee's decisions kept.

``意见/`` holds what bodies returned, as workbooks or Word forms; ``记录/意见处理.xlsx`` is where the committee decides:
every comment is appended there once and never altered or removed. The table in ``成果/`` is made from both. What a
person decides in that table (either file) or in a form is carried over where the record is still blank. As usual in
practice the table names the bodies that commented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drafting.document.tree import Block, Clause, Document, Formula, Image, Table, TermEntry, walk
from drafting.files import OutputError
from drafting.findings import Cell, Finding, finding
from drafting.keeping import Keeper, standing_of
from drafting.project.entries import Entries
from drafting.workbook import headings as h
from drafting.workbook.limits import WORD_LIMITS
from drafting.workbook.opening import OpeningError, read_bytes
from drafting.workbook.opinions.opinion import Handled, Handling, Opinion, clause_key
from drafting.workbook.opinions.reading import read_handling, read_opinions
from drafting.workbook.opinions.typed import AS_WRITTEN, TABLE, Typed, mark_of, quoted, read_typed
from drafting.workbook.opinions.words import UNDECIDED
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook, read_workbook

HANDLING_FILE = "意见处理.xlsx"
NAME = "意见汇总处理表"
HEADINGS = TABLE.texts
_TABLES = re.compile(rf"{NAME}(?:（新\d*）)?\.(?:xlsx|docx)")
"""The table, and one that was written beside it while it was open or changed."""
WHOLE = ("全文", "总体", "整体", "通篇", "封面", "目次", "标题", "名称", "文件名称", "编制说明", "参考文献")
"""Words for parts that have no number."""


@dataclass(frozen=True, slots=True)
class Collected:
    """All comments in the order of the draft, with counts and findings."""

    rows: tuple[Handled, ...]
    bodies: tuple[str, ...]
    silent: tuple[str, ...]
    new: tuple[Handled, ...]
    """Comments that 记录/意见处理.xlsx does not hold yet."""
    findings: tuple[Finding, ...]
    carried: tuple[Handled, ...] = ()
    """Comments of 记录/意见处理.xlsx that a person decided in the table in 成果/."""
    record: bytes | None = None
    """The handling file as read."""

    @property
    def counts(self) -> dict[str, int]:
        """How many comments have which handling."""
        found = Counter(row.handling.value if row.handling else UNDECIDED for row in self.rows)
        return {word: found[word] for word in (*(h.value for h in Handling), UNDECIDED)}

    def summary(self) -> str:
        """The sentence under the table."""
        parts = "、".join(f"{word} {n} 条" for word, n in self.counts.items())
        silent = f"，另有 {len(self.silent)} 个单位无意见" if self.silent else ""
        return f"共 {len(self.bodies)} 个单位提出意见{silent}；合并后意见 {len(self.rows)} 条：{parts}。"

    def table(self) -> list[tuple[str, ...]]:
        """Rows under :data:`HEADINGS`."""
        return [
            (
                str(row.number), row.opinion.clause, row.opinion.text, row.opinion.proposal, "、".join(row.bodies),
                row.handling.value if row.handling else UNDECIDED, row.reason,
            )
            for row in self.rows
        ]  # fmt: skip


def collect(folder: Path, document: Document | None) -> Collected:
    """Read all comments of a project and what was decided about them; nothing is written.

    ``folder``: the project folder.
    ``document``: the draft that the comments are about, for its clauses; None if it cannot be composed.
    """
    report = Report()
    opinions: list[Opinion] = []
    silent: list[str] = []
    in_forms: list[tuple[Typed, ...]] = []
    entries = Entries(folder, report)
    for path in entries.listed(folder / h.COMMENT_FOLDER):
        suffix = path.suffix.lower()
        if suffix not in h.COMMENT_SUFFIXES or path.name.startswith(h.LOCK_PREFIX):
            continue
        book = _open(path, folder, report)[0] if suffix == ".xlsx" else _form(path, folder, report)
        if book is not None:
            with report.about(book.place):
                found, quiet, typed = read_opinions(book, report)
                opinions += found
                silent += quiet
                in_forms.append(typed)
    known = set(clause_keys(document)) if document is not None else set()
    kept = folder / h.RECORD_FOLDER / HANDLING_FILE
    decided: tuple[Handled, ...] = ()
    data = None
    if entries.stands(kept):
        book, data = _open(kept, folder, report)
        with report.about(Cell(f"{h.RECORD_FOLDER}/{HANDLING_FILE}")):
            decided = read_handling(book, report) if book is not None else ()
    rows, fresh = _merged(opinions, decided)
    carried = {handled.opinion.identity: handled for handled in _carried(folder, rows, in_forms, report)}
    rows = tuple(carried.get(row.opinion.identity, row) for row in rows)
    new = tuple(carried.get(row.opinion.identity, row) for row in fresh)
    ordered = _numbered(rows, document, known)
    known_before = {row.opinion.identity for row in decided}
    old = tuple(handled for identity, handled in carried.items() if identity in known_before)
    findings = [*report.findings, *_findings(ordered, opinions, known, kept)]
    bodies = tuple(dict.fromkeys(b for row in rows for b in row.bodies))
    quiet_bodies = tuple(dict.fromkeys(b for b in silent if b and b not in bodies))
    return Collected(ordered, bodies, quiet_bodies, new, tuple(findings), old, data)


def _open(path: Path, folder: Path, report: Report) -> tuple[Workbook | None, bytes | None]:
    name = path.relative_to(folder).as_posix()
    with report.about(Cell(name)):
        data = read_bytes(path, inside=folder)
        book = read_workbook(data, name)
        report.name_strange(book.sheets)
        report.name_notes(book.sheets, [h.COMMENTS])
        return book, data
    return None, None


def _form(path: Path, folder: Path, report: Report) -> Workbook | None:
    """Read a Word form; one without a table of comments is said."""
    from drafting.earlier.forms import read_form

    name = path.relative_to(folder).as_posix()
    with report.about(Cell(name)):
        book = read_form(read_bytes(path, WORD_LIMITS, folder), name)
        if book.sheets:
            return book
        report.add("comments-no-table", Cell(name))
    return None


def _merged(opinions: list[Opinion], decided: tuple[Handled, ...]) -> tuple[tuple[Handled, ...], tuple[Handled, ...]]:
    """The same comment of several bodies is one row; decisions are found by what was said."""
    rows = {handled.opinion.identity: handled for handled in decided}
    fresh: dict[str, Handled] = {}
    for opinion in opinions:
        same = rows.get(opinion.identity)
        if same is None:
            fresh[opinion.identity] = rows[opinion.identity] = Handled(opinion, (opinion.body,))
        else:
            bodies = same.bodies if opinion.body in same.bodies else (*same.bodies, opinion.body)
            rows[opinion.identity] = replace(same, bodies=bodies)
    return tuple(rows.values()), tuple(rows[identity] for identity in fresh)


def _carried(
    folder: Path, rows: tuple[Handled, ...], in_forms: Sequence[Sequence[Typed]], report: Report
) -> Iterator[Handled]:
    """Comments with what a person decided elsewhere where 意见处理.xlsx says nothing; the rest is said."""
    now = {row.opinion.identity: row for row in rows}
    at = {identity: (row.opinion.place, row.reason_place) for identity, row in now.items()}
    changed: dict[str, Handled] = {}
    for source in (*_typed_in_tables(folder, now, report), *in_forms):
        taken = []
        for typed in source:
            row = now.get(typed.identity)
            if row is None:
                report.add("handling-unmatched", typed.place, part=typed.part, found=typed.words)
                continue
            made = _decided(row, typed)
            if made is None:
                there = at[typed.identity][row.handling is typed.handling]
                kept = quoted(row.handling, row.reason)
                report.add("handling-conflict", typed.place, part=typed.part, found=typed.words, there=there, kept=kept)
            elif made != row:
                now[typed.identity] = changed[typed.identity] = made
                at[typed.identity] = (typed.place, typed.reason_place)
                taken.append(typed.place)
        if taken:
            report.add("handling-carried", taken[0], count=len(taken), file=f"{h.RECORD_FOLDER}/{HANDLING_FILE}")
    yield from changed.values()


def _typed_in_tables(folder: Path, known: Mapping[str, Handled], report: Report) -> Iterator[Sequence[Typed]]:
    """What stands in tables in 成果/ that somebody has saved since they were written."""
    standing = standing_of(folder)
    for name in standing.changed if standing is not None else ():
        if not _TABLES.fullmatch(name):
            continue
        path = folder / h.RESULT_FOLDER / name
        book = _form(path, folder, report) if path.suffix == ".docx" else _open(path, folder, report)[0]
        with report.about(Cell(f"{h.RESULT_FOLDER}/{name}")):
            yield tuple(read_typed(book, known.keys(), report)) if book is not None else ()


def _decided(row: Handled, typed: Typed) -> Handled | None:
    """A comment with what was typed where nothing is decided yet; None where the two say different things."""
    handling = row.handling or typed.handling
    reason = row.reason or typed.reason
    if (typed.handling or handling) is not handling or typed.reason not in ("", reason):
        return None
    if typed.handling is None and row.handling is not None and not typed.reason:
        return None  # a decision was taken out
    return replace(row, handling=handling, reason=reason)


def _numbered(rows: tuple[Handled, ...], document: Document | None, known: set[str]) -> tuple[Handled, ...]:
    """Put the comments into the order of the draft and number them."""
    order = {key: n for n, key in enumerate(clause_keys(document))} if document is not None else {}
    whole = {clause_key(w) for w in WHOLE}

    def position(row: Handled) -> tuple[int, int, str]:
        found = clause_key(row.opinion.clause)
        if found in whole or not found:
            return (0, 0, found)
        return (1, order[found], found) if found in order else (2, 0, found)

    return tuple(
        replace(row, number=n, known=document is None or _known(row.opinion.clause, known))
        for n, row in enumerate(sorted(rows, key=position), 1)
    )


def _known(clause: str, known: set[str]) -> bool:
    return clause_key(clause) in known or clause_key(clause) in {clause_key(w) for w in WHOLE}


def _findings(rows: tuple[Handled, ...], opinions: list[Opinion], known: set[str], kept: Path) -> Iterator[Finding]:
    returned = {o.identity for o in opinions}
    settled = {row.opinion.identity for row in rows if row.handling is not None}
    for opinion in opinions:
        if known and not _known(opinion.clause, known) and opinion.identity not in settled:
            clause = opinion.clause or "（空白）"
            yield finding("comment-clause-unknown", opinion.place, found=clause, body=opinion.body)
    waiting = sum(row.handling is None for row in rows)
    file = f"{h.RECORD_FOLDER}/{HANDLING_FILE}"
    if waiting:
        yield finding("comments-waiting", Cell(file if kept.is_file() else h.COMMENT_FOLDER), count=waiting)
    for row in rows:
        if opinions and row.opinion.identity not in returned:
            clause = row.opinion.clause or "—"
            yield finding("comment-gone", row.opinion.place, part=clause, body="、".join(row.bodies))


def clause_keys(document: Document) -> Iterator[str]:
    """Everything that a comment may name, in the order of the draft: clauses, tables, figures, formulas, annexes."""
    for front in document.front:
        yield clause_key(front.title)
    for chapter in document.chapters:
        yield from (clause_key(chapter.number), clause_key(chapter.title))
        yield from _inside(chapter.children)
    for annex in document.annexes:
        yield from (clause_key(annex.label), annex.letter)
        yield from _inside(annex.children)


def _inside(children: tuple[Block, ...]) -> Iterator[str]:
    for block in walk(children):
        match block:
            case Clause() | TermEntry():
                yield clause_key(block.number)
            case Table() | Image():
                yield clause_key(block.label)
            case Formula() if block.number:
                yield clause_key(f"公式{block.number}")


def record_new(folder: Path, collected: Collected) -> list[Finding]:
    """Append new comments to 记录/意见处理.xlsx; says so where that cannot be done, e.g. as it is open in Excel."""
    from drafting.workbook.opinions.writing import with_new

    def appended(present: bytes | None) -> bytes | None:
        # Whoever wrote meanwhile may have decided, or appended the same comments.
        now = collected if present == collected.record else collect(folder, None)
        if present is not None and now.record is None:
            return None  # a record that cannot be read is not written over
        return with_new(present, now.new, now.carried)

    try:
        Keeper(folder).amend(HANDLING_FILE, appended)
    except OutputError as error:
        reason = error.reason
    except OpeningError as error:
        reason = str(error.values.get("reason", error.code))
    else:
        return []
    return [finding("comments-not-recorded", Cell(f"{h.RECORD_FOLDER}/{HANDLING_FILE}"), reason=reason)]


def decide(folder: Path, identity: str, handling: Handling, reason: str) -> bool:
    """Put a decision about one comment into 记录/意见处理.xlsx, where nothing is decided yet.

    Raises drafting.files.OutputError if the record cannot be written, e.g. as it is open in Excel; OpeningError if what
    stands there cannot be written again.

    Returns false if there is no such comment, or it was decided meanwhile; the decision that stands is never changed.
    """
    from drafting.workbook.opinions.writing import with_new

    def decided(present: bytes | None) -> bytes | None:
        now = collect(folder, None)
        found = next((row for row in now.rows if row.opinion.identity == identity), None)
        if found is None or found.handling is not None or (present is not None and now.record is None):
            return None
        made = replace(found, handling=handling, reason=found.reason or reason)
        fresh = {row.opinion.identity for row in now.new}
        new = tuple(made if row.opinion.identity == identity else row for row in now.new)
        return with_new(present, new, now.carried if identity in fresh else (*now.carried, made))

    return Keeper(folder).amend(HANDLING_FILE, decided)


def write_table(collected: Collected, output: Path) -> list[Path]:
    """Write 意见汇总处理表.docx and .xlsx into a folder.

    Raises drafting.files.OutputError if a file cannot be written.
    """
    from drafting.render.opinions import opinions_docx
    from drafting.workbook.opinions.writing import write_list

    rows = collected.table()
    written = [(row[0], one.opinion.identity, *row[-2:]) for row, one in zip(rows, collected.rows, strict=True)]
    aside = (AS_WRITTEN.title, [AS_WRITTEN.texts, *written])
    marks = [mark_of(*one[1:]) for one in written]
    widths = (6, 12, 48, 36, 24, 10, 36)
    return [
        opinions_docx(output / f"{NAME}.docx", NAME, HEADINGS, rows, marks, collected.summary()),
        write_list(output / f"{NAME}.xlsx", NAME, HEADINGS, rows, widths, (collected.summary(),), aside),
    ]
