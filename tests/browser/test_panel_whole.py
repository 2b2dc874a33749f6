"""A whole panel in real browsers: twelve experts from their invitation to weights, over three rounds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.drafting.panel.test_round_trip import set_setting, share, weigh, write_mail

from .stage import PHONE, Server, close_round, make_links, open_round, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GROUPS = (9, 4, 4, 2, 4, 4, 8, 3, 5)
"""Sizes of the example's groups that are asked for."""


def saved(page: Any) -> None:
    """Wait until the page says that everything is on the server's disk."""
    page.locator("#state[data-state=saved]").wait_for()


def answer_group(page: Any, server: Server, own: int, number: int, expert: int, group: int) -> None:
    """Fill in one group as that expert does in that round."""
    page.goto(f"{server.base}/e/{own}/{group}")
    for k, points in enumerate(share(expert, number, group, GROUPS[group])):
        page.locator(f'[id="w.{group}.{k}"]').fill(str(points))


class Played:
    """One scripted expert with a browser context of its own."""

    def __init__(self, context: Any, server: Server, code: str, link: str) -> None:
        self.context, self.server, self.code, self.link = context, server, code, link
        self.expert = int(code[-2:])
        self.page = context.new_page()

    def enter(self) -> None:
        """Open the link, press 开始; the address carries no token from then on."""
        self.page.goto(self.link)
        self.page.get_by_role("button", name="开始").click()
        self.page.wait_for_url("**/e")
        assert self.link.rsplit("/", 1)[1] not in self.page.url

    def play(self, own: int, number: int) -> None:
        """Answer all groups, assess oneself in the first round, submit."""
        for group in range(len(GROUPS)):
            answer_group(self.page, self.server, own, number, self.expert, group)
            saved(self.page)
        if number == 1:  # asked once for all rounds
            self.assess(own)
        self.submit(own)

    def assess(self, own: int) -> None:
        """The self-assessment, saved answer by answer."""
        self.page.goto(f"{self.server.base}/e/{own}/review")
        card = self.page.locator("#self")
        if card.get_attribute("open") is None:
            card.locator("summary").click()
        for k, word in enumerate(("大", "中", "中", "小", "熟悉")):
            self.page.locator(f'input[name="a.{k}"][value="{word}"]').check(force=True)
        saved(self.page)

    def submit(self, own: int) -> None:
        """Hand in; the receipt confirms."""
        self.page.goto(f"{self.server.base}/e/{own}/review")
        self.page.get_by_role("button", name=re.compile("提交")).click()
        self.page.wait_for_url("**/receipt")


class Scriptless(Played):
    """An expert whose browser runs no script: plain forms."""

    def play(self, own: int, number: int) -> None:
        """Answer group by group with the form's own button."""
        for group in range(len(GROUPS)):
            answer_group(self.page, self.server, own, number, self.expert, group)
            self.page.get_by_role("button", name="保存", exact=True).click()
            assert self.page.locator(".static-fault").count() == 0
        self.submit(own)


class Interrupted(Played):
    """An expert who loses the connection in the middle of a group and closes nothing."""

    def play(self, own: int, number: int) -> None:
        """Lose the connection while answering the first group, get it back, go on."""
        self.page.goto(f"{self.server.base}/e/{own}/0")
        points = share(self.expert, number, 0, GROUPS[0])
        for k, value in enumerate(points):
            if k == 3:
                self.context.set_offline(True)
            self.page.locator(f'[id="w.0.{k}"]').fill(str(value))
        self.page.locator("#state[data-state=unsaved]").wait_for()
        assert "未保存" in self.page.locator("#state").inner_text()
        self.context.set_offline(False)
        saved(self.page)
        super().play(own, number)


class Doubled(Played):
    """An expert who answers twice: hands in something else first, then the real answers."""

    def play(self, own: int, number: int) -> None:
        """Submit one group turned round, come back, revise, submit again."""
        self.page.goto(f"{self.server.base}/e/{own}/3")
        a, b = share(self.expert, number, 3, GROUPS[3])
        for k, value in enumerate((b, a)):
            self.page.locator(f'[id="w.3.{k}"]').fill(str(value))
        saved(self.page)
        self.submit(own)
        super().play(own, number)
        assert "第 2 次" in self.page.locator("main").inner_text()


KINDS = {"专家01": Played, "专家02": Scriptless, "专家03": Interrupted, "专家04": Doubled}


def weights_command(folder: Path) -> dict[str, Any]:
    """``drafting weights DIR --json`` as a user runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "drafting", "weights", str(folder), "--json"], capture_output=True, timeout=300
    )
    content = json.loads(done.stdout)
    return {k: content[k] for k in ("first_level", "second_level")}


def test_twelve_experts_three_rounds(server: Server, context: Callable[..., Any], tmp_path: Path) -> None:
    import shutil

    mailed = tmp_path / "建筑陶瓷"
    for folder in (server.folder,):
        set_setting(folder, "权重方法", "专家咨询法")
    shutil.copytree(server.folder, mailed)
    desk = context().new_page()
    sign_in(desk, server)
    links = make_links(desk, server)
    options: dict[str, dict[str, Any]] = {
        "专家01": {"viewport": PHONE, "has_touch": True},
        "专家02": {"java_script_enabled": False},
    }
    people = [
        KINDS.get(code, Played)(context(**options.get(code, {})), server, code, link)
        for code, link in sorted(links.items())
    ]
    assert len(people) == 12
    for person in people:
        person.enter()
    for number in (1, 2, 3):
        own = open_round(desk, server, "权重分配")
        for person in people:
            if number > 1 and person.expert == 5:
                person.page.goto(f"{server.base}/e/{own}/0")
                assert person.page.locator(".feedback svg").count() == GROUPS[0]
                assert "您上轮" in person.page.locator(".feedback").first.inner_text()
                assert person.page.locator('[id="w.0.0"]').input_value() == ""  # never a preset answer
            person.play(own, number)
        desk.goto(f"{server.base}/o/r/{own}")
        assert "12 / 12" in desk.locator(".tile").first.inner_text().replace("\n", " ")
        desk.goto(f"{server.base}/o/r/{own}/results")
        assert desk.get_by_text("尚未结束").count() == 1  # no figures while it is open
        close_round(desk, server, own)
        desk.goto(f"{server.base}/o/r/{own}/files")
        desk.get_by_role("button", name="导出").click()
        desk.get_by_text("新写出").wait_for()
        # the same panel by mail: put into the folder by hand
        target = mailed / "德尔菲" / f"第{number}轮"
        target.mkdir(parents=True)
        for code, data in write_mail(mailed, number).items():
            (target / f"{code}.xlsx").write_bytes(data)
        if number == 2:
            assert weights_command(server.folder) == weights_command(mailed)
    assert weigh(server.folder) == weigh(mailed)
    log = server.log.read_text("utf-8")
    assert not any(link.rsplit("/", 1)[1] in log for link in links.values())
    assert '"status": 500' not in log
