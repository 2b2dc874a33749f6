"""Forms for people, with the indicators of a project: 调研数据, 企业调查表, 征求意见表."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drafting.files import file_stem
from drafting.model.survey import UNGROUPED
from drafting.workbook.headings import (
    COMMENT_FORM,
    COMMENTS,
    ENTERPRISE_FOLDER,
    ENTERPRISE_FORM,
    SURVEY_STEM,
    sheet_title,
)

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.model.inputs import Inputs
    from drafting.project.folder import Project

FOLDER = "表单"
"""Folder of 成果/ that the forms are written into."""
BY_TOTALS = "填总量"
"""Name of the form that asks for totals in place of the indicators that they give."""
_MOST_STRATA = 8


@dataclass(frozen=True, slots=True)
class Form:
    """A form that can be sent out."""

    name: str
    """Its file name."""
    slot: str
    """Where it comes back: ``survey``, ``forms`` or ``opinions``."""
    write: Callable[[Path], object]
    """Writes it to a path."""

    def content(self) -> bytes:
        """Give the file's bytes."""
        with TemporaryDirectory() as scratch:
            made = Path(scratch) / self.name
            self.write(made)
            return made.read_bytes()


def forms_of(inputs: Inputs) -> tuple[Form, ...]:
    """Give the forms of a project: 企业调查表 once for every table of the standard, also by 分组 and by totals.

    By 分组 where the survey names some; by totals where all quantities of a formula have their units (符号单位).
    """
    from drafting.render.opinions import opinion_form_docx
    from drafting.workbook.enterprise.form import totals_of, write_enterprise_form
    from drafting.workbook.opinions.form import write_form
    from drafting.workbook.survey.form import write_blank_survey

    title = inputs.document.title
    word = partial(opinion_form_docx, name=COMMENT_FORM, columns=COMMENTS.texts)
    systems = {t.key: t.system for t in inputs.tables} or {"": inputs.system}
    asked = []
    for key, system in systems.items():
        write = partial(write_enterprise_form, system=system, title=title, table=key)
        variants = [("", write), *((stratum, partial(write, stratum=stratum)) for stratum in _strata(inputs, key))]
        if totals_of(system, inputs.symbol_units):
            variants.append((BY_TOTALS, partial(write, units=inputs.symbol_units)))
        for which, form in variants:
            parts = [sheet_title(key)] if key else []
            of = "，".join([*parts, file_stem(which, "分组")] if which else parts)
            asked.append(Form(f"{ENTERPRISE_FORM}{f'（{of}）' if of else ''}.xlsx", "forms", form))
    return (
        Form(f"{SURVEY_STEM}.xlsx", "survey", partial(write_blank_survey, systems=systems)),
        *asked,
        Form(f"{COMMENT_FORM}.xlsx", "opinions", partial(write_form, title=title)),
        Form(f"{COMMENT_FORM}.docx", "opinions", partial(word, title=title)),
    )


def _strata(inputs: Inputs, table: str) -> tuple[str, ...]:
    """The strata that the survey of a table names; none where it has too many for forms of their own."""
    surveys = (one.survey for one in inputs.slices if one.table == table)
    labels = next((s.labels for s in surveys if s is not None), None)
    names = sorted(n for n in labels.words if n != UNGROUPED) if labels is not None else []
    return tuple(names) if 1 < len(names) <= _MOST_STRATA else ()


def write_forms(project: Project) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """Write the forms into 成果/表单/; nothing where 项目.xlsx cannot be read.

    Raises drafting.files.OutputError if they cannot be written.

    Returns where they stand, and what there is to say about it: a form that somebody filled in there is kept.
    """
    from drafting.keeping import Keeper, basis_of

    if project.inputs is None:
        return (), ()
    with Keeper(project.folder).stage(basis_of(project.files)) as stage:
        made = [stage.folder / FOLDER / form.name for form in forms_of(project.inputs)]
        for form, path in zip(forms_of(project.inputs), made, strict=True):
            form.write(path)
    return tuple(map(stage.landed, made)), tuple(stage.findings)


def start_project(folder: Path) -> tuple[Path, ...]:
    """Write an empty project with its forms: 项目.xlsx and 调研数据.xlsx to fill in, the others to send out.

    Raises FileExistsError if there is a 项目.xlsx already: inputs are never replaced; drafting.files.OutputError if the
    folder cannot be written.

    Returns what was written, 项目.xlsx first.
    """
    from drafting.keeping import Keeper
    from drafting.project.examples import new_project
    from drafting.project.folder import load_project

    path = new_project(folder)
    keeper = Keeper(folder)
    keeper.folders(ENTERPRISE_FOLDER)
    files, _ = write_forms(load_project(folder))
    survey = next((f for f in files if f.name == f"{SURVEY_STEM}.xlsx"), None)
    if survey is None or not keeper.add(survey.name, survey.read_bytes()):
        return path, *files
    return path, folder / survey.name, *files


def form_named(inputs: Inputs, name: str) -> Form | None:
    """The form of a name; None if there is none."""
    return next((form for form in forms_of(inputs) if form.name == name), None)


def names_by_slot(inputs: Inputs) -> Mapping[str, tuple[str, ...]]:
    """Names of the forms by where they come back."""
    found: dict[str, tuple[str, ...]] = {}
    for form in forms_of(inputs):
        found[form.slot] = (*found.get(form.slot, ()), form.name)
    return found
