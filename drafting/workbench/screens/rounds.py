"""专家轮次: who has answered by mail and on the web, who must be asked again; rounds from begin to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk import asking
from drafting.desk.slots import slots
from drafting.workbench.lost import lost, settle
from drafting.workbench.screens.weights import OVER, asked_again
from drafting.workbench.trouble import PanelTroubleError
from drafting.workbench.visit import NotFoundError, RefusedError, Visit, attachment, screen, see_other

if TYPE_CHECKING:
    from drafting.desk.asking import Instrument
    from drafting.model.inputs import Inputs
    from drafting.panel.membership import Registered
    from drafting.panel.records import Panel, Round
    from drafting.panel.submitting import Progress

_TRACKS = {"allocation": asking.DELPHI, "rating": asking.RATING, "pairwise": asking.AHP}


@dataclass(frozen=True, slots=True)
class Mark:
    """What an expert has done with a questionnaire: a word, and its colour (ok, bad, warn, soft)."""

    word: str
    colour: str = "soft"


@dataclass(frozen=True, slots=True)
class Column:
    """A questionnaire as the table shows it."""

    title: str
    where: str
    marks: Mapping[str, Mark]
    others: Mark = Mark("未答", "warn")
    """Of who has no mark."""


@dataclass(frozen=True, slots=True)
class WebRound:
    """A round on the web: who was asked and how far each has come, and whether its answers lie in the project."""

    panel: Panel
    round: Round
    asked: Mapping[str, int]
    people: Mapping[str, Progress]
    taken_back: bool = False

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """Who has not submitted, or has changed something since, and how far each has come."""
        found = []
        for code, p in self.people.items():
            if p.submitted and p.unsubmitted:
                found.append((code, f"提交之后又改了 {p.unsubmitted} 项，没有再提交"))
            elif not p.submitted:
                found.append((code, f"已答 {p.answered}/{self.asked[code]}，没有提交" if p.answered else "还没有作答"))
        return found

    @property
    def submitted(self) -> int:
        """How many have submitted."""
        return sum(p.submitted > 0 for p in self.people.values())

    def column(self) -> Column:
        """The round as a column."""
        marks = {}
        for code, p in self.people.items():
            if p.submitted:
                word = f"{p.channel.chinese if p.channel else ''}已提交"
                marks[code] = Mark(f"{word}，又改了 {p.unsubmitted} 项", "bad") if p.unsubmitted else Mark(word, "ok")
            elif self.round.state == "closed":
                marks[code] = Mark("未提交", "warn")
            else:
                marks[code] = (
                    Mark(f"{p.answered}/{self.asked[code]} 未提交", "bad") if p.answered else Mark("未作答", "warn")
                )
        return Column(self.round.title, f"网上，{self.round.state.chinese}", marks, Mark("不问"))


@dataclass(frozen=True, slots=True)
class Web:
    """What stands on the web: the panels, their rounds, and what keeps them from being shown."""

    panels: Sequence[Panel] = ()
    rounds: Sequence[WebRound] = ()
    fault: str = ""
    lost: Sequence[Registered] = ()

    def at(self, state: str) -> list[WebRound]:
        """Rounds in a state."""
        return [r for r in self.rounds if r.round.state == state]


@dataclass(frozen=True, slots=True)
class Head:
    """The one thing: what it says, and the one step."""

    says: str
    why: str
    button: str = ""
    url: str = ""
    post: Mapping[str, str] | None = field(default=None)


def _web(visit: Visit, inputs: Inputs | None) -> Web:
    bench = visit.bench
    try:
        if not bench.panel.is_made:
            return Web()
        service = bench.panel.service()
        panels = service.panels(visit.person, visit.place.folder)
        if not panels and not bench.served:
            return Web(lost=lost(bench))
        present = asking.instruments(inputs) if inputs is not None else ()
        with service.looking() as connection:
            return Web(panels, [r for p in panels for r in _rounds(connection, p, present)])
    except PanelTroubleError as error:
        return Web(fault=str(error))


def _rounds(connection: Any, panel: Panel, present: Sequence[Instrument]) -> list[WebRound]:
    from drafting.panel import asking as panel_asking
    from drafting.panel import records, submitting

    found = []
    members = records.members_of(connection, panel.id)
    for own in records.rounds_of(connection, panel.id):
        asked = panel_asking.counts(panel.definition, own, members)
        progress, none = submitting.progress(connection, own.id), submitting.Progress()
        here = [m for m in members if asked[m.code] or m.pseudonym in progress]  # others have other tables
        people = {m.code: progress.get(m.pseudonym, none) for m in here}
        submitted = {code for code, p in people.items() if p.submitted}
        kind = _TRACKS[str(own.instrument)]
        there = [i for i in present if i.kind == kind and (kind == asking.AHP or i.number == own.number)]
        back = own.state == "closed" and submitted <= {c for i in there for c in (*i.answered, *i.unusable)}
        if kind == asking.AHP and own.number > 1:  # matrices of all rounds lie in one folder: they may be the first's
            back = back and records.recorded(connection, own.id, "exported")
        found.append(WebRound(panel, own, asked, people, back))
    return found


def _columns(inputs: Inputs | None, web: Web, again: Sequence[tuple[str, str, str]]) -> tuple[list[str], list[Column]]:
    over = {code for code, _, why in again if why.startswith(OVER)}
    experts = dict.fromkeys(asking.panel_of(inputs)) if inputs is not None else {}
    columns = []
    for one in asking.instruments(inputs) if inputs is not None else ():
        marks = {c: Mark("已答", "ok") for c in one.answered} | {c: Mark("交回的不能用", "bad") for c in one.unusable}
        if one.kind == asking.AHP:
            marks |= {c: Mark("已答，CR 超限", "bad") for c in one.answered & over}
        columns.append(Column(one.title, "项目里的工作簿", marks))
        experts |= dict.fromkeys(marks)
    for r in web.rounds:
        experts |= dict.fromkeys(r.people)
        if not r.taken_back and r.round.state != "draft":
            columns.append(r.column())
    return list(experts), columns


def _again(visit: Visit, web: Web) -> list[tuple[str, str, str]]:
    """Who must be asked again: in rounds that are under way, else by what lies in the project."""
    found = [(code, r.round.title, why) for r in web.at("open") for code, why in r.waiting]
    under_way = {_TRACKS[str(r.round.instrument)] for r in web.at("open")}
    seen = visit.seen()
    parts = seen.run.of_tables or {"": seen.run}
    for one in parts.values():
        if one.results.weights is not None:
            found += asked_again(one.results.weights)
    words = {asking.DELPHI: "德尔菲", asking.RATING: "重要性评分"}
    over = tuple(words[kind] for kind in under_way if kind in words)
    return [f for f in dict.fromkeys(found) if not (over and f[1].startswith(over))]


def _head(visit: Visit, web: Web, again: Sequence[tuple[str, str, str]], experts: Sequence[str], asked: bool) -> Head:
    lead = visit.person.may("POST", "/o/r/{round:int}/open")
    for r in web.at("open"):
        left = len(r.waiting)
        if left:
            why = f"已提交 {r.submitted} / {len(r.people)}。答案和统计在结束之后才能看。"
            return Head(f"{r.round.title}征询中：还差 {left} 位专家", why, "看进度、催办", f"/o/r/{r.round.id}")
        return Head(
            f"{r.round.title}：专家都已提交", "结束后成为不可更改的快照，随即能看统计。",
            "结束这一轮…" if lead else "看进度", f"/o/r/{r.round.id}/close" if lead else f"/o/r/{r.round.id}",
        )  # fmt: skip
    for r in web.at("closed"):
        if not r.taken_back and r.submitted:
            why = "答案写成与邮寄问卷相同的工作簿，放进本项目；已有的文件不会被替换。"
            may = visit.person.may("POST", "/o/r/{round:int}/files")
            url = f"/o/r/{r.round.id}/files" if may else f"/o/r/{r.round.id}/results"
            button = "带回项目" if may else "看统计"
            return Head(f"{r.round.title}已结束，答案还没有带回项目", why, button, url, {} if may else None)
    for r in web.at("draft"):
        why = "开始之前先生成邀请链接，发给专家。"
        return Head(f"{r.round.title}已准备，还没有开始", why, "邀请和开始", f"/o/r/{r.round.id}")
    if again:
        who = len({code for code, _, _ in again})
        why = "名单和原因在下面；可以再发问卷，或在网上再征询一轮。"
        return Head(f"要再问 {who} 位专家", why, "再发问卷", "#mail")
    if not experts:
        url = visit.url("files")
        return Head("还没有专家", "先在 项目.xlsx 的“专家组”填写专家代号（不写姓名）。", "放入 项目.xlsx", url)
    if not asked:
        return Head("还没有问过专家", "在网上征询，或把问卷工作簿寄给专家；两种可以混用。")
    return Head("专家都已答复", "没有要再问的。要再征询一轮，也在这里开始。", "看权重", visit.url("weights"))


def _show(visit: Visit) -> Response:
    seen = visit.seen()
    inputs = seen.run.project.inputs
    web = _web(visit, inputs)
    again = _again(visit, web)
    experts, columns = _columns(inputs, web, again)
    revise = any(why.startswith(OVER) for _, _, why in again)
    compared = (
        ()
        if inputs is None
        else visit.made(seen, "side by side", "各方法的权重", lambda *_: asking.side_by_side(inputs))
    )
    return visit.page(
        "rounds.html.j2", head=_head(visit, web, again, experts, bool(columns)), web=web, experts=experts,
        columns=columns, again=_together(again), inputs=inputs, compared=compared,
        made=asking.made(visit.place.folder), choices=asking.choices(inputs, revise) if inputs is not None else (),
        returned=_returned(visit, inputs, web), digests=_digests(visit),
        said=visit.bench.held.said(visit.text("said", 20)),
    )  # fmt: skip


def _together(again: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, list[str]]]:
    """Questionnaire and reason, and whom it concerns."""
    found: dict[tuple[str, str], list[str]] = {}
    for code, what, why in again:
        found.setdefault((what, why), []).append(code)
    return [(what, why, codes) for (what, why), codes in found.items()]


def _returned(visit: Visit, inputs: Inputs | None, web: Web) -> list[tuple[str, str, str]]:
    """Where returned workbooks go: title, address, name of the field; into an open round where there is one."""
    into = [(f"{r.round.title}（征询中）", f"/o/r/{r.round.id}/upload", "workbook") for r in web.at("open")]
    under_way = {(_TRACKS[str(r.round.instrument)], r.round.number) for r in web.at("open")}
    taken = {f"{'ratings' if kind == asking.RATING else kind}-{n}" for kind, n in under_way}
    taken |= {"judgements"} if any(kind == asking.AHP for kind, _ in under_way) else set()
    found = slots(visit.place.folder, True, bool(inputs and inputs.ratings))
    rounds = [s for s in found if s.key.startswith(("judgements", "delphi-", "ratings-")) and s.key not in taken]
    return [*into, *((s.title, visit.url("files", s.key), "file") for s in rounds)]


def _digests(visit: Visit) -> Mapping[str, str]:
    """Digests of the workbooks that are there, so that a mended one may take the place of the one that came first."""
    present = [p for s in slots(visit.place.folder) if s.many for p in s.present]
    folder = visit.place.folder
    return {p.name: digest for p in present if (digest := visit.bench.memory.digest(folder / p.name))}


def _set_up(visit: Visit) -> Response:
    """Begin to ask in the browser: a panel of this project; on the own machine one that lost its folder may be it."""
    from drafting.panel import lifecycle

    if visit.text("lost", 9) and not visit.bench.served:
        settle(visit, visit.place)
        return see_other(visit.url("rounds"))

    service = visit.bench.panel.service()
    try:
        source = lifecycle.read_source(visit.place.folder)
    except lifecycle.ProjectUnreadyError as error:
        raise RefusedError("还不能在网上征询", str(error)) from error
    number, title = visit.person.id or service.own, visit.text("title", 120) or source.name

    def work(connection: Any) -> int:
        project = lifecycle.enter_project(connection, source, number, service.now)
        actor = f"organiser:{number}"
        known = 0  # the form is shown where there is none: a second click finds the first one's
        return lifecycle.create_panel(connection, project, title, source, actor, service.now, known=known)

    return see_other(f"/o/p/{service.changing(work)}")


def _make(visit: Visit) -> Response:
    """Make questionnaires to be mailed."""
    inputs = visit.seen(30.0).run.project.inputs
    wanted = visit.text("kind", 20)
    choice = next((c for c in asking.choices(inputs, True) if c.key == wanted), None) if inputs is not None else None
    if choice is None:
        raise RefusedError("请选择问卷", "请选择要生成哪一种问卷。", 400)
    written = asking.make(visit.place.folder, choice)
    said = asking.said(written.findings)
    if not written.files:
        raise RefusedError("没有生成问卷", "".join(said))
    names = sorted({Path(p).parent.name for p in written.files})
    told = f"已生成 {len(written.files)} 份问卷，可以下载一个压缩包寄出：{'、'.join(names)}。"
    return see_other(visit.url("rounds", said=visit.bench.held.note((told, *said))))


def _packed(visit: Visit) -> Response:
    which = visit.text("which", 60)
    content = asking.packed(visit.place.folder, which)
    if content is None:
        raise NotFoundError
    return attachment(content, f"{which}问卷.zip", "application/zip")


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}/rounds", "rounds", get=_show, post=_set_up),
        screen("/p/{project}/rounds/questionnaires", "questionnaires", get=_packed, post=_make),
    )
