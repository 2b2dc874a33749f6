"""版本: the stages of the standard and what was kept before changes; compared in meaning, restored as a new version."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.on_request import CHANGES, REDLINE, NotMadeError, changes_file, has_redline
from drafting.desk.since import since
from drafting.keeping.version import NAMED, STAGE, Version
from drafting.keeping.versions import (
    VersionError,
    find_version,
    freeze,
    read_file,
    restore,
    verify_versions,
    versions_of,
)
from drafting.model.document import STAGES
from drafting.workbench.visit import NotFoundError, RefusedError, Visit, attachment, screen, see_other

if TYPE_CHECKING:
    from drafting.changes.compare import Change
    from drafting.progress import Progress
    from drafting.run import Run

_IN_MEMORY = 64 << 20


def _show(visit: Visit) -> Response:
    folder = visit.place.folder
    found = versions_of(folder)
    stages = [v for v in found if v.kind == STAGE]
    damaged = verify_versions(folder) if visit.text("verify") else ()
    return visit.page(
        "versions.html.j2", versions=tuple(reversed(found)), last=stages[-1] if stages else None, stages=STAGES,
        STAGE=STAGE, damaged=damaged, verified=bool(visit.text("verify")),
        said=visit.bench.held.said(visit.text("said", 20)),
    )  # fmt: skip


def _version(visit: Visit, label: str) -> Version:
    try:
        return find_version(visit.place.folder, label)
    except VersionError as error:
        raise NotFoundError from error


def _keep(visit: Visit) -> Response:
    name = visit.text("name", 40)
    if not name:
        raise RefusedError("请先写名称", "例如“征求意见稿”，或“调整基准值之前”。", 400)
    folder, note = visit.place.folder, visit.text("note", 200)
    if name not in STAGES:
        freeze(folder, name, NAMED, note=note)
        return see_other(visit.url("versions"))
    running = visit.bench.jobs.of(folder)
    if running is not None and running.running and running.stage != name:
        raise RefusedError("正在生成草案", "完成或停止以后再定稿。")
    visit.bench.jobs.begin(folder, stage=name, note=note)
    return see_other(visit.url("build"))


def _compare(visit: Visit) -> Response:
    """What changed in meaning since a version: until now, or until the version that is named."""
    version, label = _version(visit, visit.part("number")), visit.text("until")
    until = _version(visit, label) if label else None
    seen = visit.seen()
    folder = visit.place.folder

    def changes(run: Run, progress: Progress) -> tuple[Change, ...] | None:
        return since(folder, version, run if until is None else until, progress)

    try:
        name = f"since {version.digest} {until.digest if until else ''}"
        found = visit.made(seen, name, f"读取“{version.name}”", changes)
    except VersionError as error:
        raise RefusedError("这个版本不能比较", f"{error}。") from error
    others = [v for v in reversed(versions_of(folder)) if v.label != version.label]
    return visit.page("since.html.j2", version=version, until=until, others=others, found=found, redline=has_redline())


def _changes_file(visit: Visit) -> Response:
    """The same as a Word file: a list, or the draft with tracked changes."""
    version, form = _version(visit, visit.part("number")), visit.part("name")
    if form not in (CHANGES, REDLINE):
        raise NotFoundError
    try:
        name, content = changes_file(version, visit.seen(30.0).run, form)
    except (NotMadeError, VersionError) as error:
        raise RefusedError("不能写出这份对照", str(error)) from error
    return attachment(content, name)


def _files(visit: Visit) -> Response:
    """Inputs and outputs of a version in one archive, as they were; what is in 记录/ stays here."""
    version, folder = _version(visit, visit.part("number")), visit.place.folder
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in version.files:
                if name.startswith("记录/"):
                    continue
                try:
                    content = read_file(folder, version, name)
                except VersionError as error:
                    raise RefusedError("这个版本不完整", f"{error}。") from error
                archive.writestr(f"{version.label}/{name}", content or b"")
        target.seek(0)
        return attachment(target.read(), f"{version.label}（不要外发）.zip")


def _restore(visit: Visit) -> Response:
    version = _version(visit, visit.part("number"))
    visit.bench.memory.remember_before(visit.place.folder)
    try:
        done = restore(visit.place.folder, version)
    except VersionError as error:
        raise RefusedError("没有恢复", f"{error}。项目里的文件没有改动。") from error
    count = len(done.written) + len(done.removed)
    told = f"已恢复到“{version.label}”，{count} 个文件有变化；恢复前的状态留存为“{done.kept.label}”。"
    return see_other(visit.url("versions", said=visit.bench.held.note((told,))))


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/versions", "versions", get=_show, post=_keep),
        screen("/p/{project}/versions/{number}", "versions", get=_compare),
        screen("/p/{project}/versions/{number}/files", "version-files", get=_files),
        screen("/p/{project}/versions/{number}/changes/{name}", "version-files", get=_changes_file),
        screen("/p/{project}/versions/{number}/restore", "restore", post=_restore),
    )
