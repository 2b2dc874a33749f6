"""基准值: all at a glance; one indicator with lines to move, share and trial at once, and the way back to Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from drafting.desk.memory import Seen
from drafting.desk.takeover import copy_of, touched
from drafting.inside import open_regular
from drafting.model.terms import GRADES
from drafting.words import outcomes, percent
from drafting.workbench.visit import NotFoundError, RefusedError, Visit, attachment, screen
from drafting.workbook.headings import PROJECT_FILE
from drafting.workbook.opening import OpeningError
from drafting.workbook.patching import PatchError

if TYPE_CHECKING:
    from drafting.analysis.baselines.what_if import Change
    from drafting.analysis.trial.live import Live, Tried
    from drafting.model.coded import JSON
    from drafting.model.drawing import Plot
    from drafting.model.results import IndicatorBaselines
    from drafting.model.system import Indicator
    from drafting.progress import Progress
    from drafting.run import Run

_WORDS = {
    "number": "“{detail}”不是数。", "sign": "“{detail}”的比较符号与指标的方向不符。", "form": "“{detail}”看不懂。",
    "no-levels": "这项指标还没有基准值。", "qualitative": "“{detail}”是定性指标，没有可以移动的数值。",
}  # fmt: skip


def _live(visit: Visit, seen: Seen) -> Live:
    from drafting.analysis.trial.live import Live

    def make(run: Run, _: Progress) -> Live:
        inputs, results = run.project.inputs, run.results
        if inputs is None or results.baselines is None:
            raise NotFoundError
        return Live(inputs, results.weights, results.baselines)

    return visit.made(seen, "live", "准备试算", make)


def _list(visit: Visit) -> Response:
    from drafting.analysis.baselines.pictures import pictures
    from drafting.charts.indicators import strip

    seen, which = visit.of_table()
    run = seen.run
    inputs, baselines = run.project.inputs, run.results.baselines
    if inputs is None or baselines is None or not baselines.indicators:
        return visit.page("levels.html.j2", groups=(), **which)

    def draw(*_: object) -> dict[str, Plot]:
        return {p.code: strip(p, internal=True) for p in pictures(inputs, baselines) if not p.stratum}

    strips = visit.made(seen, "strips", "画各项的缩略图", draw)
    groups = [
        (c.name, [(i, one, strips.get(i.code)) for i in inputs.system.of(c.name) if (one := baselines.of(i.code))])
        for c in inputs.system.adopted
    ]
    return visit.page("levels.html.j2", groups=[g for g in groups if g[1]], grades=GRADES, **which)


def _found(visit: Visit, patience: float = 0.6) -> tuple[Seen, Indicator, IndicatorBaselines]:
    seen, _ = visit.of_table(patience)
    inputs, baselines = seen.run.project.inputs, seen.run.results.baselines
    code = visit.part("code")
    one = baselines.of(code) if baselines else None
    if inputs is None or one is None:
        raise NotFoundError
    return seen, inputs.system.indicator(code), one


def _changes(visit: Visit, seen: Seen, one: IndicatorBaselines) -> list[Change]:
    """The values that are asked for and differ from those that stand."""
    from drafting.analysis.baselines.what_if import WhatIfError, read_change

    inputs = seen.run.project.inputs
    assert inputs is not None  # as found
    changes = []
    for grade in GRADES:
        text = visit.text(grade.value, 40)
        if not text:
            continue
        try:
            change = read_change(f"{one.code}:{grade.value}={text}", inputs)
        except WhatIfError as error:
            words = _WORDS.get(error.reason, "“{detail}”不能用。").format(detail=error.detail)
            raise RefusedError("这个值不能试", f"{grade.chinese}：{words}", 400) from error
        baseline = one.by_grade.get(grade)
        if baseline is None or baseline.value != change.value:
            changes.append(change)
    return changes


def _show(visit: Visit) -> Response:
    from drafting.workbench.moving import board_of

    seen, indicator, one = _found(visit)
    which = visit.of_table()[1]
    changes = _changes(visit, seen, one)
    board = None if indicator.qualitative else board_of(_live(visit, seen), seen.run, indicator, one)
    tried = _live(visit, seen).try_out(changes) if changes else None
    after = {c.grade: c.value for c in changes}
    cuts = [(g, one.by_grade.get(g), after.get(g)) for g in GRADES]
    return visit.page(
        "level.html.j2", indicator=indicator, one=one, board=board, cuts=cuts, tried=tried and told(tried, one),
        now=told(_live(visit, seen).try_out([]), one), steps=board.table() if board else None, **which,
        touched=_touched(visit, seen, one, changes) if changes else (), basis=visit.text("basis"),
    )  # fmt: skip


def _touched(visit: Visit, seen: Seen, one: IndicatorBaselines, changes: Sequence[Change]) -> Any:
    try:
        return touched(seen.run, one.code, changes, visit.text("basis"))
    except PatchError:
        return ()


def told(tried: Tried, one: IndicatorBaselines) -> dict[str, JSON]:
    """What was tried, as page and script show it: words and shares for the reader, nothing to be computed."""
    after: list[dict[str, JSON]] | None = None
    if tried.before is not None and tried.after is not None:
        now = outcomes(tried.after)
        after = [
            {"grade": word, "before": b, "after": n, "share": percent(share), "part": round(share or 0.0, 4)}
            for (word, n, share), (_, b, _) in zip(now, outcomes(tried.before), strict=True)
        ]
    return {
        "effects": [
            {
                "grade": e.change.grade.value, "name": e.change.grade.chinese, "before": e.before, "after": e.after,
                "shareBefore": percent(e.share_before), "shareAfter": percent(e.share_after),
                "part": e.share_after, "remarks": list(e.out_of_order),
                "strata": [{"stratum": s.stratum, "before": percent(s.share_before), "after": percent(s.share_after)}
                           for s in e.strata],
            }
            for e in tried.effects
        ],
        "trial": after, "moved": tried.moved, "sentence": _sentence(tried),
    }  # fmt: skip


def _sentence(tried: Tried) -> str:
    """What happens to the grades, in a sentence; where nothing moves, what holds them."""
    if tried.after is None:
        return "要有权重和全部基准值，才能试评价。"
    if not tried.effects:
        return ""
    if tried.moved:
        return f"{tried.moved} 家企业的等级会变。"
    held = "；".join(_held(tried))
    return "没有企业的等级会变" + (f"：{held}。" if held else "。")


def _held(tried: Tried) -> Iterator[str]:
    for grade, holding in tried.holding.items():
        if holding:
            names = "、".join(f"“{h.name}”（{h.blocked} 家）" for h in holding[:3])
            yield f"达不到{grade.chinese}的企业还被别的指标卡住，最多的是{names}"


def _try(visit: Visit) -> Response:
    """The same for the script, after a pause."""
    seen, _, one = _found(visit, 10.0)
    try:
        changes = _changes(visit, seen, one)
    except RefusedError as error:
        return JSONResponse({"fault": error.text}, 400)
    content = told(_live(visit, seen).try_out(changes), one)
    content["touched"] = [[t.cell.cell, t.heading, t.text] for t in _touched(visit, seen, one, changes)]
    return JSONResponse(content)


def _copy(visit: Visit) -> Response:
    """项目.xlsx with the values taken over, to be looked at in Excel and put back; nothing here is written."""
    seen, indicator, one = _found(visit, 30.0)
    changes = _changes(visit, seen, one)
    if not changes:
        raise RefusedError("没有改动", "三个基准值与现在的相同，没有要写的。", 400)
    folder = visit.place.folder
    try:
        with open_regular(folder / PROJECT_FILE, folder) as file:
            content = file.read()
        made = copy_of(content, touched(seen.run, one.code, changes, visit.text("basis")))
    except (PatchError, OpeningError, OSError) as error:
        raise RefusedError("不能写入副本", f"{error}。", 409) from error
    visit.bench.note_download(visit.person, visit.place.name, PROJECT_FILE, content)
    return attachment(made, f"项目（{indicator.code} 基准值）.xlsx")


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/levels", "levels", get=_list),
        screen("/p/{project}/levels/{code}", "levels", get=_show),
        screen("/p/{project}/levels/{code}/try", "try", get=_try),
        screen("/p/{project}/levels/{code}/copy", "copy", get=_copy),
    )
