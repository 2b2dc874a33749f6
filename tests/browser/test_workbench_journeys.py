"""More journeys by what the pages say: a Chinese input method, Excel open beside it, versions, two people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest

from .bench import House, Workbench, small, spoil
from .stage import DESK, PHONE
from .test_workbench_whole import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROJECT = "小行业"


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    with Workbench() as running:
        small(running.projects / PROJECT)
        yield running


@pytest.fixture(scope="module")
def page(bench: Workbench, context: Callable[..., Any]) -> Any:
    made = context(viewport=DESK, accept_downloads=True).new_page()
    made.goto(bench.start())
    return made


def opened(page: Any, *names: str) -> Any:
    page.goto(f"http://{urlsplit(page.url).netloc}/")
    page.get_by_role("link", name=PROJECT, exact=True).click()
    page.locator(".stages").wait_for()
    for name in names:
        page.get_by_label("项目", exact=True).get_by_role("link", name=name).click()
        page.locator("main h1:not(.waiting)").first.wait_for()
    return page


def compose(page: Any, sounds: str, words: str) -> None:
    """As an input method types: the sounds stand in the field underlined, Enter or a blank puts the words there."""
    keys = page.context.new_cdp_session(page)
    for end in range(1, len(sounds) + 1):
        keys.send("Input.imeSetComposition", {"text": sounds[:end], "selectionStart": end, "selectionEnd": end})
    for kind in ("rawKeyDown", "keyUp"):  # the key belongs to the input method, not to the page
        key = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
        keys.send("Input.dispatchKeyEvent", {"type": kind, **key})
    keys.send("Input.insertText", {"text": words})


def test_a_chinese_input_method_writes_names_reasons_and_numbers(bench: Workbench, page: Any) -> None:
    """Nothing is sent while words are being put together; full-width digits are the numbers that they show."""
    opened(page, "版本")
    field = page.get_by_label("定稿的阶段，或留存现状的名称")
    field.focus()
    compose(page, "tiaozhengqian", "调整前")
    assert field.input_value() == "调整前"
    assert page.locator(".shelf").count() == 0, "sent before it was finished"
    page.keyboard.press("Enter")
    page.locator(".shelf .name", has_text="调整前").wait_for()
    opened(page, "基准值").get_by_role("link", name="能耗").click()
    number = page.get_by_label("Ⅲ级基准值，试")
    number.fill("")
    number.focus()
    compose(page, "3.2", "３．２")
    shown = page.locator('[data-share="III"]')
    assert re.fullmatch(r"\d+\.\d%", shown.inner_text()), "looked up at once"
    page.locator("[data-touched]", has_text="≤3.2").wait_for()
    exact = shown.inner_text()
    number.fill("3.2")
    page.locator("[data-touched]", has_text="≤3.2").wait_for()
    assert shown.inner_text() == exact
    opened(page)
    page.goto(f"http://{urlsplit(page.url).netloc}/")
    page.get_by_label("项目名称").focus()
    compose(page, "shuini", "水泥行业")
    page.keyboard.press("Enter")
    page.wait_for_url("**/files")
    assert (bench.projects / "水泥行业" / "项目.xlsx").is_file()


def test_a_file_that_excel_has_open_is_not_replaced_until_it_is_closed(
    bench: Workbench, page: Any, tmp_path: Path
) -> None:
    folder = bench.projects / PROJECT
    before = (folder / "调研数据.xlsx").read_bytes()
    changed = spoil(folder / "调研数据.xlsx", "D7", 1.5, tmp_path / "changed.xlsx")
    (folder / "~$调研数据.xlsx").write_bytes(b"")
    opened(page, "文件")
    assert "正在 Excel 中打开" in page.get_by_role("region", name="调研数据").inner_text()
    page.get_by_label("调研数据：选择文件").set_input_files(changed)
    page.get_by_role("heading", name="没有写入").wait_for()
    assert "正在 Excel 中打开" in page.locator("main").inner_text()
    assert (folder / "调研数据.xlsx").read_bytes() == before
    (folder / "~$调研数据.xlsx").unlink()
    opened(page, "文件").get_by_label("调研数据：选择文件").set_input_files(changed)
    page.wait_for_url("**/findings")
    assert (folder / "调研数据.xlsx").read_bytes() == Path(changed).read_bytes()


def test_a_version_is_kept_compared_taken_out_and_restored(bench: Workbench, page: Any, tmp_path: Path) -> None:
    folder = bench.projects / PROJECT
    opened(page, "版本")
    page.get_by_label("定稿的阶段，或留存现状的名称").fill("发出之前")
    page.get_by_role("button", name="留存").click()
    page.locator(".shelf .name", has_text="发出之前").wait_for()
    before = (folder / "项目.xlsx").read_bytes()
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["二级指标"]["B2"] = "综合能耗"
    book.save(folder / "项目.xlsx")
    page.get_by_role("link", name=re.compile("发出之前：与现在比较")).click()
    page.get_by_role("heading", level=1, name=re.compile("以来改了")).wait_for()
    assert "综合能耗" in page.locator("main").inner_text()
    opened(page, "版本")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("发出之前：下载文件（不要外发）")).click()
    assert "不要外发" in download.value.suggested_filename
    entry = page.locator(".shelf li", has_text="发出之前")
    entry.get_by_text("恢复…").click()
    entry.get_by_role("button", name=re.compile("恢复到")).click()
    page.locator(".notice", has_text="已恢复到").wait_for()
    assert (folder / "项目.xlsx").read_bytes() == before
    # any two of them, by keys alone: the state before it was restored, and how it came about
    page.get_by_role("link", name=re.compile("发出之前：与现在比较")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("没有变化")).wait_for()
    page.get_by_label("比较到").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("^从“发出之前”到“.+”改了")).wait_for()
    assert "综合能耗" in page.locator("main").inner_text()
    opened(page, "版本")
    page.get_by_role("link", name="核对全部版本的校验码").click()
    page.get_by_text("全部完好").wait_for()


def test_two_people_send_the_same_file(context: Callable[..., Any], tmp_path: Path) -> None:
    """On a server, by pages alone: the second one sees what differs and keeps both; on a telephone, too."""
    with House() as house:
        admin = context(viewport=DESK).new_page()
        sign_in(admin, house.base, "管理员", house.password)
        people = {}
        for login, viewport in (("甲", DESK), ("乙", PHONE)):
            admin.goto(f"{house.base}/accounts")
            admin.get_by_label("新账号的用户名").fill(login)
            admin.get_by_role("button", name="建立账号").click()
            password = admin.get_by_role("status").locator(".code").inner_text()
            people[login] = context(viewport=viewport, accept_downloads=True).new_page()
            sign_in(people[login], house.base, login, password)
        one, other = people["甲"], people["乙"]
        one.goto(f"{house.base}/")
        one.get_by_label("项目名称").fill("水泥行业")
        one.get_by_role("button", name="新建", exact=True).click()
        one.wait_for_url("**/files")
        address = one.url
        one.get_by_label("项目", exact=True).get_by_role("link", name="人员").click()
        one.get_by_label("用户名").fill("乙")
        one.get_by_label("角色", exact=True).select_option(label="编制人")
        one.get_by_role("button", name="加入").click()
        one.locator(".shelf", has_text="乙").wait_for()
        copies = {}
        for login, who in people.items():
            who.goto(address)
            with who.expect_download() as download:
                who.get_by_role("link", name="项目.xlsx", exact=True).click()
            copies[login] = tmp_path / f"{login}.xlsx"
            download.value.save_as(copies[login])
            book = openpyxl.load_workbook(copies[login])
            book["文件信息"]["B2"] = f"{login}写的名称"
            book.save(copies[login])
        one.get_by_label("项目.xlsx：选择文件").set_input_files(copies["甲"])
        one.wait_for_url("**/findings")
        other.goto(address)  # seen anew, and still it is known from which state 乙 works
        other.get_by_label("项目.xlsx：选择文件").set_input_files(copies["乙"])
        other.wait_for_url("**/differs**")
        told = other.locator("main").inner_text()
        assert "甲写的名称" in told
        assert "乙写的名称" in told
        other.get_by_role("button", name=re.compile("两份都留")).click()
        kept = other.get_by_role("status").inner_text()
        folder = house.projects / "水泥行业"
        assert (folder / "项目.xlsx").read_bytes() == copies["甲"].read_bytes()
        (aside,) = (folder / "记录").glob("未采用-项目-*.xlsx")
        assert aside.read_bytes() == copies["乙"].read_bytes()
        assert f"记录/{aside.name}" in kept
