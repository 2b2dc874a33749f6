"""
Mutated workbooks: one change to one sheet of a sound project, and what must hold of the project then.

* nothing raises, whatever the change;
* a published figure that changed is explained: by a finding that the sound project does not have or – where a cell was
  changed, not the sheet's order, looks or names – by a cell that the figure's provenance names, its column in the
  survey, its row in 二级指标, or a setting.

Run ``python -m tests.drafting.mutating 10000`` for many (``--seed``, ``--base``); the tests draw a sample. Workbooks
are read in this process, what the sound project's files say and its panel's uncertainty are remembered, and each
mutation is tried in a forked worker that throws away what it changed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import pickle
import random
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl

from drafting.analysis.weights import ahp, delphi
from drafting.isolation.worker import TASKS
from drafting.pipeline.running import run_project
from drafting.record.results import record, sources
from drafting.run import Run
from drafting.workbook.contents import asking
from tests.drafting import mutated_projects as projects
from tests.drafting.conftest import write_right_project
from tests.drafting.mutations import CHANGES, Places

Figures = dict[tuple[str, ...], str]

_TOLD = 200
"""Mutations after which the script says how many there were."""


def figures_of(run: Run) -> Figures:
    """Published figures: weights, baselines with the share that reaches them."""
    found: Figures = {}
    weights, baselines = run.results.weights, run.results.baselines
    if weights is not None:
        for w in weights.first_level.weights:
            found["weight", w.key] = str(w.published)
        for group in weights.second_level:
            for w in group.weights:
                found["weight", group.group, w.key] = str(w.published)
    for one in (*baselines.indicators, *baselines.strata) if baselines is not None else ():
        for grade, level in one.by_grade.items():
            found["level", one.code, grade.value, one.stratum] = f"{level.bound.format()} {level.share}"
    return found


@dataclass
class Base:
    """A sound project, read once."""

    folder: Path
    run: Run = field(init=False)
    answers: dict[bytes, Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        with self.remembering():
            self.run = run_project(self.folder)
            record(self.run)
        self.figures = figures_of(self.run)
        self.findings = {_words(f) for f in self.run.findings}
        self.files = sorted(
            p.relative_to(self.folder).as_posix()
            for p in self.folder.rglob("*.xlsx")
            if not {"成果", "记录"} & set(p.relative_to(self.folder).parts)
        )

        self.contents = {name: (self.folder / name).read_bytes() for name in self.files}
        self.books = {name: self._book(name) for name in self.files} if hasattr(os, "fork") else {}

    def _book(self, name: str) -> Any:
        return openpyxl.load_workbook(io.BytesIO(self.contents[name]))

    def book(self, name: str) -> Any:
        """A workbook to be changed: the one in memory, which a worker has a copy of, or one read anew."""
        return self.books.get(name) or self._book(name)

    @contextlib.contextmanager
    def remembering(self) -> Iterator[None]:
        """Read in this process, and do nothing twice with the same bytes and numbers."""

        def asked(task: str, data: bytes, options: Mapping[str, object], *, slow: bool = False) -> bytes:
            module, _, name = TASKS[task].partition(":")
            work = getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name)
            answer: bytes = self._once(hashlib.sha256(data).digest() + task.encode(), lambda: work(data, options))
            return answer

        with contextlib.ExitStack() as patches:
            patches.enter_context(patch.object(asking, "asked", asked))
            for module, name in ((ahp, "of_judgements"), (delphi, "of_allocations")):
                patches.enter_context(patch.object(module, name, self._remembered(getattr(module, name))))
            yield

    def _remembered(self, work: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: self._once(pickle.dumps(given), lambda: work(*given))

    def _once(self, key: bytes, work: Callable[[], Any]) -> Any:
        if key not in self.answers:
            self.answers[key] = work()
        return self.answers[key]


def _words(finding: Any) -> tuple[str, str, str, str, str]:
    return (finding.code, finding.place.file, finding.place.sheet, finding.place.cell, finding.message)


@dataclass(frozen=True)
class Fault:
    """A mutation after which something did not hold."""

    what: str
    file: str
    change: str
    seed: int
    detail: str
    content: bytes = field(repr=False)


def mutate(base: Base, seed: int) -> tuple[str, str, bytes, Places | None]:
    """The mutation of a number: file, kind of change, new content, cells changed in place."""
    rng = random.Random(seed)
    weights = [6 if name == "项目.xlsx" else 6 if name == "调研数据.xlsx" else 1 for name in base.files]
    name = rng.choices(base.files, weights)[0]
    book = base.book(name)
    sheet = rng.choice(book.worksheets)
    change = rng.choice(CHANGES)
    cells = change(rng, book, sheet)
    target = io.BytesIO()
    book.save(target)
    return name, change.__name__, target.getvalue(), cells


def try_one(base: Base, work: Path, seed: int) -> Fault | None:
    """Make one mutation in a copy of the project; the copy is whole again afterwards."""
    try:
        name, kind, content, cells = mutate(base, seed)
    except (ValueError, AttributeError, TypeError):
        return None  # openpyxl cannot make it
    (work / name).write_bytes(content)
    try:
        with base.remembering():
            run = run_project(work)
            record(run)
    except Exception as error:  # the very thing that is looked for
        at = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
        return Fault("raised", name, kind, seed, detail, content)
    finally:
        (work / name).write_bytes(base.contents[name])
    told = [f for f in run.findings if _words(f) not in base.findings]
    if told:
        return None
    after = figures_of(run)
    changed = [k for k in {*base.figures, *after} if base.figures.get(k) != after.get(k)]
    unexplained = [k for k in changed if not _named(base, run, name, cells, k)]
    if not unexplained:
        return None
    key = unexplained[0]
    where = sorted(cells)[:3] if cells else "order, looks or names"
    detail = f"{'·'.join(key)}: {base.figures.get(key)} -> {after.get(key)} (of {len(unexplained)}); changed {where}"
    return Fault("silent", name, kind, seed, detail, content)


def _named(base: Base, run: Run, file: str, cells: Places | None, key: tuple[str, ...]) -> bool:
    """Whether a figure's provenance names one of the cells that were changed in place."""
    if cells is None:
        return False
    if any(sheet == "方法设置" for sheet, _ in cells):
        before, after = base.run.project.inputs, run.project.inputs
        return before is not None and after is not None and before.settings != after.settings
    return any(cell in _areas(made, file, key) for made in (base.run, run) for cell in cells)


class _Area:
    """Columns of the survey, rows of 二级指标 and single cells that a figure rests on."""

    def __init__(self) -> None:
        self.cells: Places = set()
        self.columns: Places = set()
        self.rows: set[tuple[str, int]] = set()
        self.sheets: set[str] = set()

    def __contains__(self, cell: tuple[str, str]) -> bool:
        sheet, address = cell
        match = re.fullmatch(r"([A-Z]+)(\d+)", address)
        assert match
        return (
            cell in self.cells or (sheet, match[1]) in self.columns or (sheet, int(match[2])) in self.rows
            or sheet in self.sheets
        )  # fmt: skip


def _areas(run: Run, file: str, key: tuple[str, ...]) -> _Area:
    area = _Area()
    for named in sources(run).get(key[:3], ()):
        parts = named.split("·")
        if parts[0] == file and len(parts) > 1:
            if file == "项目.xlsx":
                area.cells.add((parts[1], parts[-1]))
            else:
                area.sheets.add(parts[1])  # a questionnaire's sheet; the survey's is narrowed below
    where, inputs = run.project.provenance, run.project.inputs
    if inputs is None:
        return area
    code = key[1] if key[0] == "level" else key[-1]
    if file == "调研数据.xlsx":
        area.sheets.clear()
        own = {code, "企业", "分组", "权数", "年份", "单位"}
        if inputs.survey is not None and code in inputs.survey.derivations:
            own |= set(inputs.survey.derivations[code].totals.values())
        for word in own if key[0] == "level" else ():
            place = where.find("survey", word)
            if place is not None and place.cell:
                area.columns.add((place.sheet, re.sub(r"\d", "", place.cell)))
    elif file == "项目.xlsx":
        place = where.find("indicator", code) if key[0] == "level" or len(key) == 3 else where.find("category", code)
        if place is not None and place.cell:
            area.rows.add((place.sheet, int(re.sub(r"\D", "", place.cell))))
    return area


def faults(base: Base, seeds: range) -> Iterator[Fault]:
    """Everything that does not hold for the mutations of these numbers."""
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "项目"
        shutil.copytree(base.folder, work, ignore=shutil.ignore_patterns("成果"))
        for seed in seeds:
            fault = _in_worker(partial(try_one, base, work, seed)) if base.books else try_one(base, work, seed)
            if fault is not None:
                yield fault


def _in_worker(work: Callable[[], Fault | None]) -> Fault | None:
    """What a forked process finds; what it changed in memory is gone with it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(ours)
            with open(theirs, "wb") as stream:
                pickle.dump(work(), stream)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(theirs)
    with open(ours, "rb") as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"a worker ended with status {status}")
    found: Fault | None = pickle.loads(said)
    return found


def say(*words: object) -> None:
    """Write a line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def sound(root: Path) -> list[Path]:
    """Projects to be mutated: weights given, by Delphi and by judgement matrices with a survey and comments."""
    write_right_project(root / "right")
    projects.comments(root / "right")
    return [projects.given(root / "given"), projects.delphi(root / "delphi"), root / "right"]


def main(arguments: list[str]) -> int:
    """Try many mutations, shared among the projects given (small sound ones by default); keep workbooks at fault."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--base", type=Path, action="append")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args(arguments)
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        folders = asked.base or sound(Path(scratch))
        tried = 0
        for number, folder in enumerate(folders):
            share = asked.count // len(folders) + (number < asked.count % len(folders))
            base = Base(folder)
            for start in range(asked.seed, asked.seed + share, _TOLD):
                seeds = range(start, min(start + _TOLD, asked.seed + share))
                for fault in faults(base, seeds):
                    seen[fault.what] += 1
                    say(folder.name, fault.seed, fault.what, fault.file, fault.change, fault.detail)
                    if asked.keep:
                        asked.keep.mkdir(parents=True, exist_ok=True)
                        (asked.keep / f"{folder.name}-{fault.seed}.xlsx").write_bytes(fault.content)
                tried += len(seeds)
                say(f"{tried} tried, {dict(seen) or 'no faults'}")
    return int(bool(seen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
