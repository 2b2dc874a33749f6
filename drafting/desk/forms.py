"""Forms for people, with the indicators of a project: 调研数据, 企业调查表, 征求意见表."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drafting.workbook.headings import COMMENT_FORM, COMMENTS, ENTERPRISE_FORM, SURVEY_STEM, sheet_title

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.model.inputs import Inputs
    from drafting.project.folder import Project

FOLDER = "表单"
"""Folder of 成果/ that the forms are written into."""


@dataclass(frozen=True, slots=True)
class Form:
    """
    A form that can be sent out.

    Attributes
    ----------
    name : str
        Its file name.
    slot : str
        Where it comes back: ``survey``, ``forms`` or ``opinions``.
    write : callable
        Writes it to a path.
    """

    name: str
    slot: str
    write: Callable[[Path], object]

    def content(self) -> bytes:
        """Give the file's bytes."""
        with TemporaryDirectory() as scratch:
            made = Path(scratch) / self.name
            self.write(made)
            return made.read_bytes()


def forms_of(inputs: Inputs) -> tuple[Form, ...]:
    """Give the forms of a project: 企业调查表 once for every table of the standard."""
    from drafting.render.opinions import opinion_form_docx
    from drafting.workbook.enterprise.form import write_enterprise_form
    from drafting.workbook.opinions.form import write_form
    from drafting.workbook.survey.form import write_blank_survey

    title = inputs.document.title
    word = partial(opinion_form_docx, name=COMMENT_FORM, columns=COMMENTS.texts)
    systems = {t.key: t.system for t in inputs.tables} or {"": inputs.system}
    asked = [
        Form(
            f"{ENTERPRISE_FORM}{f'（{sheet_title(key)}）' if key else ''}.xlsx", "forms",
            partial(write_enterprise_form, system=system, title=title, table=key),
        )
        for key, system in systems.items()
    ]  # fmt: skip
    return (
        Form(f"{SURVEY_STEM}.xlsx", "survey", partial(write_blank_survey, systems=systems)),
        *asked,
        Form(f"{COMMENT_FORM}.xlsx", "opinions", partial(write_form, title=title)),
        Form(f"{COMMENT_FORM}.docx", "opinions", partial(word, title=title)),
    )


def write_forms(project: Project) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """
    Write the forms into 成果/表单/; nothing where 项目.xlsx cannot be read.

    Returns
    -------
    files, findings
        Where they stand, and what there is to say about it: a form that somebody filled in there is kept.

    Raises
    ------
    drafting.files.OutputError
        If they cannot be written.
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
    """
    Write an empty project with its forms: 项目.xlsx and 调研数据.xlsx to fill in, the others to send out.

    Returns
    -------
    tuple of Path
        What was written, 项目.xlsx first.

    Raises
    ------
    FileExistsError
        If there is a 项目.xlsx already: inputs are never replaced.
    drafting.files.OutputError
        If the folder cannot be written.
    """
    from drafting.keeping import Keeper
    from drafting.project.examples import new_project
    from drafting.project.folder import load_project
    from drafting.workbook.headings import ENTERPRISE_FOLDER

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
