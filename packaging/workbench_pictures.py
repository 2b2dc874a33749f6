"""Make the pictures of docs/workbench.md anew: ``python packaging/workbench_pictures.py`` in the checkout.

A workbench on the bundled example and on a copy of it in trouble is looked at in Chromium (Playwright): what stands on
the pictures is what the pages show. Those of rounds under way and of people are taken by hand on a server.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drafting.project.examples import write_example  # noqa: E402 -- the repository comes first
from tests.browser.bench import Workbench  # noqa: E402
from tests.browser.stage import FLAGS, chromium  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
WIDE = 1180
NAME, SPOILT = "建筑陶瓷", "出了问题的项目"
SHOWN = rf"D:\清洁生产项目\{NAME}"
PATIENCE = 600_000


def spoil(folder: Path) -> None:
    """What goes wrong at home: a word for a direction, a weight in words, numbers with 约, a file that is none."""
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["二级指标"]["E8"], book["二级指标"]["G9"] = "不知道", "三成"
    book.save(folder / "项目.xlsx")
    book = openpyxl.load_workbook(folder / "调研数据.xlsx")
    sheet = book["调研数据"]
    for row in range(5, 40):
        sheet.cell(row, 9).value = "约 5"
    sheet["L7"] = "约三成"
    book.save(folder / "调研数据.xlsx")
    (folder / "判断矩阵" / "专家03.xlsx").write_bytes(b"no workbook")


def take(page: Any, address: str, name: str, tall: int) -> None:
    """A page as it first stands in the window."""
    page.set_viewport_size({"width": WIDE, "height": tall})
    page.goto(address)
    page.locator("main h1").first.wait_for()
    page.locator("[data-waiting]").wait_for(state="detached")
    page.wait_for_load_state()
    # where this machine keeps its temporary files is nobody's business
    page.evaluate("p => { for (const one of document.querySelectorAll('.path')) one.textContent = p; }", SHOWN)
    page.screenshot(path=PICTURES / f"workbench-{name}.png")


def main() -> None:
    """Make all pictures."""
    with Workbench() as bench, sync_playwright() as play:
        for name in (NAME, SPOILT):
            write_example(bench.projects / name)
        spoil(bench.projects / SPOILT)
        browser = play.chromium.launch(executable_path=chromium(), args=[*FLAGS, "--lang=zh-CN"])
        page = browser.new_context(viewport={"width": WIDE, "height": 780}, locale="zh-CN").new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(bench.start())
        page.get_by_role("link", name=NAME, exact=True).click()
        page.get_by_role("button", name="生成草案").click()
        page.get_by_role("heading", name="草案已生成").wait_for()
        root = page.url.split("/p/")[0]
        right, wrong = (f"{root}/p/{quote(name)}" for name in (NAME, SPOILT))
        take(page, wrong, "overview", 720)
        take(page, f"{wrong}/findings", "findings", 720)
        take(page, right, "files", 780)  # read once, so that the empty forms are there
        take(page, f"{right}/files", "files", 780)
        take(page, f"{right}/outputs", "outputs", 760)
        take(page, f"{right}/draft", "draft", 780)
        take(page, f"{right}/calibration?targets=5,20,50", "calibration", 780)
        take(page, f"{right}/levels/N1", "moving", 1080)
        field = page.get_by_label("Ⅲ级基准值，试")
        field.fill(f"{float(field.input_value()) * 1.1:.2f}")
        page.locator("[data-touched]", has_text="Ⅲ级基准值").wait_for()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURES / "workbench-moving.png")
        browser.close()
    for picture in PICTURES.glob("workbench-*.png"):
        flatten(picture)


def flatten(picture: Path) -> None:
    """Few colours are enough for a page, and a third of the bytes."""
    from PIL import Image

    image = Image.open(picture)
    if image.mode != "P":
        image.convert("RGB").quantize(128).save(picture, optimize=True)


if __name__ == "__main__":
    main()
