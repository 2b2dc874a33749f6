"""项目: which project needs me; and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.files import file_stem
from drafting.workbench.home import HomeError, Place
from drafting.workbench.lost import lost
from drafting.workbench.visit import Visit, address, screen, see_other

if TYPE_CHECKING:
    from drafting.desk.standing import Standing

EXAMPLE = "示例项目（建筑陶瓷）"
_IMPORT_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Card:
    """A project in the list; ``standing`` is None where nobody has looked at it since its files changed."""

    place: Place
    url: str
    standing: Standing | None
    building: bool


def _list(visit: Visit) -> Response:
    return _page(visit)


def _page(visit: Visit, status: int = 200, *, fault: str = "", folder: str = "") -> Response:
    nameless: tuple[str, ...] = ()
    gone: list[str] = []
    try:
        places = visit.bench.visible(visit.person)
        if visit.person.local or visit.person.administrator:
            nameless = visit.bench.home.nameless()
        if visit.bench.served:
            own = (one for one in lost(visit.bench) if visit.person.id in {b.person.id for b in one.people})
            gone = [one.name for one in own]
    except HomeError as error:
        places, fault = (), fault or str(error)
    cards = [_card(visit, place) for place in places]
    home = visit.bench.home
    return visit.page(
        "projects.html.j2", status, cards=cards, fault=fault, folder=folder or str(home.root), nameless=nameless,
        gone=gone,
    )  # fmt: skip


def _card(visit: Visit, place: Place) -> Card:
    from drafting.desk.standing import standing

    seen = visit.bench.memory.peek(place.folder)
    job = visit.bench.jobs.of(place.folder)
    found = None if seen is None else standing(seen.run)
    return Card(place, address(place.name), found, job is not None and job.running)


def _example(visit: Visit) -> Response:
    from drafting.project.examples import write_example

    with visit.bench.new_project(visit.person, EXAMPLE) as folder:
        write_example(folder)
    return see_other(address(folder.name))


def _blank(visit: Visit) -> Response:
    from drafting.desk.forms import start_project

    name = visit.text("name", 60)
    if not name:
        return _page(visit, 400, fault="请先写项目名称，例如“水泥行业”。")
    with visit.bench.new_project(visit.person, name) as folder:
        start_project(folder)
    return see_other(address(folder.name, "files"))


def _import(visit: Visit) -> Response:
    """A project from an earlier edition's table: Word or Excel."""
    from tempfile import TemporaryDirectory

    from drafting.earlier.opening import SUFFIXES
    from drafting.earlier.placing import write_edition
    from drafting.earlier.reading import NoEditionError, read_edition

    sent = visit.uploads("file")
    if not sent:
        return _page(visit, 400, fault="请先选择旧版标准的文件（.docx 或 .xlsx）。")
    name = PurePosixPath((sent[0].filename or "").replace("\\", "/")).name
    stem, suffix = file_stem(Path(name).stem, "旧版标准"), Path(name).suffix.lower()
    with TemporaryDirectory() as scratch:
        # an ending that is none may hold what no file can be called
        source = Path(scratch) / (f"{stem}{suffix}" if suffix in SUFFIXES else stem)
        source.write_bytes(sent[0].file.read())
        try:
            edition = read_edition(source)
            with visit.bench.new_project(visit.person, stem) as folder:
                write_edition(edition, source, folder)
        except NoEditionError as error:
            said = "；".join(f"{f.message}{f.remedy}" for f in error.findings[:3])
            return _page(visit, 400, fault=f"“{name}”没有读出指标体系表：{said}")
    return see_other(address(folder.name))


def _choose(visit: Visit) -> Response:
    wanted = visit.text("folder", 1_000)
    try:
        visit.bench.home.choose(wanted)
    except HomeError as error:
        return _page(visit, 400, fault=str(error), folder=wanted)
    return see_other("/")


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/", "projects", get=_list),
        screen("/new/example", "new-example", post=_example),
        screen("/new/blank", "new-blank", post=_blank),
        screen("/new/import", "new-import", post=_import, bytes_=_IMPORT_BYTES),
        screen("/folder", "folder", post=_choose),
    )
