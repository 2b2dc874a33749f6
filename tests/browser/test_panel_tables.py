"""Two tables on a phone: one session, each group says which tables it weighs, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drafting.panel import items, lifecycle
from drafting.panel.database import writing
from drafting.panel.definition import Instrument
from tests.drafting.panel.test_tables_on_the_web import CODES, LAST, points, two_tables

from .stage import PHONE, Server
from .study import NOW, Invited, enter


@pytest.mark.slow
def test_an_expert_of_one_table_finishes_a_round_on_a_phone(tmp_path: Path, context: Callable[..., Any]) -> None:
    folder = two_tables(tmp_path / "项目")
    with Server(folder, f"sqlite:///{tmp_path / 'panel.sqlite3'}") as server:
        study = Invited(server)
        with writing(study.engine) as c:
            first = study.open(c, Instrument.ALLOCATION)
            for expert, code in enumerate(CODES):
                own = [(g, of) for g, of in enumerate(study.groups) if code != LAST or of.concerns(("乙工序",))]
                values = {
                    items.weight(g, k): str(p)
                    for g, of in own for k, p in enumerate(points(len(of.items), expert, turned=False))
                }  # fmt: skip
                study.hand_in(c, first, code, values)
            lifecycle.close_round(c, first, "-", NOW)
            second = study.open(c, Instrument.ALLOCATION)
        page = enter(context(viewport=PHONE), study.links[LAST])
        page.get_by_role("link", name="开始填写").click()
        seen = []
        while "/review" not in page.url:
            seen.append((page.get_by_role("heading", level=1).inner_text(), page.locator(".tables").inner_text()))
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            page.get_by_role("button", name="沿用上轮", exact=True).click()
            page.wait_for_load_state()
        assert seen == [
            ("能源消耗", "表：甲工序（前段工序）、乙工序（后段工序）共用，只答一次"),
            ("一级指标", "表：乙工序（后段工序）"), ("污染物产生与排放", "表：乙工序（后段工序）"),
        ]  # fmt: skip
        page.get_by_role("button", name="提交").click()
        page.wait_for_url(f"**/e/{second}/receipt")
        assert "甲工序·一级指标" not in page.inner_text("main")
