"""Every page: no serious accessibility finding, no sideways scrolling at 360 px, keyboard only, live figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .stage import DESK, PHONE, Server, close_round, make_links, open_round, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERIOUS = {"serious", "critical"}


def faults_in_both_colours(page: Any, axe: str) -> list[str]:
    """The same in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme} {fault}" for fault in faults_of(page, axe)]
    return found


def faults_of(page: Any, axe: str) -> list[str]:
    """Serious findings of axe-core by WCAG 2.2 A and AA."""
    page.evaluate(axe)  # in the page's own world through the debugger: the page's content rules stay in force
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate(f"axe.run(document, {{runOnly: {{type: 'tag', values: {json.dumps(tags)}}}}})")
    return [
        f"{page.url} {v['id']} ({v['impact']}): {v['nodes'][0]['html'][:160]}"
        for v in found["violations"]
        if v["impact"] in SERIOUS
    ]


@pytest.fixture(scope="module")
def played(server: Server, context: Callable[..., Any]) -> dict[str, Any]:
    """A panel with a closed round of six answers, an open second round and an open round of comparisons."""
    office = context(viewport=DESK)
    desk = office.new_page()
    sign_in(desk, server)
    links = make_links(desk, server)
    first = open_round(desk, server, "权重分配")
    visitors = {}
    for k, code in enumerate(sorted(links)[:6]):
        visitors[code] = context(viewport=PHONE)
        page = visitors[code].new_page()
        page.goto(links[code])
        page.get_by_role("button", name="开始").click()
        page.goto(f"{server.base}/e/{first}/3")
        page.locator('[id="w.3.0"]').fill(str(30 + 8 * k))
        page.locator('[id="w.3.1"]').fill(str(70 - 8 * k))
        page.locator("details.opinion summary").first.click()
        page.locator('[id="o.3.0"]').fill("取水 <script>alert(1)</script> 更关键")
        page.locator("#state[data-state=saved]").wait_for()
        page.wait_for_timeout(1200)
        page.goto(f"{server.base}/e/{first}/review")
        page.get_by_role("button", name="提交").click()
        page.wait_for_url("**/receipt")
        page.close()
    close_round(desk, server, first)
    second = open_round(desk, server, "权重分配")
    pairs = open_round(desk, server, "两两比较")
    return {
        "desk": desk,
        "office": office,
        "visitor": visitors["专家01"],
        "others": visitors,
        "first": first,
        "second": second,
        "pairs": pairs,
        "links": links,
    }


def test_every_page_is_accessible_and_fits_a_phone(
    played: dict[str, Any], server: Server, context: Callable[..., Any], axe: str
) -> None:
    first, second, pairs = played["first"], played["second"], played["pairs"]
    nobody = context(viewport=PHONE).new_page()
    phone = played["visitor"].new_page()
    office = played["office"].new_page()
    office.set_viewport_size(PHONE)
    visits = [
        *(
            (nobody, path)
            for path in ("/", "/login", played["links"]["专家12"].removeprefix(server.base), "/l/unknown", "/e")
        ),
        *(
            (phone, path)
            for path in (
                "/e",
                f"/e/{second}/0",
                f"/e/{second}/3",
                f"/e/{second}/review",
                f"/e/{first}/3",
                f"/e/{first}/review",
                f"/e/{first}/receipt",
                f"/e/{pairs}/0",
                f"/e/{pairs}/6",
                "/e/999",
            )
        ),
        *(
            (office, path)
            for path in (
                "/o",
                "/o/p/1",
                "/o/p/1/people",
                "/o/p/1/report",
                "/o/p/1/audit",
                f"/o/r/{first}",
                f"/o/r/{first}/results",
                f"/o/r/{first}/dissent",
                f"/o/r/{first}/files",
                f"/o/r/{second}",
                f"/o/r/{second}/close",
                f"/o/r/{second}/files",
            )
        ),
    ]
    found, wide = [], []
    for page, path in visits:
        page.goto(f"{server.base}{path}")
        found += faults_of(page, axe)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(path)
    assert not found, "\n".join(found)
    assert not wide


def test_dark_pages_keep_their_contrast(
    played: dict[str, Any], server: Server, context: Callable[..., Any], axe: str
) -> None:
    page = played["visitor"].new_page()
    page.emulate_media(color_scheme="dark")
    found = []
    for path in ("/e", f"/e/{played['second']}/3", f"/e/{played['pairs']}/3", f"/e/{played['second']}/review"):
        page.goto(f"{server.base}{path}")
        found += faults_of(page, axe)
    assert not found, "\n".join(found)


def test_keyboard_alone_compares_and_sees_consistency(played: dict[str, Any], server: Server) -> None:
    """Tab into the scale, choose by arrow keys; CR, the judgements to revisit and the cycle appear without a mouse."""
    page = played["visitor"].new_page()
    page.goto(f"{server.base}/e/{played['pairs']}/7")
    for item, presses in (("p.7.0.1", 3), ("p.7.1.2", 3), ("p.7.0.2", 12)):
        page.locator(f'input[name="{item}"]').first.focus()
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
        page.locator("#state[data-state=saved]").wait_for()
        page.wait_for_timeout(500)
    check = page.locator("#check")
    check.get_by_text("判断有循环").wait_for()
    assert "请复核" in check.inner_text()
    assert check.locator(".advice li").count() == 3
    assert "CR 变为" in check.inner_text()
    # what is read out after each answer is short; the whole card is not
    tally = page.get_by_role("status").filter(has_text="已比 3 / 3")
    assert "请复核" in tally.inner_text()
    assert check.get_attribute("aria-live") is None
    tally.get_by_role("link").press("Enter")
    page.wait_for_function("document.querySelector('#check').getBoundingClientRect().top < innerHeight")


def test_the_board_tells_who_began_without_a_reload(played: dict[str, Any], server: Server) -> None:
    desk, page = played["office"].new_page(), played["others"]["专家02"].new_page()
    desk.clock.install()
    desk.goto(f"{server.base}/o/r/{played['pairs']}")
    of = desk.locator(".board li", has_text="专家02")
    assert "未提交" not in of.inner_text()
    page.goto(f"{server.base}/e/{played['pairs']}/3")
    page.locator('input[name="p.3.0.1"]').first.check(force=True)
    page.locator("#state[data-state=saved]").wait_for()
    desk.clock.run_for(15_000)
    of.get_by_text("未提交").wait_for(timeout=5_000)


def test_what_others_wrote_is_text(played: dict[str, Any], server: Server) -> None:
    page = played["visitor"].new_page()
    page.on("dialog", lambda dialog: pytest.fail("a stored script ran"))
    page.goto(f"{server.base}/e/{played['second']}/3")
    reasons = page.locator("details.others")
    reasons.first.locator("summary").click()
    assert "<script>alert(1)</script>" in reasons.first.inner_text()
    desk = played["desk"]
    desk.goto(f"{server.base}/o/r/{played['first']}/dissent")
    assert "<script>alert(1)</script>" in desk.locator("main").inner_text()


def test_two_tabs_do_not_overwrite_each_other_silently(played: dict[str, Any], server: Server) -> None:
    one, two = (played["others"]["专家02"].new_page() for _ in range(2))
    for page in (one, two):
        page.goto(f"{server.base}/e/{played['second']}/3")
    one.locator('[id="w.3.0"]').fill("60")
    one.locator("#state[data-state=saved]").wait_for()
    two.locator('[id="w.3.0"]').fill("20")
    two.get_by_text("已在另一个窗口改过").wait_for()
    assert "“60”" in two.locator('[data-fault="w.3.0"]').inner_text()
    two.get_by_role("button", name="仍用这里的答案").click()
    two.locator("#state[data-state=saved]").wait_for()
    one.reload()
    assert one.locator('[id="w.3.0"]').input_value() == "20"


def test_closing_the_page_offline_loses_nothing(played: dict[str, Any], server: Server) -> None:
    """Answers given without a connection wait in the browser and are saved at the next visit."""
    visitor = played["others"]["专家03"]
    page = visitor.new_page()
    page.goto(f"{server.base}/e/{played['second']}/3")
    visitor.set_offline(True)
    page.locator('[id="w.3.0"]').fill("45")
    page.locator("#state[data-state=unsaved]").wait_for()
    page.close()
    visitor.set_offline(False)
    back = visitor.new_page()
    back.goto(f"{server.base}/e/{played['second']}/3")
    back.locator("#state[data-state=saved]").wait_for()
    back.reload()
    assert back.locator('[id="w.3.0"]').input_value() == "45"


def test_from_the_phone_to_the_desk_in_mid_round(
    played: dict[str, Any], server: Server, context: Callable[..., Any]
) -> None:
    """The same link on another machine shows what was answered on the first."""
    phone = played["others"]["专家04"].new_page()
    phone.goto(f"{server.base}/e/{played['second']}/3")
    phone.locator('[id="w.3.1"]').fill("33")
    phone.locator("#state[data-state=saved]").wait_for()
    desk = context(viewport=DESK).new_page()
    desk.goto(played["links"]["专家04"])
    desk.get_by_role("button", name="开始").click()
    desk.wait_for_url("**/e")
    desk.goto(f"{server.base}/e/{played['second']}/3")
    assert desk.locator('[id="w.3.1"]').input_value() == "33"


# the last one: it closes the round that the others answer
def test_a_round_that_closes_meanwhile_says_that_the_answer_does_not_count(
    played: dict[str, Any], server: Server
) -> None:
    page = played["visitor"].new_page()
    page.goto(f"{server.base}/e/{played['second']}/3")
    close_round(played["desk"], server, played["second"])
    page.locator('[id="w.3.0"]').fill("51")
    page.get_by_text("不计入结果").first.wait_for()
    assert page.locator('[id="w.3.0"]').input_value() == "51"
