"""A project whose folder was moved or renamed: it says so, nobody else gets in, it is told which folder it is now."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from drafting.panel import membership
from drafting.web.roles import Role
from tests.drafting.survey_projects import write_project

from .conftest import Visitor
from .house import House


def lost_number(page: str) -> str:
    found = re.search(r'name="lost" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_renamed_project_keeps_its_people_when_the_administrator_says_which_it_is(tmp_path: Path) -> None:
    """Its members are told; a folder from elsewhere gets nobody's rights, whatever lies in it."""
    with House(tmp_path) as house:
        root = house.bench.home.root
        folder = write_project(root / "甲", [])
        numbers = [house.account(login) for login in ("组长", "组员", "外人")]
        for number, role in zip(numbers, (Role.LEAD, Role.READER), strict=False):
            house.belongs(number, folder, role)
        house.belongs(numbers[2], write_project(root / "乙", []), Role.LEAD)
        lead, reader, stranger = map(house.colleague, numbers)
        admin = house.colleague(house.account("管理", administrator=True))
        assert "不在原来的位置" not in lead.get("/").text
        assert "找不到文件夹的项目" not in admin.get("/accounts").text
        folder.rename(root / "甲（新）")
        shutil.copytree(root / "甲（新）", root / "外来")  # with all that lies in the folder
        for who in (lead, reader, stranger, admin):
            assert [who.get(f"/p/{name}").status_code for name in ("甲", "甲（新）", "外来")] == [404] * 3
        assert "“甲”不在原来的位置" in lead.get("/").text
        assert "“甲”不在原来的位置" in reader.get("/").text
        assert "“甲”不在原来的位置" not in stranger.get("/").text
        page = admin.get("/accounts").text
        assert "找不到文件夹的项目" in page
        assert '<option value="乙"' not in page.split("找不到文件夹的项目")[1], "a folder with people of its own"
        order = {"do": "moved", "lost": lost_number(page)}
        assert admin.post("/accounts", order | {"of": "乙"}).status_code == 409
        assert lead.post("/accounts", order | {"of": "甲（新）"}).status_code == 404
        assert stranger.post("/p/乙/rounds", order).status_code in (303, 409), "no way by a project of one's own"
        assert lead.get("/p/甲（新）").status_code == 404
        assert admin.post("/accounts", order | {"of": "甲（新）"}).status_code == 303
        assert [one.get("/p/甲（新）").status_code for one in (lead, reader, stranger, admin)] == [200, 200, 404, 404]
        assert lead.get("/p/外来").status_code == 404
        assert "找不到文件夹的项目" not in admin.get("/accounts").text
        assert admin.post("/accounts", order | {"of": "外来"}).status_code == 400  # once


def test_on_the_own_machine_rounds_follow_a_renamed_folder_when_told_to(served: Visitor) -> None:
    root = served.bench.home.root
    served.get("/p/小组/rounds")
    assert served.post("/p/小组/rounds").status_code == 303

    asking: Any = SimpleNamespace(cookies=dict(served.http.cookies))

    def panels(name: str) -> Any:
        service = served.bench.panel.service()
        return [p.id for p in service.panels(served.bench.own(asking), root / name)]

    (own,) = panels("小组")
    (root / "小组").rename(root / "改了名")
    page = served.get("/p/改了名/rounds").text
    assert "沿用“小组”的征询" in page
    assert panels("改了名") == []
    assert served.post("/p/改了名/rounds", {"lost": lost_number(page)}).status_code == 303
    assert panels("改了名") == [own]
    assert "沿用“小组”" not in served.get("/p/改了名/rounds").text
    with served.bench.panel.service().looking() as connection:
        assert [one.name for one in membership.registered(connection)] == ["改了名"]
