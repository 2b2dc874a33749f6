"""A project folder: what is read from where."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from drafting.evaluation.draft import Draft
from drafting.files import readable
from drafting.findings import Cell, Finding, Provenance, Severity
from drafting.inside import kind_of
from drafting.isolation.readers import READERS
from drafting.keeping.pending import pending
from drafting.model.experts import FrozenRule
from drafting.model.inputs import Inputs
from drafting.model.revisions import Answers, answers_of
from drafting.model.settings import Settings
from drafting.model.survey import Survey
from drafting.model.tables import IndicatorTable
from drafting.project import issue_record, recorded_answers
from drafting.project.entries import Entries
from drafting.project.in_place import filled_in_place
from drafting.project.issue_record import IssueRecord
from drafting.project.location import project_folder
from drafting.project.returned import AnswerFiles, Returned, read_returned
from drafting.project.stopping_record import RECORD_FILE, read_frozen_rule
from drafting.project.strays import strays
from drafting.project.surveyed import SURVEY_LIMITS, SurveyReader
from drafting.workbook import headings as h
from drafting.workbook.many import Tick, silent
from drafting.workbook.opening import LIMITS, RECORD_LIMITS, Limits, OpeningError, read_bytes
from drafting.workbook.project.reading import ProjectWorkbook, read_project_workbook
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheets import Workbook, read_workbook
from drafting.workbook.survey.assembly import build_survey
from drafting.workbook.survey.by_table import read_tables_survey, table_rules
from drafting.workbook.survey.files import read_survey_table
from drafting.workbook.survey.rules import SurveyRules
from drafting.workbook.survey.ways import Way

BY_SIZE = Way()
LoadedSurvey = tuple[Survey | None, Provenance, tuple[Finding, ...]]
"""A survey, the cells of its values (places name files without their folder), what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder as read: inputs as far as they could be understood, and everything that is wrong with them."""

    folder: Path
    inputs: Inputs | None
    """None only when 项目.xlsx itself cannot be read."""
    provenance: Provenance = field(default_factory=Provenance)
    findings: tuple[Finding, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """SHA-256 of every file that was read, by its path in the folder."""
    skipped: tuple[str, ...] = ()
    """Files that were passed over, such as Excel's lock files."""
    unsure: frozenset[str] = frozenset()
    """Codes of indicators whose direction could not be read: their values cannot be judged."""
    whole: bool = True
    """Whether the indicators could be read."""


def load_project(
    folder: Path | str, *, tick: Tick = silent, parallel: bool = False, survey: bool = True, way: Way = BY_SIZE
) -> Project:
    """Read a project folder.

    Nothing is written and nothing raises for what stands in the folder: whatever is wrong is a finding.

    Parameters
    ----------
    folder
        The folder that holds 项目.xlsx; the path of that file (or of 调研数据) means the same.
    tick
        Called after each questionnaire that was read, with the number done and the number to do in its folder.
    parallel
        Whether many questionnaires are read in other processes, see :func:`drafting.workbook.many.read_workbooks`.
    survey
        Whether 调研数据 is read.
    way
        Whether it is loaded, or stays on disk.

    Raises
    ------
    NoProjectError
        When there is no such folder.
    """
    path = project_folder(Path(folder))
    if not path.is_dir():
        raise NoProjectError(path)
    return _Loader(path, tick, parallel, way if survey else None).load()


def load_survey(file: Path | str, inputs: Inputs) -> LoadedSurvey:
    """Read a survey file anywhere against the indicators and settings of a project.

    ``file``: laid out like 调研数据; .xlsx, .csv or .parquet.
    ``inputs``: of the project; its exclusions (剔除) apply to enterprises of the same name.
    Places name the file without its folder.
    """
    path = Path(file)
    return _survey_of(lambda: read_bytes(path, SURVEY_LIMITS), path.name, inputs)


def load_survey_text(text: str, name: str, inputs: Inputs) -> LoadedSurvey:
    """Read a survey that a program holds as the text of a .csv; like :func:`load_survey`."""
    return _survey_of(lambda: text.encode("utf-8"), name, inputs)


def _survey_of(content: Callable[[], bytes], name: str, inputs: Inputs) -> LoadedSurvey:
    report = Report()
    rules = SurveyRules(
        inputs.system, inputs.settings, inputs.exclusions, survey_of_project=False, output_unit=inputs.output_unit
    )
    survey = None
    with report.about(Cell(name)):
        table = read_survey_table(content(), name, inputs.system, report)
        survey = build_survey(table, rules, report) if table is not None else None
    return survey, report.provenance(), tuple(report.findings)


def load_tables_survey(
    file: Path | str, inputs: Inputs
) -> tuple[Mapping[str, Survey | None], Provenance, tuple[Finding, ...]]:
    """Read a survey file against the tables of a project that has several; like :func:`load_survey`, table by table."""
    report, path = Report(), Path(file)
    rules = SurveyRules(inputs.system, inputs.settings, inputs.exclusions, survey_of_project=False)
    surveys: Mapping[str, Survey | None] = {}
    with report.about(Cell(path.name)):
        data = read_bytes(path, SURVEY_LIMITS)
        surveys = read_tables_survey(data, path.name, table_rules(inputs.tables, rules), inputs.system, report)
    return surveys, report.provenance(), tuple(report.findings)


def load_assessments(files: Sequence[Path], inputs: Inputs, draft: Draft) -> LoadedSurvey:
    """Read filled-in self-assessment workbooks as one survey; like :func:`load_survey`."""
    from drafting.workbook.assessment.reading import read_forms
    from drafting.workbook.assessment.reading_tables import by_row

    report = Report()
    # An enterprise does not know by what the survey says that a value is missing: its -99 is a number here and there.
    settings = replace(inputs.settings, missing_codes="")
    rules = SurveyRules(by_row(inputs.system), settings, inputs.exclusions, survey_of_project=False)
    table = read_forms(files, draft, report, settings.class_score)
    survey = build_survey(table, rules, report) if table is not None else None
    if table is not None:
        table.settle(report)
    return survey, report.provenance(), tuple(report.findings)


class NoProjectError(ValueError):
    """The folder does not exist, or is no folder.

    Attributes
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        says = f"{folder} 是文件；请给出 项目.xlsx 所在的文件夹，如 {folder.parent}"
        super().__init__(says if folder.exists() else f"项目文件夹不存在：{folder}")
        self.folder = folder


AHP, DELPHI, COMBINED = "层次分析法", "专家咨询法", "组合"


def _methods(settings: Settings) -> set[str]:
    method = settings.weight_method
    return {m for m in (AHP, DELPHI) if m in settings.combination_methods} if method == COMBINED else {method}


def _open_groups(project: ProjectWorkbook) -> frozenset[str]:
    """Groups whose weights experts are asked for, as their sheets are called."""
    return frozenset(a.name for a in project.asked if a.open)


def _any_in(files: set[str], folder: str) -> bool:
    return any(f.startswith(folder + "/") for f in files)


class _Loader:
    def __init__(self, folder: Path, tick: Tick, parallel: bool, way: Way | None) -> None:
        self._folder, self._tick, self._parallel = folder, tick, parallel
        self._way = way
        self._report = Report()
        self._entries = Entries(folder, self._report)
        self._files: dict[str, str] = {}
        self._skipped: list[str] = []
        self._unsure: frozenset[str] = frozenset()
        self._whole = True

    def load(self) -> Project:
        inputs = self._inputs()
        if READERS.missing:
            self._report.add("reader-missing", Cell(h.PROJECT_FILE), reason=READERS.missing)
        return Project(
            folder=self._folder, inputs=inputs, provenance=self._report.provenance(),
            findings=tuple(self._report.findings), files=MappingProxyType(self._files), skipped=tuple(self._skipped),
            unsure=self._unsure, whole=self._whole,
        )  # fmt: skip

    def _inputs(self) -> Inputs | None:
        self._note_open_files()
        self._entries.note_unusable()
        book = self._project_workbook()
        self._report.findings += (*strays(self._folder), *pending(self._folder))
        project = None
        if book is not None:
            with self._report.about(Cell(h.PROJECT_FILE)):
                project = read_project_workbook(book, self._report)
        if project is None:
            return None
        self._unsure, self._whole = project.unsure, project.whole
        back = self._returned(project)
        survey, tables = self._surveyed(project)
        self._report.findings += filled_in_place(self._folder, frozenset(self._files.values()))
        self._note_missing(project, back)
        return Inputs(
            document=project.document, settings=project.settings, system=project.system, policies=project.policies,
            references=project.references, terms=project.terms, experts=back.experts, exclusions=project.exclusions,
            judgements=back.judgements, delphi=back.delphi, survey=survey, frozen_rule=self._frozen_rule(),
            answer_record=self._answer_record(back), process=project.process, ratings=back.ratings,
            remarks=back.remarks, unusable=back.unusable, monitoring=project.monitoring,
            symbol_units=project.symbol_units, tables=tables, sent=back.sent, earlier=self._earlier(project),
        )  # fmt: skip

    def _earlier(self, project: ProjectWorkbook) -> Inputs | None:
        """Read the edition that is revised; what is wrong with it is said once."""
        path = self._folder / h.EARLIER_FOLDER / h.PROJECT_FILE
        data = self._bytes(path) if self._entries.stands(path) else None
        if data is None:
            return None
        name, own, read = self._name(path), Report(), None
        with own.about(Cell(name)):
            read = read_project_workbook(read_workbook(data, name), own)
        # How an enterprise with several tables is judged is the draft's to say: both editions are joined by its rule.
        errors = [f for f in own.findings if f.severity is Severity.ERROR and f.code != "combination-missing"]
        if errors or read is None:
            self._report.add("earlier-wrong", Cell(name), count=len(errors), first=errors[0].message)
        if not project.document.replaces:
            self._report.add("earlier-not-replaced", self._report.cells.get(("info", "代替文件"), Cell(h.PROJECT_FILE)))
        return None if read is None else Inputs(read.document, read.settings, read.system, tables=read.tables)

    def _returned(self, project: ProjectWorkbook) -> Returned:
        """Read the experts' questionnaires, held against the record of those that were sent out."""
        record = IssueRecord()
        path = self._folder / issue_record.RECORD_FILE
        try:
            if self._entries.stands(path):
                record = issue_record.read_issue_record(read_bytes(path, RECORD_LIMITS, self._folder))
        except (OpeningError, ValueError):
            self._report.add("questionnaire-record-unreadable", Cell(issue_record.RECORD_FILE))
        source = AnswerFiles(self._folder, self._entries, self._report, self._bytes, self._tick, self._parallel)
        return read_returned(source, project, record)

    def _frozen_rule(self) -> FrozenRule | None:
        """Read the stopping rule that was put on record before round 1."""
        path = self._folder / RECORD_FILE
        data = self._bytes(path, RECORD_LIMITS) if self._entries.stands(path) else None
        if data is None:
            return None
        self._report.cells["stopping-rule",] = Cell(RECORD_FILE)
        with self._report.about(Cell(RECORD_FILE)):
            return read_frozen_rule(data)
        return None

    def _answer_record(self, back: Returned) -> tuple[Answers, ...] | None:
        """Read the versions of the experts' answers; a record of what was read, and so none of the hashed inputs."""
        path = self._folder / recorded_answers.RECORD_FILE
        if not self._entries.stands(path):
            return ()
        place = Cell(recorded_answers.RECORD_FILE)
        try:
            kept = recorded_answers.read_answer_record(read_bytes(path, RECORD_LIMITS, self._folder))
        except (OpeningError, ValueError):
            self._report.add("answers-record-unreadable", place)
            return None
        named = {*self._files, *(f.place.file for f in self._report.findings)}
        now = tuple(answers_of(back.judgements, back.delphi, back.ratings))
        self._report.findings += recorded_answers.withdrawn(kept, now, named)
        return kept

    def _note_missing(self, project: ProjectWorkbook, back: Returned) -> None:
        """Say which runs are not made yet; nothing where files are there but could not be read."""
        needed = _methods(project.settings)
        open_groups = _open_groups(project)
        files = set(self._files) | {f.place.file for f in self._report.findings}
        if AHP in needed and open_groups and not back.judgements and not _any_in(files, h.JUDGEMENT_FOLDER):
            self._report.add("judgements-missing", Cell(h.JUDGEMENT_FOLDER))
        weighed = back.delphi or back.ratings
        if DELPHI in needed and open_groups and not weighed and not _any_in(files, h.DELPHI_FOLDER):
            self._report.add("delphi-missing", Cell(h.DELPHI_FOLDER))

    def _surveyed(self, project: ProjectWorkbook) -> tuple[Survey | None, tuple[IndicatorTable, ...]]:
        if self._way is None:
            return None, project.tables
        reader = SurveyReader(self._folder, self._entries, self._report, self._bytes, project, self._parallel)
        found = reader.read(self._way)
        self._files.update(reader.digests)
        return found

    def _note_open_files(self) -> None:
        for path in sorted(self._folder.rglob(h.LOCK_PREFIX + "*")):
            name = readable(self._name(path))
            if name.split("/")[0] not in (h.RESULT_FOLDER, h.RECORD_FOLDER) and kind_of(path, self._folder) == "file":
                self._skipped.append(name)
                self._report.add("file-open", Cell(name), file=name.replace(h.LOCK_PREFIX, "", 1))

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _project_workbook(self) -> Workbook | None:
        path = self._folder / h.PROJECT_FILE
        if not self._entries.stands(path):
            others = [self._name(p) for p in self._entries.workbooks(self._folder)]
            meant = nearest(h.PROJECT_FILE, others)
            hint = f"“{meant}”是否应改名为 {h.PROJECT_FILE}？" if meant else ""
            self._report.add("project-file-missing", Cell(h.PROJECT_FILE), suggestion=hint)
            return None
        return self._workbook(path)

    def _workbook(self, path: Path) -> Workbook | None:
        data = self._bytes(path)
        if data is None:
            return None
        with self._report.about(Cell(self._name(path))):
            book = read_workbook(data, self._name(path))
            self._report.name_strange(book.sheets)
            return book
        return None

    def _bytes(self, path: Path, limits: Limits = LIMITS) -> bytes | None:
        """Read a file of the folder, remembering its hash; None with a finding when that is impossible."""
        name = self._name(path)
        try:
            data = read_bytes(path, limits, self._folder)
        except OpeningError as fault:
            self._report.add(fault.code, Cell(name), **fault.values)
            return None
        self._files[name] = hashlib.sha256(data).hexdigest()
        return data
