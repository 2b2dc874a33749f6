"""试评价: how many enterprises really get each grade, and what stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.files import file_stem
from drafting.model.terms import GRADES
from drafting.model.trial_details import CloseEnterprise
from drafting.words import grade_word, outcomes
from drafting.workbench.visit import RefusedError, Visit, attachment, screen

if TYPE_CHECKING:
    from drafting.model.results import Beside

_MOST = 8
_SUFFIXES = (".xlsx", ".csv", ".parquet")
_BYTES = 256 << 20
_HELD = "evaluation"


def _show(visit: Visit) -> Response:
    seen, which = visit.of_table()
    trial = seen.run.results.trial
    if trial is None:
        return visit.page("trial.html.j2", trial=None, **which)
    combined = visit.seen().run.results.combined
    details = trial.details
    held = [(g, details.binding.get(g.value, ())[:_MOST]) for g in reversed(GRADES)] if details else []
    strata = [(name, outcomes(counts)) for name, counts in details.strata.items()] if details else []
    close = details.listed.boundary if details and details.listed else ()
    beside = seen.run.results.beside
    return visit.page(
        "trial.html.j2", beside=beside, moves=_moves(beside),
        trial=trial, outcomes=outcomes(trial.distribution), held=held, strata=strata,
        sentence=details.sentence if details else "", close=_close(close), **which,
        combined=() if combined is None else outcomes(combined.distribution),
    )  # fmt: skip


def _moves(beside: Beside | None) -> list[tuple[str, list[int]]]:
    """Grades by the earlier edition, and how many enterprises of each have which grade by the draft."""
    grades = (*GRADES, None)
    return [] if beside is None else [(grade_word(g), [beside.counts.get((g, n), 0) for n in grades]) for g in grades]


def _close(found: Sequence[CloseEnterprise]) -> list[tuple[str, bool, str, list[str]]]:
    """Enterprises near a limit: whether they would rise, which grade, which indicators alone would do it."""
    by: dict[tuple[str, bool, str], list[str]] = {}
    for one in found:
        by.setdefault((one.enterprise, one.rises, one.grade), []).append(one.indicator or "综合评价指数")
    grades = {g.value: g.chinese for g in GRADES}
    return [(who, rises, grades[grade], names) for (who, rises, grade), names in by.items()][:_MOST]


def _evaluate(visit: Visit) -> Response:
    """Enterprises that are not the survey's, by the draft: nothing is written, the workbooks wait to be taken."""
    from drafting.desk.on_request import judge
    from drafting.desk.slots import UploadError, checked

    files: dict[str, bytes] = {}
    taken: set[str] = set()
    try:
        for number, one in enumerate(visit.uploads("file"), 1):
            content, called = one.file.read(), PurePosixPath((one.filename or "").replace("\\", "/")).name
            suffix = checked(called, content, _SUFFIXES)
            files[file_stem(PurePosixPath(called).stem, f"企业{number}", taken=taken) + suffix] = content
    except UploadError as error:
        raise RefusedError("没有采用这个文件", f"{error}", 400) from error
    if not files:
        raise RefusedError("没有选择文件", "请先选择企业的数据（与调研数据同一格式）或填好的企业自评表。", 400)
    found = judge(visit.seen(60.0).run, files)
    token = visit.bench.held.put(visit.place.name, _HELD, found.books, ())
    rows = [(caption, outcomes(one.distribution)) for caption, one in found.trials]
    return visit.page("evaluated.html.j2", rows=rows, causes=found.causes, books=found.books, token=token, places=4)


def _verdicts(visit: Visit) -> Response:
    held = visit.bench.held.get(visit.part("token"), visit.place.name)
    if held is None or held.slot != _HELD or visit.part("name") not in held.files:
        raise RefusedError("已经放弃", "评价结果只留半小时；请在试评价页再评价一次。")
    return attachment(held.files[visit.part("name")], visit.part("name"))


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/trial", "trial", get=_show),
        screen("/p/{project}/evaluation", "trial", post=_evaluate, bytes_=_BYTES),
        screen("/p/{project}/evaluation/{token}/{name}", "download", get=_verdicts),
    )
