"""Who may know whom: the directions of docs/architecture.md, held by a walk over every import."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("weighting", "baselines", "drafting")
MOST_LINES = 400
MOST_TRAFFIC = 40
MOST_POSITIONAL = 7
MOST_EQUAL = 12
"""Tripwires: lines of one file, rooms that know a module times rooms that it knows, arguments told by their order,
lines that two rooms share."""

CORES = {"weighting", "baselines"}
DOMAIN = {"model", "findings", "standard", "rulebooks", "evaluation", "resources", "catalogue", "industries",
          "notation", "words"}  # fmt: skip
APPLICATION = {"analysis", "rules", "workbook", "document"}
EDGES = {
    "__init__", "__main__", "archives", "changes", "charts", "cli", "desk", "earlier", "files", "fonts", "inside",
    "isolation", "keeping", "opinions", "panel", "pipeline", "project", "public", "publishing", "progress", "recall",
    "run", "record", "render", "verification", "web", "workbench",
}  # fmt: skip
# Rooms of drafting -> rooms of drafting that they may import.
MAY_IMPORT: dict[str, set[str]] = {
    "model": {"model", "notation"},
    "resources": set(),
    "words": set(),
    "standard": {"model", "resources", "standard"},
    "catalogue": {"model", "resources", "standard"},
    "industries": {"model", "resources", "standard", "files"},
    # What cells say: parse_bound stays importable from the model, which therefore asks the grammar when it is called.
    "notation": {"model", "notation", "resources"},
    "findings": {"findings"},
    "rulebooks": {"model", "resources", "standard"},
    "evaluation": {"model", "notation", "standard", "rulebooks", "evaluation"},
    "analysis": {*DOMAIN, "analysis"},
    "rules": {*DOMAIN, "rules", "document"},
    "isolation": {"isolation", "files"},
    "workbook": {*DOMAIN, "workbook", "archives", "files", "inside", "isolation"},
    "document": {*DOMAIN, "document", "inside", "recall"},
    "render": {*DOMAIN, "document", "render", "archives", "files", "charts", "fonts", "inside", "isolation", "recall"},
    "record": {*DOMAIN, "files", "record", "run"},  # computes nothing
    "verification": {*DOMAIN, "analysis", "record", "verification", "inside"},
    "charts": {"model", "charts", "files", "words", "resources", "fonts", "recall"},
    "archives": set(),
    "recall": set(),
    "fonts": set(),
    "desk": {
        *DOMAIN,
        *APPLICATION,
        "desk",
        "archives",
        "recall",
        "files",
        "inside",
        "isolation",
        "run",
        "pipeline",
        "keeping",
        "progress",
        "project",
        "publishing",
        "record",  # how a project stands on each clause
        "render",
        "changes",
    },
    # An earlier edition: read like a workbook of strangers, written as a new project.
    "earlier": {*DOMAIN, "archives", "workbook", "earlier", "render", "isolation", "keeping"},
    "project": {*DOMAIN, "workbook", "project", "files", "inside", "keeping", "isolation"},
    "inside": set(),
    "files": set(),
    "keeping": {"archives", "findings", "files", "inside", "keeping"},
    "web": {"web"},
    # Pages only: it asks the desk, and keeps by the keeper.
    "workbench": {
        "workbench",
        "web",
        "desk",
        "findings",
        "words",
        "resources",
        "files",
        "inside",
        "run",
        "keeping",
        "progress",
        "project",
        "workbook",
        "model",
        "analysis",
        "charts",
        "opinions",
        "earlier",
        "panel",  # the rounds of a project, in its own application
    },
    "progress": set(),
    # What a run found, and the runs themselves; ``evaluation`` is domain: Appendix D is asked for wherever it is told.
    "run": {*DOMAIN, "files", "project"},
    "pipeline": {
        *DOMAIN, *APPLICATION, "pipeline", "changes", "files", "keeping", "opinions", "progress", "project",
        "publishing", "recall", "record", "render", "run",
    },
    "publishing": {
        *DOMAIN, "document", "workbook", "archives", "changes", "charts", "desk", "files", "inside", "keeping",
        "opinions", "pipeline", "project", "publishing", "record", "render", "run",
    },
    "changes": {
        *DOMAIN, "workbook", "changes", "files", "keeping", "opinions", "pipeline", "publishing", "render", "run",
    },
    "opinions": {*DOMAIN, "document", "workbook", "earlier", "files", "keeping", "project", "render"},
    "public": {*DOMAIN, "analysis", "pipeline", "project", "publishing", "run"},
    "panel": {*DOMAIN, "analysis", "workbook", "files", "inside", "keeping", "panel", "project", "web"},
    "cli": {*DOMAIN, *APPLICATION, *EDGES},  # commands may ask everybody
    "__main__": {"cli"},
    "__init__": set(),
}  # fmt: skip
# Computing that is asked for where something is written, and what for.
COMPUTING_IN_PUBLISHING = {
    "drafting.publishing.pictures": "drafting.analysis.baselines.pictures",  # the samples that are drawn
    "drafting.publishing.public_edition": "drafting.analysis.weights.opinions",  # which opinions may be printed
}


@cache
def modules() -> dict[str, Path]:
    """All modules of the three packages by dotted name."""
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def syntax(name: str) -> ast.Module:
    """The parsed module."""
    return ast.parse(modules()[name].read_text("utf-8"))


def named_by(node: ast.Import | ast.ImportFrom, name: str) -> set[str]:
    """Modules that one import statement of module ``name`` names."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    base = node.module or ""
    if node.level:
        package = name.split(".") if modules()[name].name == "__init__.py" else name.split(".")[:-1]
        base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
    return {f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in node.names}


def imports_of(name: str) -> set[str]:
    """Modules of this project that a module imports, also inside functions (not those for type checking only)."""
    return {
        m
        for n in statements(syntax(name).body)
        if isinstance(n, ast.Import | ast.ImportFrom)
        for m in named_by(n, name)
        if m.split(".")[0] in PACKAGES
    }


def statements(body: list[ast.AST]) -> Iterator[ast.AST]:
    """Statements and those within them; an import cannot stand in an expression, so these are not looked into."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in {name_of(n) for n in ast.walk(node.test)}:
            continue
        yield node
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from statements(getattr(node, block, []))


def name_of(node: ast.AST) -> str:
    """The name that a piece of an expression reads, if it does."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@cache
def graph() -> dict[str, set[str]]:
    """What every module imports; not at import of this file, which happens wherever any test is collected."""
    return {name: imports_of(name) for name in modules()}


def room(name: str) -> str:
    """Room of a module: the second part of ``drafting.X.…``, or the package itself."""
    parts = name.split(".")
    return parts[0] if parts[0] != "drafting" else (parts[1] if len(parts) > 1 else "__init__")


@pytest.mark.parametrize("core", sorted(CORES))
def test_cores_are_strangers_to_everything(core: str) -> None:
    for name, imported in graph().items():
        if room(name) == core:
            assert {room(m) for m in imported} <= {core}, name


def test_cores_do_no_input_or_output() -> None:
    system = {"os", "pathlib", "io", "socket", "subprocess", "tempfile", "shutil", "urllib"}
    forbidden = {*system, "time", "datetime", "random"}
    for name in modules():
        if room(name) in CORES and ".engines" not in name:
            tree = syntax(name)
            imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import)]
            froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level]
            used = {a.name.split(".")[0] for n in imports for a in n.names}
            used |= {(n.module or "").split(".")[0] for n in froms}
            assert not used & forbidden, (name, used & forbidden)
            calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            assert not calls & {"open", "print", "input", "eval", "exec"}, name


@pytest.mark.parametrize("name", sorted(n for n in modules() if n.startswith("drafting")))
def test_rooms_know_only_what_they_may(name: str) -> None:
    allowed = set(MAY_IMPORT[room(name)])
    if room(name) in {"analysis", "verification", "document", "workbook"}:
        # document: RI tables and rounding as printed; workbook: the scale, live CR, the exact mean of years
        allowed |= CORES
    if room(name) in {"model", "pipeline", "cli"}:
        allowed |= {"baselines"}  # the states of a survey's entries; the engines and their errors
    if room(name) in {"workbook", "project", "pipeline", "panel"}:
        allowed |= {"weighting"}  # the scale and the live CR of questionnaires, feedback, the rule and its hash
    asked = COMPUTING_IN_PUBLISHING.get(name)
    strangers = {m for m in graph()[name] if room(m) not in allowed | {"__init__"} and m != asked}
    assert not strangers, f"{name} imports {sorted(strangers)}"


def test_the_second_opinion_repeats_no_core() -> None:
    """What it computes is written anew: it knows numpy, values without a method and where differences are collected."""
    opinion = "drafting.verification.opinion"
    values = {"drafting.verification.verdict", "drafting.record.schema", "drafting.model.terms",
              "drafting.model.weight_details"}  # fmt: skip
    for name in (n for n in modules() if n.startswith(opinion)):
        strangers = {m for m in graph()[name] if not m.startswith(opinion) and m not in values}
        assert not strangers - {"drafting", "drafting.verification"}, (name, strangers)


def test_the_desk_serves_screens_and_pages_alike() -> None:
    """What is asked there knows neither HTTP nor terminal."""
    for name in (n for n in modules() if room(n) == "desk"):
        nodes = [n for n in ast.walk(syntax(name)) if isinstance(n, ast.Import | ast.ImportFrom)]
        used = {(n.module or "") if isinstance(n, ast.ImportFrom) else n.names[0].name for n in nodes}
        assert not {u.split(".")[0] for u in used} & {"click", "http", "starlette", "uvicorn", "jinja2", "socket"}, name


def test_the_workbench_knows_the_panel_and_nobody_the_workbench() -> None:
    """Nothing but its command imports the workbench: the panel runs without it. What a start loads knows no panel."""
    for name, imported in graph().items():
        rooms = {room(m) for m in imported}
        if "workbench" in rooms:
            assert room(name) == "workbench" or name == "drafting.cli.commands.workbench", name
        if room(name) == "workbench" and name not in ("drafting.workbench.inside", "drafting.workbench.house"):
            assert "panel" not in {room(m) for m in top_level_imports(name)}, name


def test_every_room_is_known() -> None:
    rooms = {room(n) for n in graph() if n.startswith("drafting")}
    assert rooms == DOMAIN | APPLICATION | EDGES
    assert MAY_IMPORT.keys() == rooms, "every room has a rule"


def test_there_are_no_circles() -> None:
    state: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if state.get(name) == 2:
            return
        assert state.get(name) != 1, " -> ".join((*trail, name))
        state[name] = 1
        for other in top_level_imports(name):
            visit(other, (*trail, name))
        state[name] = 2

    for name in graph():
        visit(name, ())


def top_level_imports(name: str) -> set[str]:
    """Imports at module level, which run when the module is imported (lazy ones inside functions do not)."""
    statements = (n for n in syntax(name).body if isinstance(n, ast.Import | ast.ImportFrom))
    return {m for n in statements for m in named_by(n, name) if m in modules() and m != name}


@pytest.mark.parametrize("name", sorted(modules()))
def test_files_stay_readable(name: str) -> None:
    lines = len(modules()[name].read_text("utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name} has {lines} lines: is there a seam?"


def test_no_module_is_a_hub() -> None:
    """Rooms that know a module times rooms that it knows: siblings and the many thin commands count once."""
    importers: dict[str, set[str]] = defaultdict(set)
    for name, imported in graph().items():
        for other in imported:
            importers[other].add(room(name))
    known = {name: {room(m) for m in imported} - {room(name)} for name, imported in graph().items()}
    traffic = {name: len(importers[name] - {room(name)}) * len(known[name]) for name in graph()}
    busy = {name: count for name, count in traffic.items() if count > MOST_TRAFFIC}
    assert not busy, busy


LISTING = {
    "element": "children of an element of OOXML",
    "head": "titles of a row",
    "Table": "columns of a table of SQLAlchemy",
    "select": "columns of a query",
}
"""Whoever takes as many arguments of one kind as there are: a list, in which no order of parameters can be mistaken."""


def test_no_argument_is_told_by_a_place_that_nobody_counts() -> None:
    """Of calls and of definitions alike; a starred argument counts as one."""
    long: dict[str, list[str]] = defaultdict(list)
    for name in modules():
        for node in ast.walk(syntax(name)):
            if isinstance(node, ast.Call) and len(node.args) > MOST_POSITIONAL:
                long[name_of(node.func)].append(f"{name}:{node.lineno}")
            elif isinstance(node, ast.arguments):
                assert len(node.posonlyargs) + len(node.args) <= MOST_POSITIONAL, (name, ast.unparse(node))
    assert not {callee: where for callee, where in long.items() if callee not in LISTING}
    assert long.keys() == LISTING.keys(), "an exception that nobody needs"
    for own, of in (("drafting.render.docx.xml", "element"), ("drafting.document.tables", "head")):
        made = next(n for n in syntax(own).body if isinstance(n, ast.FunctionDef) and n.name == of)
        assert made.args.vararg, of


def written_lines(name: str) -> tuple[str, ...]:
    """Lines of a module that say something: no imports, docstrings, comments, blanks, closing brackets."""
    passed: set[int] = set()
    for node in ast.walk(syntax(name)):
        said = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if said or isinstance(node, ast.Import | ast.ImportFrom):
            passed.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    text = modules()[name].read_text("utf-8")
    lines = (line.strip() for number, line in enumerate(text.splitlines(), 1) if number not in passed)
    return tuple(line for line in lines if re.search(r"\w", line) and not line.startswith("#"))


def shared_runs(written: Iterable[tuple[str, Sequence[str]]]) -> dict[str, set[str]]:
    """Runs of more than :data:`MOST_EQUAL` lines that stand in more than one room: the run -> the rooms."""
    rooms: dict[str, set[str]] = defaultdict(set)
    for name, lines in written:
        for start in range(len(lines) - MOST_EQUAL):
            rooms["\n".join(lines[start : start + MOST_EQUAL + 1])].add(room(name))
    return {run: of for run, of in rooms.items() if len(of) > 1}


def test_no_two_rooms_share_more_than_twelve_lines() -> None:
    assert not shared_runs((name, written_lines(name)) for name in modules())
    copied = written_lines("drafting.words")
    assert shared_runs([("drafting.words", copied), ("drafting.desk.copy", copied)]), "a copy would be found"


def test_there_is_no_drawer_for_everything() -> None:
    assert not [n for n in modules() if n.split(".")[-1] in {"utils", "helpers", "misc", "common_utils"}]


LOOSE = {
    "TOML files of our own, typed by who reads them": (
        "catalogue", "render.docx.blueprint", "rulebooks", "rules.words", "standard", "workbook.guide",
        "workbook.vocabulary",
    ),
    "variables and settings of templates": (
        "document.compose", "document.cover", "document.facts", "document.texts", "panel.web.closed",
        "panel.web.expert", "panel.web.organiser_rounds", "panel.web.standing", "panel.web.visit", "workbench.access",
        "workbench.visit",
    ),
    "values by the name of a field or a column": (
        "document.public_inputs", "project.returned", "render.docx.body", "verification.rebuild",
        "workbook.on_disk.store", "workbook.project.settings",
        "workbook.sheet_form", "workbook.survey.stored",
    ),
    "orders to another process, checked there": (
        "desk.building", "desk.jobs", "earlier.word", "isolation.readers", "render.docx.borrowed",
        "workbook.annotate", "workbook.contents.asking", "workbook.contents.task", "workbook.opinions.writing",
    ),
    "placeholders of wordings": ("earlier.telling", "findings.finding", "workbook.opening"),
    "rows of a database, forms of a browser, JSON of others before it is understood": (
        "panel.answering", "panel.database", "panel.definition", "panel.exporting", "panel.lifecycle",
        "project.recorded_answers", "web.logs", "web.shield", "workbook.questionnaires.identity",
    ),
    "a schema that a library makes": ("publishing.package",),
    "what one parser or one arithmetic takes and gives": ("model.expression_tree", "notation.cells_grammar"),
    "what is derived from results, by name": ("desk.memory",),
    "options of the web server": ("cli.commands.workbench",),
}  # fmt: skip
"""Modules with mappings of anything, and why: none of them stands between the results and who prints or verifies."""


def test_mappings_of_anything_stand_at_the_borders_only() -> None:
    found = {n for n in modules() if any(re.search(r"(Mapping|dict)\[str, (object|Any)\]", a) for a in annotations(n))}
    listed = {f"drafting.{name}" for names in LOOSE.values() for name in names}
    assert {n for n in found if n.startswith("drafting.")} == listed


RESULTS = ("model.results", "model.weight_details", "model.consultation", "model.trial_details",
           "model.baseline_details")  # fmt: skip
PRINTERS = ("drafting.analysis.", "drafting.charts.weights", "drafting.charts.trial", "drafting.cli.views",
            "drafting.document.statement.", "drafting.workbench.screens.weights", "drafting.workbench.screens.trial",
            "drafting.workbook.evaluation_results", "drafting.publishing.summary", "drafting.record.",
            "drafting.verification.opinion", "drafting.verification.rerun", "drafting.verification.verify",
            "drafting.verification.figures", "drafting.verification.documents", "drafting.verification.beside",
            "drafting.public", "drafting.panel.results", "drafting.panel.derived",
            "drafting.workbench.screens.")  # fmt: skip


def annotations(name: str) -> Iterator[str]:
    """Every annotation of a module, as it is written."""
    for node in ast.walk(syntax(name)):
        found = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        yield from (ast.unparse(one) for one in found if one is not None)


def test_results_have_a_field_for_every_figure() -> None:
    """What analysis hands to those who print, verify or serve is typed down to its leaves."""
    loose = re.compile(r"\b(Any|object|JSON)\b")
    for name in (f"drafting.{of}" for of in RESULTS):
        classes = [n for n in ast.walk(syntax(name)) if isinstance(n, ast.ClassDef)]
        fields = [f for c in classes for f in c.body if isinstance(f, ast.AnnAssign)]
        assert not [ast.unparse(f) for f in fields if loose.search(ast.unparse(f.annotation))], name
        marks = [ast.unparse(d) for c in classes for d in c.decorator_list]
        assert all("frozen=True" in mark or mark == "runtime_checkable" for mark in marks), name
    for name in (n for n in modules() if n.startswith(PRINTERS)):
        told = [a for a in annotations(name) if re.search(r"(Mapping|dict)\[str, (object|Any)\]", a)]
        assert not told, (name, told)


# Modules that write files at all, and why; whatever goes into a project goes by drafting.keeping. A writer that is
# given a path (a stage of the keeper's, or a path of the caller's) writes it with drafting.files.atomic.
WRITES = {
    "drafting.files": "atomic writing itself",
    "drafting.recall": "the cache of the user, outside every project",
    "drafting.inside": "the keeper's steps within an opened folder",
    "drafting.keeping.keeper": "the keeper",
    "drafting.keeping.lock": "the keeper",
    "drafting.desk.building": "the null device, for what libraries print",
    "drafting.desk.on_request": "what came in to be judged, in the system's place for temporary files",
    "drafting.workbench.hosted": "the folder of projects, for the panel's database beside them",
    "drafting.workbench.screens.projects": "an earlier edition that came in, in the system's place for temporary files",
    "drafting.workbench.serving": "the log and the address of the one that runs, in the person's own place for such",
    "drafting.cli.faults": "the log of a fault, in the system's place for temporary files",
    "drafting.fonts": "fonts for the engines, there",
    "drafting.render.docx.office": "LibreOffice's profile and its input, there",
    "drafting.workbook.on_disk.store": "a prepared survey, in the scratch folder that it is given",
    "drafting.workbook.survey.ways": "the folder of such a table, in the system's place for temporary files",
    "drafting.panel.alone": "the lock of the panel's own database",
    "drafting.panel.database": "the panel's own database",
    "drafting.render.docx.blueprint": "the blueprint that the program ships, made anew by hand",
    "drafting.render.docx.comments": "a draft in the stage that it is given",
    "drafting.render.docx.writer": "for library callers, at a path of theirs",
}
_WRITING = {"write_text", "write_bytes", "mkdir", "makedirs", "unlink", "rmdir", "rename", "renames", "touch", "rmtree",
            "symlink_to", "hardlink_to", "copyfile", "copytree", "copy2", "move", "mkstemp", "mkdtemp"}  # fmt: skip


def writes_of(name: str) -> set[str]:
    """Calls of a module that write files or make and remove entries, but for those to what ``atomic`` gives."""
    given = {
        node.optional_vars.id
        for with_ in ast.walk(syntax(name))
        if isinstance(with_, ast.With)
        for node in with_.items
        if isinstance(node.context_expr, ast.Call)
        and name_of(node.context_expr.func) == "atomic"
        and isinstance(node.optional_vars, ast.Name)
    }
    found = set()
    for call in (n for n in ast.walk(syntax(name)) if isinstance(n, ast.Call)):
        to = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name_of(call.func) in _WRITING and not (isinstance(to, ast.Name) and to.id in given):
            found.add(name_of(call.func))
        modes = [a.value for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Constant)]
        writing = any(isinstance(m, str) and set(m) <= set("rwxabt+") and set(m) & set("wxa+") for m in modes)
        if name_of(call.func) == "open" and writing and not (isinstance(to, ast.Name) and to.id in given):
            found.add("open")
    return found


def test_only_the_keeper_writes_into_a_project() -> None:
    wrote = {name: found for name in modules() if name.startswith("drafting.") and (found := writes_of(name))}
    assert wrote.keys() == WRITES.keys(), {n: f for n, f in wrote.items() if n not in WRITES}


def test_nobody_joins_a_project_folder_with_its_outputs_to_write() -> None:
    """``Run.output`` is for reading what stands there; writers get the folder of a stage."""
    for name in modules():
        if name.startswith(("drafting.cli", "drafting.pipeline", "drafting.publishing", "drafting.changes")):
            calls = [n for n in ast.walk(syntax(name)) if isinstance(n, ast.Call) and "write" in name_of(n.func)]
            passed = [a for c in calls for a in ast.walk(c) if isinstance(a, ast.Attribute) and a.attr == "output"]
            assert not passed, name


def test_tests_are_collected_without_the_extras() -> None:
    """A file imports a package of an extra only below ``importorskip``, its own or that of a conftest."""
    extras = {"openxml_audit", "typst", "pypdf", "duckdb", "pyarrow", "ibis", "pyspark", "markdown_it", "httpx2",
              "starlette", "sqlalchemy", "argon2", "segno", "playwright", "python_redlines"}  # fmt: skip
    root = Path(__file__).parent
    guarded = {path.parent for path in root.rglob("conftest.py") if len(unasked(path)) < len(head_of(path))}
    for path in root.rglob("test_*.py"):
        if guarded & set(path.parents):
            continue
        head = unasked(path)
        names = {node.module or "" for node in head if isinstance(node, ast.ImportFrom)}
        names |= {a.name for node in head if isinstance(node, ast.Import) for a in node.names}
        assert not {name.split(".")[0] for name in names} & extras, path
        sources = [root.parent.joinpath(*name.split(".")).with_suffix(".py") for name in names if "tests." in name]
        assert not [s for s in sources if s.exists() and len(unasked(s)) < len(head_of(s))], path


@cache
def head_of(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text("utf-8")).body


@cache
def unasked(path: Path) -> list[ast.stmt]:
    """What a file does when it is imported, before it first asks for a package."""

    def asks(node: ast.stmt) -> bool:
        here = not isinstance(node, ast.FunctionDef | ast.ClassDef)
        return here and any(isinstance(n, ast.Call) and name_of(n.func) == "importorskip" for n in ast.walk(node))

    return list(takewhile(lambda node: not asks(node), head_of(path)))
