"""The draft's page in a real browser: phone and desk, light and dark, keyboard and touch, without any network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser
ALL_OPEN = "document.querySelectorAll('.levels details').forEach(d => { d.open = true; })"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module", params=["public", "internal"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the example with everything that a page may carry."""
    import shutil

    from drafting.pipeline.running import run_project
    from drafting.publishing.publisher import Publisher

    folder = tmp_path_factory.mktemp(request.param) / "项目"
    shutil.copytree(EXAMPLE, folder)
    publisher = Publisher(run_project(folder), request.param)
    publisher.write(["html"], papers=[])
    return publisher.written[0].as_uri()


def opened(browser: Any, address: str, width: int, scheme: str = "light", **options: Any) -> Any:
    page = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, **options).new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    return page


@pytest.mark.parametrize("width", [320, 390, 1100, 1280])
def test_the_page_never_scrolls_sideways_and_asks_nobody(browser: Any, address: str, width: int) -> None:
    page = opened(browser, address, width)
    page.evaluate(ALL_OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    if width < 600:
        wide = "[...document.querySelectorAll('.sheet .table')].filter(t => t.scrollWidth > t.clientWidth).length"
        assert page.evaluate(wide) > 0  # a wide table scrolls in its own box
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_wcag_2_2_aa(browser: Any, address: str, width: int, scheme: str) -> None:
    page = opened(browser, address, width, scheme)
    page.evaluate(ALL_OPEN)
    found = axe.Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    page.context.close()


def test_a_figure_says_its_source_by_keyboard_touch_and_mouse(browser: Any, address: str) -> None:
    page = opened(browser, address, 390, has_touch=True)
    figure = page.locator(".sheet .figure").first
    source = figure.locator(".source")
    assert not source.is_visible()
    figure.focus()
    assert source.is_visible()
    assert source.inner_text().startswith("来源")
    page.keyboard.press("Escape")
    assert not source.is_visible()
    other = page.locator(".sheet .figure").nth(3)
    other.tap()
    assert other.locator(".source").is_visible()
    box = other.locator(".source").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.context.close()
    page = opened(browser, address, 1280)
    page.locator(".sheet .figure").first.hover()
    assert page.locator(".sheet .figure .source").first.is_visible()
    page.context.close()


def test_paper_has_no_contents_bar_and_the_internal_edition_is_marked(browser: Any, address: str) -> None:
    page = opened(browser, address, 1280)
    mark = "getComputedStyle(document.body, '::before').content"
    expected = '"内部资料"' if page.evaluate("document.body.className") == "internal" else "none"
    assert page.evaluate(mark) == expected
    page.emulate_media(media="print")
    assert page.evaluate(mark) == expected
    assert not page.locator(".sidebar").is_visible()
    page.context.close()


def test_a_baseline_opens_by_keyboard_into_its_pictures(browser: Any, address: str) -> None:
    page = opened(browser, address, 390)
    row = page.locator(".levels details").first
    assert not row.locator("figure").first.is_visible()
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    assert row.locator("figure").count() == 2
    for figure in row.locator("figure").all():
        box = figure.bounding_box()
        assert figure.is_visible()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    letters = "[...document.querySelectorAll('.levels [open] svg text')].map(t => t.getBoundingClientRect().height)"
    assert min(page.evaluate(letters)) >= 9  # readable on a phone
    page.context.close()
