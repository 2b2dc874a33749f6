"""A study on the example's panel: a closed first round, an open second one, comparisons; and experts who come in."""

from __future__ import annotations

from typing import Any

from drafting.panel import accounts, items, lifecycle, records, submitting
from drafting.panel.answering import Answer, save_answers
from drafting.panel.database import open_database, writing
from drafting.panel.definition import Instrument

from .stage import Server

NOW = 1_800_000_000


def share(expert: int, size: int) -> list[int]:
    """Whole points that add up to 100, different from expert to expert."""
    given = [100 // size - 3 + ((expert * (k + 2)) % 5) for k in range(size)]
    given[0] += 100 - sum(given)
    return given


class Invited:
    """The example's panel with everybody's links, no round begun."""

    def __init__(self, server: Server) -> None:
        self.server, self.engine = server, open_database(server.url)
        self.panel_id = int(server.made["panel"])
        with writing(self.engine) as c:
            self.panel = records.panel(c, self.panel_id)
            self.groups = self.panel.definition.groups
            members = records.members_of(c, self.panel_id)
            self.people = {m.code: m.pseudonym for m in members}
            self.links = {i.code: f"{server.base}/l/{i.token}" for i in accounts.invite(c, members, "-", NOW, 3000)}

    def open(self, c: Any, instrument: Instrument) -> int:
        number = lifecycle.prepare_round(c, records.panel(c, self.panel_id), instrument, "-", NOW)
        lifecycle.open_round(c, number, "-", NOW)
        return number

    def answer(self, c: Any, round_id: int, code: str, values: dict[str, str]) -> None:
        save_answers(c, [Answer(None, round_id, self.people[code], i, v) for i, v in values.items()], NOW)

    def hand_in(self, c: Any, round_id: int, code: str, values: dict[str, str]) -> None:
        self.answer(c, round_id, code, values)
        submitting.submit(c, self.panel, round_id, self.people[code], NOW)

    def said(self, round_id: int, code: str) -> dict[str, str]:
        with self.engine.connect() as c:
            return {i: v for i, (v, _) in records.answers_of(c, round_id, self.people[code]).items()}


class Study(Invited):
    """A closed first round of eight experts, an open second one and open comparisons."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        with writing(self.engine) as c:
            self.first = self.open(c, Instrument.ALLOCATION)
            for expert, code in enumerate(list(self.people)[:8]):
                values = {
                    items.weight(g, k): str(p)
                    for g, group in enumerate(self.groups)
                    for k, p in enumerate(share(expert, len(group.items)))
                }
                self.hand_in(c, self.first, code, values | {"o.0.0": f"第{expert}人的意见"})
            lifecycle.close_round(c, self.first, "-", NOW)
            self.second = self.open(c, Instrument.ALLOCATION)
            self.pairs = self.open(c, Instrument.PAIRWISE)


def enter(context: Any, link: str) -> Any:
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="开始").click()
    page.wait_for_url("**/e")
    return page


def settled(page: Any, name: str = "saved") -> None:
    page.locator(f"#state[data-state={name}]").wait_for()


class Finger:
    """Counts taps; typing on the keyboard that a field opens is none."""

    def __init__(self, page: Any) -> None:
        self.page, self.taps = page, 0

    def tap(self, target: Any) -> None:
        self.taps += 1
        target.tap()
