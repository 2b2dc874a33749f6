"""意见: comments received, the undecided first; decisions go to 记录/意见处理.xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.workbench.visit import RefusedError, Visit, screen, see_other
from drafting.workbook.opening import OpeningError
from drafting.workbook.opinions.opinion import Handling

if TYPE_CHECKING:
    from drafting.opinions import Collected


def _collected(visit: Visit) -> Collected:
    from drafting.opinions import collect

    seen = visit.seen()
    folder = visit.place.folder
    return seen.derive("opinions", lambda _: collect(folder, None))


def _show(visit: Visit) -> Response:
    found = _collected(visit)
    waiting = [row for row in found.rows if row.handling is None]
    return visit.page(
        "opinions.html.j2", found=found, waiting=waiting, settled=[r for r in found.rows if r.handling is not None],
        handlings=list(Handling),
    )  # fmt: skip


def _decide(visit: Visit) -> Response:
    from drafting.opinions import decide

    words = {h.value: h for h in Handling}
    handling, reason = words.get(visit.text("handling")), visit.text("reason", 2_000)
    if handling is None:
        raise RefusedError("请选择处理", "采纳、部分采纳或不采纳。", 400)
    if handling is not Handling.ACCEPTED and not reason:
        raise RefusedError("请写理由", "部分采纳和不采纳须写明理由。", 400)
    try:
        done = decide(visit.place.folder, visit.part("identity"), handling, reason)
    except OpeningError as error:
        text = "记录/意见处理.xlsx 不能原样写回；请在 Excel 中直接填写“处理”和“理由”。"
        raise RefusedError("没有写入", text) from error
    if not done:
        raise RefusedError("没有写入", "这条意见已经有了处理，或已不在收到的意见中。")
    return see_other(visit.url("opinions"))


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/opinions", "opinions", get=_show),
        screen("/p/{project}/opinions/{identity}", "decide", post=_decide),
    )
