"""输出: which file is safe to send, and to whom; making them as a job that is watched and can be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from drafting.desk.shelf import Audience, shelf
from drafting.desk.standing import draft_file, standing
from drafting.inside import open_regular
from drafting.run import OUTPUT
from drafting.workbench.visit import NotFoundError, RefusedError, Visit, attachment, screen, see_other

_EXTRAS = ("pdf", "workbook", "comments")


def _show(visit: Visit) -> Response:
    run = visit.seen().run
    items = shelf(run)
    main = next((i for i in items if i.name == draft_file(run)), None)
    groups = [(a, [i for i in items if i.audience is a and i is not main]) for a in Audience]
    return visit.page(
        "outputs.html.j2", main=main, groups=groups, standing=standing(run), Audience=Audience,
        packable=run.results.weights is not None and run.results.baselines is not None,
    )  # fmt: skip


def _download(visit: Visit, *, keep: bool = False) -> Response:
    """A file that may be sent out; with ``keep`` one that must not, which has an address of its own."""
    name = visit.part("name")
    run = visit.seen(30.0).run
    if name not in {item.name for item in shelf(run) if item.keep is keep}:
        raise NotFoundError
    folder = visit.place.folder
    try:
        with open_regular(folder / OUTPUT / name, folder) as file:
            content = file.read()
    except OSError as error:
        raise NotFoundError from error
    return attachment(content, name)


def _package(visit: Visit) -> Response:
    """评价包, made anew: whoever has it judges enterprises by the table, and learns nothing else."""
    from drafting.desk.on_request import NotMadeError, package

    try:
        name, content = package(visit.seen(30.0).run)
    except NotMadeError as error:
        raise RefusedError("还不能写出评价包", f"{error}请先完成总览中的下一步。") from error
    return attachment(content, name)


def _build(visit: Visit) -> Response:
    extra = [e for e in _EXTRAS if visit.text(e)]
    edition = "internal" if visit.text("edition") == "internal" else "public"
    visit.bench.jobs.begin(visit.place.folder, edition=edition, quick=bool(visit.text("quick")), extra=extra)
    return see_other(visit.url("build"))


def _progress(visit: Visit) -> Response:
    """The job that runs, or how the last one ended."""
    job = visit.bench.jobs.of(visit.place.folder)
    if job is None:
        return see_other(visit.url("outputs"))
    if not job.running:
        visit.bench.memory.ask(visit.place.folder, 0.0)  # answers were put on record: the next page needs results anew
    return visit.page("build.html.j2", shown=job)


def _state(visit: Visit) -> Response:
    """The same for the script, once a second."""
    job = visit.bench.jobs.of(visit.place.folder)
    if job is None:
        return JSONResponse({"fate": "none"})
    step = job.step
    return JSONResponse(
        {
            "fate": job.fate.value, "number": step.number, "of": step.of, "name": step.name,
            "whole": round(step.whole, 3), "late": job.late, "seconds": job.seconds,
        }
    )  # fmt: skip


def _stop(visit: Visit) -> Response:
    if not visit.bench.jobs.stop(visit.place.folder):
        job = visit.bench.jobs.of(visit.place.folder)
        if job is not None and job.running:
            raise RefusedError("来不及停止", "文件正在就位，马上完成。")
    return see_other(visit.url("build"))


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/outputs", "outputs", get=_show),
        screen("/p/{project}/outputs/{name}", "download", get=_download),
        screen("/p/{project}/package", "download", get=_package),
        screen("/p/{project}/internal/{name}", "download", get=partial(_download, keep=True)),
        screen("/p/{project}/build", "build", get=_progress, post=_build),
        screen("/p/{project}/build/stop", "stop", post=_stop),
        screen("/p/{project}/build/state", "job", get=_state),
    )
