"""The questionnaires that came back: which files lie in the folders, whose they are, what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound, Expert, JudgementMatrix, Remark
from drafting.model.identity import name_key
from drafting.model.revisions import MATRICES, RATING_ROUND, ROUND
from drafting.project.entries import Entries
from drafting.project.issue_record import IssueRecord
from drafting.workbook import headings as h
from drafting.workbook.many import Tick, read_workbooks
from drafting.workbook.opening import OpeningError
from drafting.workbook.project.reading import ProjectWorkbook
from drafting.workbook.questionnaires import identity as marks
from drafting.workbook.questionnaires.answers import members_of, rated_of, read_expert
from drafting.workbook.questionnaires.beside import name_unread
from drafting.workbook.questionnaires.checking import Expected, check_identity
from drafting.workbook.questionnaires.delphi_answers import DelphiReader
from drafting.workbook.questionnaires.identity import Identity, Renaming, read_identity
from drafting.workbook.questionnaires.judgements import read_judgements
from drafting.workbook.questionnaires.remarks import assessed, read_assessment, read_remarks
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook

_SPREADSHEETS = {".xls", ".et", ".ett", ".ods", ".wps", ".wpt", ".xlsm", ".xlsb", ".xltx", ".xlt", ".csv", ".numbers"}
_OF_THE_SYSTEM = {".ds_store", "thumbs.db", "desktop.ini", ".gitkeep"}
_ENOUGH = 8
"""Answers from which equal questionnaires are unlikely to be a coincidence."""


@dataclass(frozen=True, slots=True)
class AnswerFiles:
    """How files are read: the project folder, its entries, where findings go, how bytes are read and remembered."""

    folder: Path
    entries: Entries
    report: Report
    read: Callable[[Path], bytes | None]
    tick: Tick
    parallel: bool

    def name(self, path: Path) -> str:
        """A path as findings name it."""
        return path.relative_to(self.folder).as_posix()


@dataclass(slots=True)
class Returned:
    """What came back, as far as it could be used."""

    experts: tuple[Expert, ...]
    judgements: tuple[JudgementMatrix, ...] = ()
    delphi: tuple[DelphiRound, ...] = ()
    ratings: tuple[DelphiRound, ...] = ()
    remarks: tuple[Remark, ...] = ()
    unusable: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    sent: frozenset[str] = frozenset()


_CALLED = {marks.WEIGHTS: ROUND, marks.RATINGS: RATING_ROUND}


def read_returned(source: AnswerFiles, project: ProjectWorkbook, record: IssueRecord) -> Returned:
    """Read 判断矩阵/, 德尔菲/第N轮/ and 重要性评分/第N轮/.

    ``record``: the questionnaires that were sent out; an empty record where none is known.
    """
    return _Reader(source, project, record).read()


class _Reader:
    def __init__(self, source: AnswerFiles, project: ProjectWorkbook, record: IssueRecord) -> None:
        self._source, self._project, self._record = source, project, record
        self._report = source.report
        self._groups, self._rated = members_of(project.asked), rated_of(project.asked)
        self._panel = {name_key(e.code): e.code for e in project.experts}
        self._unusable: dict[str, list[str]] = {}
        self._remarks: list[Remark] = []
        self._assessments: dict[str, dict[str, str]] = {}
        self._first: dict[bytes, str] = {}

    def read(self) -> Returned:
        judgements = self._judgements()
        ratings = self._rounds(h.RATING_FOLDER)
        weighed = self._rounds(h.DELPHI_FOLDER)
        delphi = {n: _part(answers, "allocations") for n, answers in weighed.items()}
        rated = {n: DelphiRound(n, _part(answers, "ratings")) for n, answers in ratings.items()}
        for number, answers in weighed.items():
            old = _part(answers, "ratings")
            if old and number in rated:
                folder = f"{h.DELPHI_FOLDER}/{h.ROUND_FOLDER.format(number=number)}"
                self._report.add("rating-round-twice", Cell(folder), number=number, folder=folder)
            elif old:
                rated[number] = DelphiRound(number, old, ROUND.format(number=number))
        return Returned(
            self._experts(),
            judgements,
            tuple(DelphiRound(n, delphi[n]) for n in sorted(delphi) if delphi[n]),
            tuple(rated[n] for n in sorted(rated) if rated[n].answers),
            tuple(self._remarks),
            MappingProxyType({name: tuple(dict.fromkeys(codes)) for name, codes in self._unusable.items()}),
            frozenset(
                _CALLED[i.instrument].format(number=i.round) for i in self._record.issues if i.instrument in _CALLED
            ),
        )

    # --- judgement matrices ---------------------------------------------------------------------------------------
    def _judgements(self) -> tuple[JudgementMatrix, ...]:
        found: dict[str, tuple[JudgementMatrix, ...]] = {}
        places: dict[str, Cell] = {}
        expected = self._expected(frozenset({marks.MATRICES}), 1, MATRICES)
        for path, book in self._books(self._source.folder / h.JUDGEMENT_FOLDER, MATRICES):
            with self._report.about(Cell(self._source.name(path))):
                whose = self._whose(path, book, places, expected, MATRICES)
                if whose is None or book is None:
                    continue
                expert, identity, changed = whose
                renaming = Renaming(identity, self._groups) if identity is not None else None
                wanted = frozenset(self._asked(expert, MATRICES))
                own = read_judgements(book, expert, self._groups, wanted, self._report, renaming, changed)
                self._settle(book, expert, MATRICES, renaming, usable=bool(own))
                if own:
                    found[expert] = own
        self._equal(
            places, {e: [(m.group, m.labels, str(m.values.tolist())) for m in of] for e, of in found.items()},
            {e: sum(m.values.size - len(m.labels) for m in of) // 2 for e, of in found.items()},
        )  # fmt: skip
        return tuple(m for of in found.values() for m in of)

    # --- rounds ---------------------------------------------------------------------------------------------------
    def _rounds(self, parent: str) -> Mapping[int, tuple[DelphiAnswer, ...]]:
        folder = self._source.folder / parent
        rounds: dict[int, tuple[DelphiAnswer, ...]] = {}
        present: set[int] = set()
        for path in self._source.entries.listed(folder):
            name = self._source.name(path)
            if not self._source.entries.is_folder(path):
                if not _passed_over(path) and path.is_file():
                    self._report.add("answers-outside-round", Cell(name), file=name, folder=parent)
                continue
            number = h.round_number(path.name)
            if number is None or number in rounds:
                self._report.add("delphi-folder", Cell(name), folder=name)
                continue
            rounds[number] = self._round(path, number, rated=parent == h.RATING_FOLDER)
            if any(not _passed_over(p) for p in self._source.entries.listed(path)):
                present.add(number)
        held = sorted(present)
        missing = [str(n) for n in range(1, held[-1] if held else 1) if n not in held]
        if missing:
            self._report.add(
                "rounds-gap", Cell(parent), folder=parent, last=held[-1], missing="、".join(missing), count=len(held)
            )
        return rounds

    def _round(self, folder: Path, number: int, *, rated: bool) -> tuple[DelphiAnswer, ...]:
        instrument = (RATING_ROUND if rated else ROUND).format(number=number)
        instruments = frozenset({marks.RATINGS} if rated else {marks.RATINGS, marks.WEIGHTS})
        expected = self._expected(instruments, number, instrument)
        reader = DelphiReader(
            self._project.system, number, self._project.settings.rating_scale, self._report,
            "rating" if rated else "delphi", asked=self._project.asked if self._project.tables else (),
        )  # fmt: skip
        places: dict[bool, dict[str, Cell]] = {}
        answers: list[DelphiAnswer] = []
        for path, book in self._books(folder, instrument):
            rating = book is not None and book.sheet(h.RATING.title) is not None
            if rated and book is not None and not rating:
                self._report.add("answers-other-instrument", book.place)
                self._lost(path, instrument)
                continue
            with self._report.about(Cell(self._source.name(path))):
                whose = self._whose(path, book, places.setdefault(rating, {}), expected, instrument)
                if whose is None or book is None:
                    continue
                expert, identity, changed = whose
                known = self._rated if rating else self._groups
                renaming = Renaming(identity, known) if identity is not None else None
                beside: list[tuple[str, Cell]] = []
                answer = replace(reader, renaming=renaming, beside=beside, changed=changed).read(book, expert)
                self._settle(book, expert, instrument, renaming, beside, usable=answer is not None)
                if answer is not None:
                    answers.append(answer)
        self._equal(
            {e: place for of in places.values() for e, place in of.items()},
            {a.expert: [_plain(a)] for a in answers},
            {a.expert: len(a.ratings) + sum(len(x.weights) for x in a.allocations) for a in answers},
        )
        return tuple(answers)

    # --- files ----------------------------------------------------------------------------------------------------
    def _books(self, folder: Path, instrument: str) -> Iterator[tuple[Path, Workbook | None]]:
        """Read the workbooks of a folder in order, None (with a finding) for one that cannot be; name all else."""
        held: list[tuple[Path, bytes]] = []
        for path in self._source.entries.listed(folder):
            if path.suffix.lower() != ".xlsx":
                self._name_other(path, instrument)
            elif not path.name.startswith(h.LOCK_PREFIX):
                data = self._source.read(path)
                if data is None:
                    self._lost(path, instrument)
                else:
                    held.append((path, data))
        named = [(self._source.name(path), data) for path, data in held]
        read = read_workbooks(named, parallel=self._source.parallel, tick=self._source.tick)
        for (path, data), result in zip(held, read, strict=True):
            name = self._source.name(path)
            first = self._first.setdefault(data, name)
            if isinstance(result, OpeningError):
                self._report.add(result.code, Cell(name), **result.values)
                self._lost(path, instrument)
            elif Path(first).parent != Path(name).parent and read_identity(result) is None:
                # with an identity the file itself says where it belongs
                self._report.add("questionnaire-same-file", Cell(name), first=first)
                self._lost(path, instrument)
            else:
                self._report.name_strange(result.sheets)
                name_unread(result, self._report)
                yield path, result

    def _name_other(self, path: Path, instrument: str) -> None:
        name = self._source.name(path)
        if _passed_over(path):
            return
        if self._source.entries.is_folder(path):
            count = sum(1 for p in path.rglob("*") if p.is_file())
            if count:
                self._report.add("answers-subfolder", Cell(name), folder=name, count=count)
        elif path.suffix.lower() in _SPREADSHEETS:
            self._report.add("answers-wrong-format", Cell(name), file=path.name, suffix=path.suffix)
            self._lost(path, instrument)
        elif path.is_file():
            self._report.add("answers-not-a-workbook", Cell(name), file=path.name)
            self._lost(path, instrument)

    def _lost(self, path: Path, instrument: str) -> None:
        """Remember who did return something, as far as the file's name tells."""
        code = self._panel.get(name_key(path.stem))
        if code is not None:
            self._unusable.setdefault(instrument, []).append(code)

    def _whose(
        self, path: Path, book: Workbook | None, seen: dict[str, Cell], expected: Expected, instrument: str
    ) -> tuple[str, Identity | None, frozenset[str]] | None:
        """Tell whose questionnaire it is, what it says it is, and the groups that have changed since.

        None where it may not count.
        """
        if book is None or not self._project.whole:
            return None
        identity = read_identity(book)
        known = dict(seen)
        expert = read_expert(book, path.stem, self._project.experts, known, self._report)
        changed: frozenset[str] | None = None
        if expert is not None:
            own = replace(expected, asked=self._asked(expert, identity.instrument if identity is not None else ""))
            changed = check_identity(book, identity, expert, own, self._report)
        if expert is None or changed is None:
            self._lost(path, instrument)
            return None
        seen[expert] = known[expert]
        return expert, identity, changed

    def _asked(self, expert: str, instrument: str) -> Mapping[str, Mapping[str, str]]:
        """What an expert is asked now: of several tables the groups of the expert's own."""
        tables = next((e.tables for e in self._project.experts if e.code == expert), ())
        rated = instrument == marks.RATINGS
        own = {a.name for a in self._project.asked if (not a.tables or a.concerns(tables)) and (rated or a.open)}
        return {g: m for g, m in (self._rated if rated else self._groups).items() if g in own}

    def _expected(self, instruments: frozenset[str], number: int, name: str) -> Expected:
        record = self._record
        return Expected(
            instruments, number, self._project.document.title, record.project_id,
            marked=any(record.all_marked(i, number) for i in instruments), latest=record.latest,
            scale=record.scale,
        )  # fmt: skip

    def _settle(
        self, book: Workbook, expert: str, instrument: str, renaming: Renaming | None,
        beside: Sequence[tuple[str, Cell]] = (), *, usable: bool,
    ) -> None:  # fmt: skip
        """Read what stands beside the answers, and say which items were called otherwise."""
        self._remarks += read_remarks(book, expert, instrument, self._report, beside)
        for word, chosen in read_assessment(book, self._report).items():
            self._assessments.setdefault(expert, {})[word] = chosen
        if not usable:
            self._unusable.setdefault(instrument, []).append(expert)
        if renaming is not None and renaming.renamed:
            words = "；".join(f"“{old}”现名“{new}”" for old, new in renaming.renamed.items())
            self._report.add("items-renamed", book.place, renamed=words)
        if renaming is not None and renaming.removed:
            names = "、".join(f"“{name}”" for name in renaming.removed)
            self._report.add("items-removed", book.place, names=names)

    def _experts(self) -> tuple[Expert, ...]:
        """The panel with the self-assessments that the committee has not typed; where both are, the sheet counts."""
        found: list[Expert] = []
        for expert in self._project.experts:
            new, differs = assessed(expert, self._assessments.get(expert.code, {}))
            for word, (says, typed) in differs.items():
                place = self._report.cells.get(("expert", str(len(found)), word), Cell(h.PROJECT_FILE, h.EXPERTS.title))
                self._report.add("assessment-differs", place, expert=expert.code, what=word, says=says, typed=typed)
            found.append(replace(expert, **new))  # type: ignore[arg-type]  # fields of words only
        return tuple(found)

    def _equal(self, places: Mapping[str, Cell], answers: Mapping[str, object], counts: Mapping[str, int]) -> None:
        """Point out experts who answered everything alike: one file may have been handed in under two codes."""
        alike: dict[str, list[str]] = {}
        for expert, of in answers.items():
            if counts[expert] >= _ENOUGH:
                alike.setdefault(repr(of), []).append(expert)
        for codes in alike.values():
            if len(codes) > 1:
                self._report.add("questionnaire-same-answers", places[codes[-1]], codes="、".join(codes))


def _passed_over(path: Path) -> bool:
    """Lock files, which the reader names elsewhere, and files that an operating system leaves in folders."""
    return path.name.startswith(h.LOCK_PREFIX) or path.name.lower() in _OF_THE_SYSTEM


def _plain(answer: DelphiAnswer) -> object:
    weights = [(a.group, sorted(a.weights.items()), sorted(a.opinions.items())) for a in answer.allocations]
    return weights, sorted(answer.ratings.items()), sorted(answer.suggestions.items())


def _part(answers: tuple[DelphiAnswer, ...], what: str) -> tuple[DelphiAnswer, ...]:
    """The answers of one instrument alone."""
    nothing: tuple[Allocation, ...] = ()
    if what == "allocations":
        return tuple(DelphiAnswer(a.expert, a.allocations) for a in answers if a.allocations)
    return tuple(DelphiAnswer(a.expert, nothing, a.ratings, a.suggestions) for a in answers if a.ratings)
