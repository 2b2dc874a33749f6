"""SECURITY.md keeps its word: a promise is broken once its protection is gone, and the test notices."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import docx
import pytest

from drafting import files, inside
from drafting.document import bounded, small_samples
from drafting.document import public_inputs as public
from drafting.document.texts import TextError, Texts
from drafting.findings import Provenance
from drafting.isolation import readers
from drafting.isolation.allowance import Allowance
from drafting.keeping import Keeper, ownership, standing_of
from drafting.model.bounds import parse_bound
from drafting.model.results import Baseline, Baselines, IndicatorBaselines, Results
from drafting.model.survey import Exclusion
from drafting.model.terms import BaselineSource, Direction, Grade
from drafting.project import folder as loading
from drafting.project import returned
from drafting.project.folder import Project
from drafting.publishing import overlay, public_edition
from drafting.publishing.publisher import Publisher
from drafting.render.docx import borrowed
from drafting.run import Run
from drafting.verification import RecordError, verify
from drafting.workbook import annotate as copies
from drafting.workbook import cells
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.contents import reading
from drafting.workbook.limits import Limits
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import About
from tests.drafting.document import factory

sys.path.insert(0, str(Path(__file__).parent))
import strange_files
from outputs_scan import acting
from test_outputs import evil_blueprint
from test_strange_contents import acting as acting_workbook
from test_strange_contents import fault

ROOT = Path(__file__).resolve().parents[3]
Patch = pytest.MonkeyPatch


def over_limit(_: Path) -> bool:
    try:
        reading.read_contents(strange_files.many_formats())
    except OpeningError:
        return False
    return True


def raised_by_content(where: Path) -> bool:
    from tests.drafting.conftest import write_right_project

    write_right_project(where / "p")
    real = returned.read_judgements

    def read(book: object, expert: str, *rest: object) -> object:
        raise ZeroDivisionError

    returned.read_judgements = read  # type: ignore[assignment]
    try:
        loading.load_project(where / "p")
    except ZeroDivisionError:
        return True
    finally:
        returned.read_judgements = real
    return False


def copy_acts(where: Path) -> bool:
    path = where / "copy.xlsx"
    told = [["x", "error", "写错了", "改过来", "7", "专家99.xlsx", "Sheet", "A2"]]
    path.write_bytes(copies.task(acting_workbook(), {"title": "标注", "findings": told}))
    assert fault
    return bool(acting(path))


def blueprint_acts(where: Path) -> bool:
    path = where / "made.docx"
    borrowed.opened(evil_blueprint(where / "蓝本.docx")).save(str(path))
    return bool(acting(path))


def hidden_characters_are_read(_: Path) -> bool:
    data = strange_files.with_rows('<row r="9"><c r="A9" t="inlineStr"><is><t>甲\u202e乙</t></is></c></row>'.encode())
    return any("\u202e" in str(value) for row in reading.read_contents(data).sheets[0].rows for value in row)


def name_turns(_: Path) -> bool:
    return "\u202e" in files.file_stem("草案\u202excod", "草案")


def number_is_printed(where: Path) -> bool:
    inputs = factory.inputs(exclusions=(Exclusion("甲厂", "", "电话 13812345678"),))
    run = Run(Project(where, inputs, Provenance()), factory.results(inputs), ())
    return "13812345678" in repr(Publisher(run, quick=True).statement("md"))


def template_goes_on(where: Path) -> bool:
    (where / "scope.j2").write_text("{% for a in 'aaaaaaaaaa' %}" * 5 + "{% set y = 1 %}" + "{% endfor %}" * 5, "utf-8")
    try:
        Texts(where).render("scope", {})
    except TextError:
        return False
    return True


def record_is_computed(where: Path) -> bool:
    (where / "结果.json").write_text('{"format": 3, "share": "1e9999"}', "utf-8")
    try:
        verify(where / "结果.json")
    except RecordError as error:
        return "1e999" not in str(error)
    return True


def reader_knows_a_secret(_: Path) -> bool:
    if not Path("/proc/self/environ").exists():
        pytest.skip("no /proc")
    one = readers.Reader()
    try:
        said = b""
        for _ in range(200):  # until the new program has taken the place of ours
            said = Path(f"/proc/{one._process.pid}/environ").read_bytes()
            if b"OPENBLAS" in said:
                break
            time.sleep(0.02)
        return b"PASSWORD_OF_TEST" in said
    finally:
        one.close()


def limit_of_a_reader(name: str) -> str:
    """A limit that the system holds a reader to while it works: of time (s), memory or files (bytes)."""
    if not Path("/proc/self/limits").exists():
        pytest.skip("no /proc")
    one = readers.Reader()
    try:
        one.ask("csv", "企业,E1\n甲,1\n".encode(), {}, Allowance(5, 500))
        said = Path(f"/proc/{one._process.pid}/limits").read_text("ascii")
        return re.search(rf"^{name} +(\S+)", said, re.M)[1]  # type: ignore[index]  # every limit has a line
    finally:
        one.close()


def reader_takes_what_it_wants(_: Path) -> bool:
    return "unlimited" in (limit_of_a_reader("Max cpu time"), limit_of_a_reader("Max address space"))


def reader_writes(_: Path) -> bool:
    return limit_of_a_reader("Max file size") != "0"


def started_without(patch: Patch, name: str) -> None:
    """Let readers start without one of the things that they give up."""
    begin = f"import drafting.isolation.system_limits as s; s.{name} = lambda *_: None; from drafting.isolation.worker"
    patch.setattr(readers, "_START", readers._START.replace("from drafting.isolation.worker", begin))


def digits_are_read(_: Path) -> bool:
    try:
        return decimal_of("0." + "3" * 5000) is not None
    except CellFaultError:
        return False


def one_enterprise_is_told(_: Path) -> bool:
    level = Baseline(parse_bound("≤12.4"), Decimal("12.4"), 12.3456, 0.5, (11.9876, 12.8765), k=2)
    found = IndicatorBaselines("N1", Direction.SMALLER, BaselineSource.SURVEY, 4, {Grade.I: level})
    run = Run(Project(Path(), None, Provenance()), Results(baselines=Baselines((found,))), ())
    said = repr(public_edition.public_run(run, factory.inputs()))
    return any(value in said for value in ("12.3456", "11.9876", "12.8765"))


def template_is_used(where: Path) -> bool:
    (where / "模板").mkdir()
    (where / "模板" / "scope.j2").write_text("x", "utf-8")
    inputs = factory.inputs(document=factory.document(template_folder="模板"))
    return (
        overlay.find_overlay(Run(Project(where, inputs, Provenance()), factory.results(inputs), ()).project).folder
        is not None
    )


def outsider_comes_in(_: Path) -> bool:
    pytest.importorskip("starlette")
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from drafting.workbench import access

    outsider = access.Person(7, "别处", "x")
    bench = SimpleNamespace(
        served=True, panel=SimpleNamespace(person=lambda *_: outsider), house=SimpleNamespace(url="", title="")
    )

    async def page(_: object) -> PlainTextResponse:
        return PlainTextResponse("inside", 299)

    def refused(*_: object) -> PlainTextResponse:
        return PlainTextResponse("", 404)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "_refusal", refused)
        patch.setattr(access, "_folder", lambda *_: None)
        door = access.guarded(bench, Route("/p/{project}/files", page))  # type: ignore[arg-type]  # all that is asked
        return TestClient(Starlette(routes=[door])).get("/p/x/files").status_code == 299


def link_is_followed(where: Path) -> bool:
    outside, root = where / "别处.txt", where / "项目"
    outside.write_text("别处的秘密", "utf-8")
    root.mkdir()
    (root / "调研数据.csv").symlink_to(outside)
    try:
        with inside.open_regular(root / "调研数据.csv", root) as file:
            return "秘密" in file.read().decode("utf-8")
    except inside.NotRegularError:
        return False


def link_in_the_meantime_is_written_to(where: Path) -> bool:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("folders by descriptor are of Linux")
    root, elsewhere = where / "项目", where / "别处"
    elsewhere.mkdir()
    keeper = Keeper(root)
    keeper.folders("记录")

    def change(_: bytes | None) -> bytes:
        (root / "记录").rename(root / "旧")
        (root / "记录").symlink_to(elsewhere, target_is_directory=True)
        return b"x"

    keeper.amend("意见处理.xlsx", change)
    return any(elsewhere.iterdir())


def long_record_is_parsed(where: Path) -> bool:
    (where / "记录").mkdir()
    sound = b'{"format": 1, "what": "x", "basis": "", "files": {}}'
    (where / "记录" / "成果清单.json").write_bytes(sound + b" " * (files.MOST_RECORD + 1))
    standing = standing_of(where)
    return standing is None or not standing.unreadable


def links_like_files(patch: Patch) -> None:
    patch.setattr(inside.Folder, "kind", lambda *_: "file")
    patch.setattr(inside, "_SAFELY", inside._FLAGS)


def without_limits(patch: Patch) -> None:
    patch.setattr(reading.read_contents, "__defaults__", (Limits(formats=1 << 40, styles=1 << 40),))


PROMISES: dict[str, tuple[Callable[[Path], bool], Callable[[Patch], None]]] = {
    "limits": (over_limit, without_limits),
    "only what lies inside is read": (link_is_followed, links_like_files),
    "writes go into the folder that was looked at": (
        link_in_the_meantime_is_written_to,
        lambda p: p.setattr(inside, "_ANCHORS", Path("/nowhere")),
    ),
    "records are measured before they are parsed": (
        long_record_is_parsed,
        lambda p: p.setattr(ownership, "MOST_RECORD", 1 << 28),
    ),
    "one file is one finding": (raised_by_content, lambda p: p.setattr(About, "__exit__", lambda *_: False)),
    "copies do nothing": (copy_acts, lambda p: p.setattr(copies, "make_inert", lambda _: None)),
    "a blueprint lends looks": (
        blueprint_acts,
        lambda p: p.setattr(borrowed, "opened", lambda path: docx.Document(str(path))),
    ),
    "nothing hidden is read": (
        hidden_characters_are_read,
        lambda p: p.setattr(reading, "may_be_strange", lambda _: False),
    ),
    "names end where they seem to": (name_turns, lambda p: p.setattr(files, "_FORBIDDEN", re.compile(r"[\\/]+"))),
    "public is public": (number_is_printed, lambda p: p.setattr(public, "public_inputs", lambda i, _=(): (i, ()))),
    "templates end": (
        template_goes_on,
        lambda p: p.setattr(bounded.BoundedEnvironment, "step", lambda *_: ""),
    ),
    "records are bounded": (
        record_is_computed,
        lambda p: p.setattr(sys.modules["drafting.verification.verify"], "_BEYOND", re.compile(r"\b\B")),
    ),
    "readers know no secret": (
        reader_knows_a_secret,
        lambda p: p.setattr(readers, "_KEPT", (*readers._KEPT, "PASSWORD_OF_TEST")),
    ),
    "readers are held to time and memory": (reader_takes_what_it_wants, lambda p: started_without(p, "allow")),
    "readers write nothing": (reader_writes, lambda p: started_without(p, "_soften")),
    "numbers are measured first": (
        digits_are_read,
        lambda p: p.setattr(cells, "LIMITS", Limits(number_characters=1 << 20)),
    ),
    "no figure is one enterprise's": (one_enterprise_is_told, lambda p: p.setattr(small_samples, "FEWEST", 0)),
    "servers use no templates of projects": (template_is_used, lambda p: p.setattr(overlay, "SWITCH", "NOTHING")),
    "outsiders stay outside": (
        outsider_comes_in,
        lambda p: p.setattr("drafting.workbench.access._admitted", lambda *_: None),
    ),
}

ROWS: dict[str, tuple[str, ...]] = {
    "任何文件都不能使命令停住": ("limits", "readers are held to time and memory", "numbers are measured first"),
    "一个文件出错只是关于它的一条问题": ("one file is one finding",),
    "只读项目文件夹以内的普通文件": (
        "only what lies inside is read", "writes go into the folder that was looked at",
    ),
    "读取进程不知道口令": ("readers know no secret", "readers write nothing"),
    "写出的文件不动作": (
        "copies do nothing", "a blueprint lends looks", "nothing hidden is read", "names end where they seem to",
    ),
    "公开版不写企业": ("public is public", "no figure is one enterprise's"),
    "服务器上没有角色的人": ("outsiders stay outside",),
    "项目模板做完就停": ("templates end", "servers use no templates of projects"),
    "记录不能使": ("records are bounded", "records are measured before they are parsed"),
}  # fmt: skip
"""Beginning of each row of SECURITY.md's table -> the promises here that it makes."""


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_kept_by_its_protection(tmp_path, monkeypatch, promise):
    broken, remove = PROMISES[promise]
    monkeypatch.setenv("PASSWORD_OF_TEST", "secret")
    monkeypatch.setenv("DRAFTING_TEMPLATES", "off")
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    assert not broken(tmp_path / "with")
    remove(monkeypatch)
    assert broken(tmp_path / "without"), "the test would not notice if the protection were gone"


def test_every_row_of_the_table_is_broken_by_taking_its_protection_away():
    said = (ROOT / "SECURITY.md").read_text("utf-8")
    made = [line.split("|")[1].strip() for line in said.splitlines() if line.startswith("| ")][1:]
    assert len(made) == len(ROWS)
    for row, beginning in zip(made, ROWS, strict=True):
        assert row.startswith(beginning)
    assert sorted(one for promises in ROWS.values() for one in promises) == sorted(PROMISES)


def test_every_test_that_security_names_exists():
    said = (ROOT / "SECURITY.md").read_text("utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", said))
    assert len(named) > 5
    assert not [name for name in named if not (ROOT / name).is_file()]


@pytest.mark.slow
def test_spoilt_files_of_all_kinds_for_a_moment(tmp_path):
    from tests.drafting.hostile.fuzzing import MOST_MEGABYTES, Fuzz, most_memory

    fuzz = Fuzz(tmp_path, 20261130)
    tally = fuzz.go(20, list(fuzz.kinds))
    assert tally.broken == []
    assert set(tally.tried) == set(fuzz.kinds)
    assert most_memory() < MOST_MEGABYTES * 4  # of the whole test process; the script by hand holds 1 GB
