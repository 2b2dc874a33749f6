"""A whole drafting by what the pages say: two rounds, a moved baseline, three stages, opinions, a Word draft."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import openpyxl
import pytest

from drafting.keeping.versions import versions_of
from tests.drafting.panel.test_round_trip import share

from .bench import House, Workbench
from .stage import DESK, PHONE
from .test_panel_pages import faults_in_both_colours

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GROUPS = (9, 4, 4, 2, 4, 4, 8, 3, 5)
"""Sizes of the example's groups that are asked for."""
EXAMPLE = "示例项目（建筑陶瓷）"
LONG = 300_000


@dataclass
class Committee:
    """The pages of the committee: one person's on the own machine, three people's on a server."""

    base: str
    folder: Path
    lead: Any
    drafter: Any
    reader: Any | None = None

    def go(self, page: Any, *names: str) -> Any:
        """The project, and a screen of it."""
        page.goto(f"{self.base}/")
        page.get_by_role("link", name=EXAMPLE).click()
        page.locator(".stages").wait_for(timeout=LONG)
        for name in names:
            page.get_by_label("项目", exact=True).get_by_role("link", name=name, exact=True).click()
            page.locator("main h1:not(.waiting)").first.wait_for(timeout=LONG)
        return page

    def headline(self, page: Any, words: str) -> None:
        page.get_by_role("heading", level=1, name=words).wait_for(timeout=LONG)


class Plain:
    """An expert whose browser runs no script: plain forms."""

    def __init__(self, base: str, code: str, link: str) -> None:
        self.http = httpx.Client(base_url=base, follow_redirects=True, timeout=60)
        self.expert = int(code[-2:])
        self.csrf = self._csrf(self.http.get(link.removeprefix(base)))
        home = self._send(link.removeprefix(base), {})
        assert home.url.path == "/e"
        self.csrf = self._csrf(home)

    def _csrf(self, page: httpx.Response) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.url
        return found[1]

    def _send(self, path: str, data: dict[str, str]) -> httpx.Response:
        return self.http.post(path, data={"csrf": self.csrf, **data})

    def play(self, own: int, number: int) -> None:
        for g, size in enumerate(GROUPS):
            points = share(self.expert, number, g, size)
            form = {f"w.{g}.{k}": str(p) for k, p in enumerate(points)}
            assert self._send(f"/e/{own}/{g}", form).status_code == 200
        assert self._send(f"/e/{own}/submit", {}).url.path.endswith("/receipt")


class Phone:
    """An expert with a telephone, who keeps in the second round what there was in the first."""

    def __init__(self, context: Any, base: str, code: str, link: str) -> None:
        self.page, self.base, self.expert = context.new_page(), base, int(code[-2:])
        self.page.goto(link)
        self.page.get_by_role("button", name="开始").click()
        self.page.wait_for_url("**/e")

    def play(self, own: int, number: int) -> None:
        page = self.page
        if number == 1:
            for g, size in enumerate(GROUPS):
                page.goto(f"{self.base}/e/{own}/{g}")
                for k, points in enumerate(share(self.expert, number, g, size)):
                    page.locator(f'[id="w.{g}.{k}"]').fill(str(points))
                page.locator("#state[data-state=saved]").wait_for()
            page.goto(f"{self.base}/e/{own}/review")
        else:
            page.goto(f"{self.base}/e/{own}/0")
            assert "您上轮" in page.locator(".feedback").first.inner_text()
            page.get_by_role("button", name="组都沿用上轮").click()
            page.goto(f"{self.base}/e/{own}/review")
        page.get_by_role("button", name=re.compile("提交")).click()
        page.wait_for_url("**/receipt")


def two_rounds(c: Committee, phone: Any) -> None:
    """Begin to ask in the browser, invite, open; all answer; close, take back; once more."""
    page = c.go(c.lead, "专家轮次")
    page.get_by_role("button", name="在网上征询").click()
    experts: list[Any] = []
    for number in (1, 2):
        page.get_by_label("权重分配", exact=True).check()
        page.get_by_role("button", name="准备这一轮").click()
        if number == 1:
            page.get_by_label("征询", exact=True).get_by_role("link", name="邀请").click()
            page.get_by_role("button", name="生成链接").click()
            page.get_by_role("heading", name="邀请链接").wait_for()
            cards = page.locator(".invitation")
            links = {
                cards.nth(k).locator("h2").inner_text(): cards.nth(k).locator(".code").inner_text()
                for k in range(cards.count())
            }
            assert len(links) == 12
            first, *others = sorted(links.items())
            experts = [Phone(phone, c.base, *first), *(Plain(c.base, *one) for one in others)]
        c.go(page, "专家轮次")
        c.headline(page, f"第{number}轮 权重分配已准备，还没有开始")
        page.get_by_role("link", name="邀请和开始").click()
        page.get_by_role("link", name="开始这一轮…").click()
        page.get_by_role("button", name="开始", exact=True).click()
        page.get_by_role("link", name="结束这一轮…").wait_for()
        found = re.search(r"/o/r/(\d+)", page.url)
        assert found
        for expert in experts[:-1]:
            expert.play(int(found[1]), number)
        c.go(page, "专家轮次")
        c.headline(page, "征询中：还差 1 位专家")
        assert "专家12" in page.get_by_role("region", name="要再问的专家").inner_text()
        experts[-1].play(int(found[1]), number)
        c.go(page, "专家轮次")
        c.headline(page, "专家都已提交")
        page.get_by_role("link", name="结束这一轮…").click()
        page.get_by_role("button", name="结束本轮").click()
        page.wait_for_url("**/results")
        c.go(page, "专家轮次").get_by_role("button", name="带回项目").click()
        assert "新写出 12 个文件" in page.get_by_role("status").inner_text()
        c.go(page, "专家轮次")
        c.headline(page, "专家都已答复")
        assert page.get_by_role("cell", name="已答").count() == 12 * (1 + number)
        if number == 1:
            page.get_by_role("link", name="准备一轮").click()
    for expert in experts[1:]:
        expert.http.close()
    assert len(list((c.folder / "德尔菲" / "第2轮").glob("*.xlsx"))) == 12
    heads = page.get_by_role("region", name="各方法的权重").get_by_role("columnheader")
    assert [heads.nth(k).inner_text().split("\n")[0] for k in (2, 3)] == ["层次分析法", "专家咨询法"]


def keep_stage(c: Committee, name: str) -> None:
    page = c.go(c.lead, "版本")
    page.get_by_label("定稿的阶段").fill(name)
    page.get_by_role("button", name="留存").click()
    page.get_by_role("heading", name="已定稿").wait_for(timeout=LONG)


def move_baseline(c: Committee, place: Path) -> str:
    """A value is tried, taken over into a copy and put back; the new value as it stands in 项目.xlsx."""
    page = c.go(c.drafter, "基准值")
    page.get_by_role("link", name="单位产品综合能耗").click()
    field = page.get_by_label("Ⅲ级基准值，试")
    field.wait_for()
    value = f"{float(field.input_value()) * 1.1:.2f}"
    field.fill(value)
    page.locator("[data-touched]", has_text="Ⅲ级基准值").wait_for(timeout=LONG)
    page.get_by_label("来源依据").fill("第二次工作组会议")
    with page.expect_download() as download:
        page.get_by_role("button", name="写入副本并下载").click()
    copy = place / "项目.xlsx"
    download.value.save_as(copy)
    c.go(page, "文件").get_by_label("项目.xlsx：选择文件").set_input_files(copy)
    page.wait_for_url("**/findings")
    c.headline(page, "没有必须改正的问题")
    return value


def decide_opinions(c: Committee) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(("单位", "章条", "意见内容", "修改建议"))
    book.worksheets[0].append(("甲厂", "5.2", "能耗过严", "放宽"))
    book.worksheets[0].append(("乙院", "3.1", "用词不统一", ""))
    target = io.BytesIO()
    book.save(target)
    sent = {"name": "意见.xlsx", "mimeType": "application/octet-stream", "buffer": target.getvalue()}
    page = c.go(c.drafter, "文件")
    page.get_by_label("意见：选择文件").set_input_files(sent)
    page.wait_for_url("**/findings")
    c.go(page, "意见")
    c.headline(page, "2 条意见待处理")
    for handling, reason in (("不采纳", "已按第二次会议调整"), ("采纳", "")):
        card = page.locator("section.card", has=page.get_by_role("button", name="记下处理")).first
        card.get_by_label(handling, exact=True).check()
        card.get_by_label("理由").fill(reason)
        card.get_by_role("button", name="记下处理").click()
        page.locator("main h1:not(.waiting)").first.wait_for(timeout=LONG)
    c.headline(page, "意见都已处理")


def word_draft(c: Committee) -> bytes:
    page = c.go(c.drafter, "输出")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word 草案").click()
    return Path(download.value.path()).read_bytes()


def keep(c: Committee, name: str) -> None:
    """A stage, which makes all files; on the own machine the present state by another name, to spare two builds."""
    if c.reader is not None:
        keep_stage(c, name)
        return
    page = c.go(c.lead, "版本")
    page.get_by_label("定稿的阶段").fill(f"{name}（现状）")
    page.get_by_role("button", name="留存").click()
    page.locator(".shelf .name", has_text=name).wait_for()


def whole(c: Committee, phone: Any, place: Path) -> None:
    c.lead.goto(f"{c.base}/")
    c.lead.get_by_role("button", name="打开示例项目").click()
    c.lead.locator(".stages").wait_for(timeout=LONG)
    if c.reader is not None:
        members(c)
    two_rounds(c, phone)
    keep(c, "工作组讨论稿")
    value = move_baseline(c, place)
    keep(c, "征求意见稿")
    decide_opinions(c)
    keep_stage(c, "送审稿")
    page = c.go(c.lead, "版本")
    page.get_by_role("link", name=re.compile("0001.*与现在比较")).click()
    page.get_by_role("heading", level=1, name=re.compile("“工作组讨论稿.*”以来改了")).wait_for(timeout=LONG)
    assert value in page.locator("main").inner_text()
    assert word_draft(c).startswith(b"PK")
    kinds = [v.kind for v in versions_of(c.folder) if "稿" in v.name]
    assert kinds == (["留存", "留存", "阶段"] if c.reader is None else ["阶段"] * 3)
    rows = openpyxl.load_workbook(c.folder / "项目.xlsx")["二级指标"].iter_rows(values_only=True)
    (row,) = [row for row in rows if "单位产品综合能耗" in row]
    assert [cell for cell in row if value in str(cell)]
    assert "第二次工作组会议" in row
    assert (c.folder / "记录" / "意见处理.xlsx").is_file()


def members(c: Committee) -> None:
    """The lead lets the two others in by the names that they have already."""
    page = c.go(c.lead, "人员")
    for login, role in (("编制甲", "编制人"), ("审阅乙", "只读")):
        page.get_by_label("用户名").fill(login)
        page.get_by_label("角色", exact=True).select_option(label=role)
        page.get_by_role("button", name="加入").click()
        page.locator(".shelf", has_text=login).wait_for()


def test_on_the_own_machine(context: Callable[..., Any], tmp_path: Path) -> None:
    with Workbench() as bench:
        page = context(viewport=DESK, accept_downloads=True).new_page()
        page.goto(bench.start())
        page.wait_for_url(re.compile(r"^http://127\.0\.0\.1:\d+/$"))
        base = page.url.rstrip("/")
        c = Committee(base, bench.projects / EXAMPLE, page, page)
        whole(c, context(viewport=PHONE, has_touch=True), tmp_path)


def test_on_a_server_with_three_roles(context: Callable[..., Any], tmp_path: Path, axe: str) -> None:
    with House() as house:
        admin = context(viewport=DESK).new_page()
        sign_in(admin, house.base, "管理员", house.password)
        passwords = {}
        for login in ("负责丙", "编制甲", "审阅乙"):
            admin.goto(f"{house.base}/accounts")
            admin.get_by_label("新账号的用户名").fill(login)
            admin.get_by_role("button", name="建立账号").click()
            passwords[login] = admin.get_by_role("status").locator(".code").inner_text()
        pages = {}
        for login, password in passwords.items():
            pages[login] = context(viewport=DESK, accept_downloads=True).new_page()
            sign_in(pages[login], house.base, login, password)
        lead, drafter, reader = pages.values()
        c = Committee(house.base, house.projects / EXAMPLE, lead, drafter, reader)
        whole(c, context(viewport=PHONE, has_touch=True), tmp_path)
        # who only reads sees everything of it and is offered nothing to change
        for name in ("文件", "专家轮次", "版本", "草案", "/o/p/1", "/o/r/2", "输出"):
            _ = reader.goto(c.base + name) if name.startswith("/") else c.go(reader, name)
            assert reader.locator("main form[method=post]").count() == 0, name
            assert reader.locator("main input[type=file]").count() == 0, name
        assert "不要外发" in reader.locator("main").inner_text()
        assert reader.get_by_role("link", name=re.compile("不要外发")).count() == 0
        # the administrator is no member: neither the list nor an address gives the project away
        admin.goto(f"{house.base}/")
        assert admin.get_by_role("link", name=EXAMPLE).count() == 0
        assert admin.goto(lead.url).status == 404
        looked(c, context, admin, axe)
        log = house.log.read_text("utf-8")
        assert '"status": 500' not in log
        assert not any(password in log for password in passwords.values())


def looked(c: Committee, context: Callable[..., Any], admin: Any, axe: str) -> None:
    """The screens of rounds and people, by everybody who may: accessible, and no wider than a telephone."""
    project = c.go(c.lead).url
    panel = ("/o/p/1", "/o/p/1/people", "/o/r/2", "/o/r/2/results", "/o/r/2/files")
    addresses = [f"{project}/rounds", f"{project}/people", *(c.base + path for path in (*panel, "/me"))]
    faults, wide = [], []
    for who, asked in ((c.lead, addresses), (admin, [f"{c.base}/accounts"])):
        for viewport in (DESK, PHONE):
            looking = context(viewport=viewport)
            looking.add_cookies(who.context.cookies())
            look = looking.new_page()
            for address in asked:
                look.goto(address)
                look.locator("main h1:not(.waiting)").first.wait_for(timeout=LONG)
                faults += faults_in_both_colours(look, axe)
                if look.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
                    wide.append((address, viewport["width"]))
            looking.close()
    assert not faults
    assert not wide
    by_keys(c)


def by_keys(c: Committee) -> None:
    """Without a mouse: past the navigation, to the one button, and in."""
    page = c.go(c.lead, "专家轮次")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.primary')")
    assert page.evaluate("document.activeElement.textContent") == "看权重"
    page.keyboard.press("Enter")
    c.headline(page, "权重已定")


def sign_in(page: Any, base: str, login: str, password: str) -> None:
    page.goto(f"{base}/")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name=login).wait_for()
