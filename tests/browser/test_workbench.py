"""The workbench by what its pages say: a newcomer, a mended file, a moved baseline, a build watched and stopped."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest

from drafting.keeping.version import NAMED
from drafting.keeping.versions import freeze

from .bench import Workbench, small, spoil
from .stage import DESK, PHONE
from .test_panel_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    with Workbench() as running:
        small(running.projects / "小行业")
        yield running


@pytest.fixture(scope="module")
def visitor(bench: Workbench, context: Callable[..., Any]) -> Any:
    """A browser that has come in, and watches that nothing is asked of another machine."""
    made = context(viewport=DESK, accept_downloads=True)
    asked: set[str] = set()
    made.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
    page = made.new_page()
    page.goto(bench.start())
    yield made
    assert asked <= {"127.0.0.1", ""}, asked


@pytest.fixture
def page(visitor: Any) -> Any:
    return visitor.pages[0]


def opened(page: Any, *names: str) -> Any:
    """The list of projects, the small one, and a screen of it."""
    page.goto(f"http://{urlsplit(page.url).netloc}/")
    page.get_by_role("link", name="小行业").click()
    page.locator(".stages").wait_for()
    for name in names:
        page.get_by_label("项目", exact=True).get_by_role("link", name=name).click()
        page.locator("main h1:not(.waiting)").first.wait_for()
    return page


def test_a_newcomer_has_the_draft_in_eight_clicks(bench: Workbench, context: Callable[..., Any]) -> None:
    """From a fresh folder: what the pages call the next step is the only button that is pressed."""
    with Workbench() as fresh:
        page = context(viewport=DESK, accept_downloads=True).new_page()
        clicks = 0
        page.goto(fresh.start())
        for name in ("打开示例项目", "生成草案", "下载草案"):
            button = page.get_by_role("link" if name == "下载草案" else "button", name=name, exact=True)
            button.wait_for(timeout=300_000)
            assert page.locator(".primary").count() == 1, "one primary button a page"
            button.click()
            clicks += 1
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 Word 草案").click()
        clicks += 1
        assert clicks <= 8
        assert download.value.suggested_filename.endswith("（征求意见稿）.docx")
        assert Path(download.value.path()).read_bytes().startswith(b"PK")
        assert page.get_by_text("不要外发").count() >= 2  # at every file with names
        page.get_by_role("button", name="退出").click()
        page.get_by_role("heading", name="工作台已退出").wait_for()
        assert fresh.wait() == 0


def test_a_file_is_mended_in_excel(bench: Workbench, page: Any, tmp_path: Path) -> None:
    folder = bench.projects / "小行业"
    right = spoil(folder / "调研数据.xlsx", "A1", "企业", tmp_path / "right.xlsx")
    wrong = spoil(folder / "调研数据.xlsx", "D7", "约一百", tmp_path / "wrong.xlsx")
    opened(page, "文件")
    page.get_by_label("调研数据：选择文件").set_input_files(wrong)  # that is all: choosing is sending
    page.get_by_role("heading", name="1 类问题必须改正").wait_for()
    assert "D7" in page.locator(".cause.error").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标注的 调研数据.xlsx").click()
    marked = download.value.path()
    assert Path(marked).read_bytes().startswith(b"PK")
    opened(page)
    page.get_by_role("link", name="看 1 类必须改正的问题").click()
    page.get_by_label("项目", exact=True).get_by_role("link", name="文件").click()
    page.get_by_label("调研数据：选择文件").set_input_files(right)
    page.get_by_role("heading", name="没有必须改正的问题").wait_for()
    page.get_by_text("已解决的").click()
    assert "约一百" in page.locator(".solved").inner_text()
    assert len(list((folder / "记录" / "版本").glob("*.json"))) == 2


def test_a_baseline_is_moved_by_mouse_finger_keys_and_number(bench: Workbench, page: Any, context: Any) -> None:
    """Shares and grades are those of ``drafting baselines --what-if --json``."""
    opened(page, "基准值")
    page.get_by_role("link", name="能耗").click()
    handle, field = page.locator('.handle[data-grade="III"]'), page.get_by_label("Ⅲ级基准值，试")
    before = field.input_value()

    def agrees() -> None:
        page.locator("[data-touched]", has_text="Ⅲ级基准值").wait_for()
        page.wait_for_timeout(600)
        value = field.input_value()
        line = [sys.executable, "-m", "drafting", "baselines", str(bench.projects / "小行业"), "--json"]
        done = subprocess.run([*line, "--what-if", f"E1:III={value}"], capture_output=True, text=True, timeout=60)
        told = json.loads(done.stdout)["what_if"]
        share = told["changes"][0]["after"]["share"]
        assert page.locator('[data-share="III"]').inner_text() == f"{100 * share:.1f}%"
        shown = [int(cell) for cell in page.locator("[data-trial] .after").all_inner_texts()]
        assert shown == list(told["distribution"]["after"].values())
        if told["moved"]:
            assert f"{told['moved']} 家企业的等级会变" in page.locator("[data-sentence]").inner_text()
        else:
            assert "没有企业的等级会变" in page.locator("[data-sentence]").inner_text()

    knob = handle.locator(".knob").bounding_box()
    page.mouse.move(knob["x"] + 8, knob["y"] + 8)
    page.mouse.down()
    page.mouse.move(knob["x"] - 70, knob["y"] + 8, steps=6)
    page.mouse.up()
    assert float(field.input_value()) < float(before)
    agrees()
    moved = float(field.input_value())
    handle.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    assert float(field.input_value()) == pytest.approx(moved + 0.11)
    field.fill("3.2")
    agrees()
    with page.expect_download() as download:
        page.get_by_role("button", name="写入副本并下载").click()
    assert download.value.suggested_filename == "项目（E1 基准值）.xlsx"
    phone = context(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.add_cookies(page.context.cookies())
    small_page = phone.new_page()
    small_page.goto(page.url.split("?")[0])
    small_page.locator('.handle[data-grade="III"]').wait_for()
    box = small_page.locator('.handle[data-grade="III"] .knob').bounding_box()
    touch = small_page.context.new_cdp_session(small_page)
    points = [(box["x"] + 4 - 8 * n, box["y"] + 4) for n in range(5)]
    for n, (x, y) in enumerate(points):
        kind = "touchStart" if n == 0 else "touchMove"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert float(small_page.get_by_label("Ⅲ级基准值，试").input_value()) < float(before)
    phone.close()


def test_a_build_survives_a_reload_and_stopping_it_leaves_the_former_files(bench: Workbench, page: Any) -> None:
    folder = bench.projects / "小行业" / "成果"
    opened(page).get_by_role("button", name="生成草案").click()
    page.get_by_role("heading", name="正在生成草案").wait_for()
    page.reload()
    page.get_by_role("heading", name="草案已生成").wait_for(timeout=200_000)
    former = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert any(name.endswith(".docx") for name in former)
    opened(page).get_by_role("button", name="重新生成").click()
    page.get_by_role("heading", name="正在生成草案").wait_for()
    opened(page)  # elsewhere the page says that something runs
    page.get_by_role("link", name="正在生成草案").click()
    page.get_by_role("button", name="停止").click()
    page.get_by_role("heading", name="已停止").wait_for(timeout=5_000)
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == former


SCREENS = (
    "",
    "/files",
    "/findings",
    "/clauses",
    "/levels",
    "/levels/E1",
    "/trial",
    "/calibration?targets=5,20,50",
    "/rounds",
    "/draft",
    "/weights",
    "/versions",
    "/versions/0001-甲",
    "/versions/0001-甲?until=0002-乙",
    "/opinions",
    "/outputs",
    "/build",
)


def trouble(folder: Path) -> Path:
    """Two versions; a number in words, an enterprise twice, a form that is no file, an opinion undecided."""
    small(folder)
    for name in ("甲", "乙"):
        freeze(folder, name, NAMED)
        spoil(folder / "项目.xlsx", "B2", f"能耗（{name}之后）", folder / "项目.xlsx")
    for cell, value in (("D7", "约一百"), ("A9", "企业03")):
        spoil(folder / "调研数据.xlsx", cell, value, folder / "调研数据.xlsx")
    (folder / "企业调查表").mkdir()
    (folder / "企业调查表" / "坏.xlsx").write_bytes(b"PK no archive")
    (folder / "意见").mkdir()
    book = openpyxl.Workbook()
    for row in (("单位", "章条", "意见内容", "修改建议"), ("甲院", "5.2", "过严", "")):
        book.worksheets[0].append(row)
    book.save(folder / "意见" / "甲院.xlsx")
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["360", "1280"])
def test_every_screen_is_accessible_and_fits(
    bench: Workbench, page: Any, context: Any, axe: str, viewport: dict[str, int], scheme: str
) -> None:
    """Of a project in trouble, in every crossing of width and scheme; the rules of content are watched meanwhile."""
    if not (bench.projects / "有问题").exists():
        trouble(bench.projects / "有问题")
    opened(page)
    root = f"http://{urlsplit(page.url).netloc}"
    looking = context(viewport=viewport, color_scheme=scheme)
    looking.add_cookies(page.context.cookies())
    look = looking.new_page()
    faults, wide = [], []
    for address in (f"{root}/", *(f"{root}/p/有问题{screen}" for screen in SCREENS)):
        look.goto(address)
        look.locator("h1").first.wait_for()
        look.locator("[data-waiting]").wait_for(state="detached")
        faults += faults_of(look, axe)
        if look.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            wide.append(address)
    looking.close()
    assert not faults
    assert not wide


def test_without_script_everything_but_dragging_works(
    bench: Workbench, page: Any, context: Any, tmp_path: Path
) -> None:
    opened(page)
    project = page.url
    plain = context(viewport=PHONE, java_script_enabled=False, accept_downloads=True)
    plain.add_cookies(page.context.cookies())
    look = plain.new_page()
    look.goto(project + "/levels/E1")
    look.get_by_label("Ⅲ级基准值，试").fill("3.2")
    look.get_by_role("button", name="试算").click()
    assert "等级会变" in look.get_by_role("heading", name="等级会怎样变").locator("..").inner_text()
    look.goto(project + "/files")
    look.get_by_label("调研数据：选择文件").set_input_files(bench.projects / "小行业" / "调研数据.xlsx")
    look.get_by_role("region", name="调研数据").get_by_role("button", name="上传并检查").click()
    look.get_by_role("heading", name="没有必须改正的问题").wait_for()
    look.goto(project + "/trial")
    look.get_by_label("企业的数据").set_input_files(bench.projects / "小行业" / "调研数据.xlsx")
    look.get_by_role("button", name="评价", exact=True).click()
    look.get_by_role("heading", name="评价结果").wait_for()
    with look.expect_download() as download:
        look.get_by_role("link", name="下载 评价结果-调研数据.xlsx").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    look.goto(project + "/calibration")
    look.get_by_label("达到Ⅰ级、Ⅱ级及以上").fill("10,30,60")
    look.get_by_role("button", name="校准").click()
    look.get_by_role("heading", name="等级会怎样变").wait_for()  # by refreshing, as long as it is computed
    look.goto(project + "/versions")
    look.get_by_label("定稿的阶段，或留存现状的名称").fill("试一试")
    look.get_by_role("button", name="留存").click()
    look.get_by_text("试一试", exact=False).first.wait_for()
    look.goto(project)
    look.get_by_role("button", name="生成").first.click()
    look.get_by_role("heading", name="草案已生成").wait_for(timeout=200_000)
    look.get_by_role("link", name="下载草案").click()
    with look.expect_download() as download:
        look.get_by_role("link", name="下载 Word 草案").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    plain.close()


def test_the_keyboard_alone_reaches_the_next_step(bench: Workbench, page: Any) -> None:
    opened(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.primary')"):
            break
    assert page.evaluate("document.activeElement.matches('.primary')")


def test_the_keyboard_alone_tries_a_baseline_keeps_a_version_and_leaves(bench: Workbench, page: Any) -> None:
    """Nothing but keys: a screen of the list, an indicator, its line moved; a state kept under its name."""
    opened(page)

    def reach(wanted: str, most: int = 80) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({wanted!r})"):
                return
        raise AssertionError(wanted)

    reach('.side a[href$="/levels"]')
    page.keyboard.press("Enter")
    page.locator(".thumbs .name").first.wait_for()
    reach(".thumbs .name")
    page.keyboard.press("Enter")
    page.locator('.handle[data-grade="III"]').wait_for()
    before = page.get_by_label("Ⅲ级基准值，试").input_value()
    reach('.handle[data-grade="III"]')
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("Ⅲ级基准值，试").input_value() != before
    page.keyboard.press("Shift+Tab")
    opened(page)
    reach('.side a[href$="/versions"]')
    page.keyboard.press("Enter")
    page.get_by_label("定稿的阶段，或留存现状的名称").wait_for()
    reach("#name")
    page.keyboard.type("键盘留存")
    page.keyboard.press("Enter")
    page.get_by_text("键盘留存").first.wait_for()


def test_somebody_else_does_not_get_in(bench: Workbench, page: Any, context: Any) -> None:
    start = bench.start()
    first, second = context().new_page(), context().new_page()
    first.goto(start)
    first.get_by_role("heading", name="项目", exact=True).wait_for()
    second.goto(start)  # replayed
    second.get_by_role("heading", name="请重新启动工作台").wait_for()
    second.goto(page.url)
    second.get_by_role("heading", name="请从工作台进入").wait_for()


def test_an_upload_that_breaks_off_changes_nothing(bench: Workbench, page: Any) -> None:
    """The browser is closed after some bytes: before the file begins, within it."""
    opened(page)
    address = urlsplit(page.url)
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    csrf = page.locator('[name="csrf"]').first.get_attribute("value")
    folder = bench.projects / "小行业"
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    parts = (
        f'--B\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n--B\r\n'
        'Content-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    )
    body = parts.encode() + bytes(3_000_000) + b"\r\n--B--\r\n"
    head = (
        f"POST {address.path}/files/survey HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for sent in (100, 300, 2_000_000):
        with socket.create_connection((str(address.hostname), int(address.port or 0))) as line:
            line.sendall(head.encode() + body[:sent])
    opened(page, "文件")
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert bench.alive
    assert "Traceback" not in (bench.folder / "log").read_text("utf-8")
