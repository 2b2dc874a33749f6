"""文件: a slot for each kind of input; an upload is checked at once, and replaces nothing without a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.forms import form_named, names_by_slot
from drafting.desk.slots import Slot, UploadError, slot_of, slots
from drafting.inside import open_regular
from drafting.keeping import Keeper
from drafting.keeping.intake import Received, receive
from drafting.workbench.held import Upload
from drafting.workbench.visit import NotFoundError, RefusedError, Visit, attachment, screen, see_other
from drafting.workbook.opening import OpeningError

if TYPE_CHECKING:
    from drafting.desk.differences import Differences

UPLOAD_BYTES = 512 << 20


def _show(visit: Visit) -> Response:
    seen = visit.bench.memory.peek(visit.place.folder)
    inputs = seen.run.project.inputs if seen else None
    blanks = names_by_slot(inputs) if inputs else None if seen is None else {}
    methods = f"{inputs.settings.weight_method}{inputs.settings.combination_methods}" if inputs else ""
    found = slots(visit.place.folder, "专家咨询法" in methods, bool(inputs and inputs.ratings))
    said = visit.bench.held.said(visit.text("said", 20))
    return visit.page("files.html.j2", slots=found, digests=_digests(visit, found), blanks=blanks, said=said)


def _digests(visit: Visit, found: Sequence[Slot]) -> Mapping[str, str]:
    """Digests of the files that a slot replaces, as this page knows them."""
    return {p.name: digest for s in found for p in s.present if (digest := _digest(visit, p.name))}


def _read(visit: Visit, name: str) -> bytes:
    try:
        with open_regular(visit.place.folder / name, visit.place.folder) as file:
            return file.read()
    except OSError as error:
        raise NotFoundError from error


def _digest(visit: Visit, name: str) -> str:
    return visit.bench.memory.digest(visit.place.folder / name)


def _slot(visit: Visit) -> Slot:
    found = slot_of(visit.place.folder, visit.part("slot"))
    if found is None:
        raise NotFoundError
    return found


def _download(visit: Visit) -> Response:
    """An input file as it stands; what was taken is remembered, to be held against the next upload."""
    slot, name = _slot(visit), visit.part("name")
    path = next((p.name for p in slot.present if PurePosixPath(p.name).name == name), None)
    if path is None:
        raise NotFoundError
    content = _read(visit, path)
    visit.bench.note_download(visit.person, visit.place.name, path, content)
    return attachment(content, name)


def _blank(visit: Visit) -> Response:
    """A form for people, with the indicators of this project."""
    inputs = visit.seen(30.0).run.project.inputs
    form = form_named(inputs, visit.part("name")) if inputs is not None else None
    if form is None or form.slot != _slot(visit).key:
        raise NotFoundError
    return attachment(form.content(), form.name)


def _upload(visit: Visit) -> Response:
    slot = _slot(visit)
    sent = visit.uploads("file")
    if not sent:
        raise RefusedError("没有选择文件", f"请先为“{slot.title}”选择文件，再上传。", 400)
    if not slot.many and len(sent) > 1:
        raise RefusedError(
            "只能放一个文件", f"“{slot.title}”只要一个文件，选了 {len(sent)} 个。请只选一个，再上传。", 400
        )
    files: dict[str, bytes] = {}
    own: set[str] = set()
    try:
        for one in sent:
            content, called = one.file.read(), one.filename or ""
            name = _free(slot.target(called, content), content, files)
            files[name] = content
            if PurePosixPath(name).stem != PurePosixPath(called.replace("\\", "/")).stem:
                own.add(name)
    except UploadError as error:
        raise RefusedError("没有采用这个文件", f"{error}项目里的文件没有改动。", 400) from error
    instead = () if slot.many else tuple(p.name for p in slot.present if p.name not in files)
    # a file that names itself has not been sent in place of one that the page showed: any form can name any enterprise
    known = {name: "" if name in own and slot.many else _known(visit, name) for name in (*files, *instead)}
    return _take(visit, slot, files, known, instead)


def _free(name: str, content: bytes, files: Mapping[str, bytes]) -> str:
    """The name, or one like it where another file of the same upload has it already: none of them is lost."""
    path, number, free = PurePosixPath(name), 2, name
    while files.get(free, content) != content:
        free = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        number += 1
    return free


def _known(visit: Visit, name: str) -> str:
    """The digest that the sender knows: of what was downloaded here last, else of what the page showed."""
    return visit.bench.downloaded.get((visit.person.csrf, visit.place.name, name)) or visit.text(f"known:{name}", 64)


def _take(
    visit: Visit, slot: Slot, files: Mapping[str, bytes], known: Mapping[str, str], instead: tuple[str, ...]
) -> Response:
    memory = visit.bench.memory
    memory.remember_before(visit.place.folder)
    found = receive(visit.place.folder, files, known, instead=instead)
    if found.differing:
        token = visit.bench.held.put(visit.place.name, slot.key, files, instead)
        return see_other(visit.url("files", slot.key, "differs", upload=token))
    return _taken(visit, found)


def _taken(visit: Visit, found: Received) -> Response:
    for name in found.fates:
        visit.bench.downloaded.pop((visit.person.csrf, visit.place.name, name), None)
    return see_other(visit.url("findings"))


def _waiting(visit: Visit) -> tuple[str, Upload]:
    token = visit.text("upload")
    upload = visit.bench.held.get(token, visit.place.name)
    if upload is None:
        text = "这次上传等得太久，已经放弃；项目里的文件没有改动。请再上传一次。"
        raise RefusedError("请重新上传", text)
    return token, upload


def _differs(visit: Visit) -> Response:
    """Somebody changed the file meanwhile: show what differs and let the sender decide."""
    from drafting.desk.differences import differences

    slot = _slot(visit)
    token, upload = _waiting(visit)
    compared: list[tuple[str, Differences | None]] = []
    for name, content in upload.files.items():
        if not _digest(visit, name):
            continue
        try:
            compared.append((name, differences(_read(visit, name), content, name)))
        except OpeningError:
            compared.append((name, None))
    return visit.page(
        "differs.html.j2", slot=slot, token=token, compared=compared, instead=upload.instead,
        digests={name: digest for name in (*upload.files, *upload.instead) if (digest := _digest(visit, name))},
    )  # fmt: skip


def _decide(visit: Visit) -> Response:
    slot = _slot(visit)
    token, upload = _waiting(visit)
    choice = visit.text("choice")
    if choice == "replace":
        # only what was shown is replaced; whatever somebody put there since is shown first
        known = {name: visit.text(f"shown:{name}", 64) for name in (*upload.files, *upload.instead)}
        visit.bench.held.drop(token)
        return _take(visit, slot, upload.files, known, upload.instead)
    told = "保留了这里的文件，上传的没有采用。"
    if choice == "both":
        keeper = Keeper(visit.place.folder)
        aside = [_put_aside(keeper, PurePosixPath(name), content) for name, content in upload.files.items()]
        told = f"这里的文件没有改动；上传的存为 {'、'.join(f'记录/{name}' for name in aside)}。"
    visit.bench.held.drop(token)
    return see_other(visit.url("files", said=visit.bench.held.note((told,))))


def _put_aside(keeper: Keeper, path: PurePosixPath, content: bytes) -> str:
    """Keep a file in 记录/ under a name of its own, which it gives: others may do so within the same second."""

    def free(present: bytes | None) -> bytes | None:
        return content if present is None else None

    stem, number = f"未采用-{path.stem}-{datetime.now():%Y%m%d-%H%M%S}", 1
    name = stem + path.suffix
    while not keeper.amend(name, free):
        number += 1
        name = f"{stem}-{number}{path.suffix}"
    return name


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/files", "files", get=_show),
        screen("/p/{project}/files/{slot}", "upload", post=_upload, bytes_=UPLOAD_BYTES),
        screen("/p/{project}/files/{slot}/blank/{name}", "blank", get=_blank),
        screen("/p/{project}/files/{slot}/differs", "differs", get=_differs, post=_decide),
        screen("/p/{project}/files/{slot}/get/{name}", "input", get=_download),
    )
