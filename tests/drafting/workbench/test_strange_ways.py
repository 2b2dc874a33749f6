"""What should not come: names that are no text, files for the wrong place, addresses without end."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from drafting.desk import building
from drafting.keeping.versions import NAMED, freeze
from drafting.pipeline.running import build
from drafting.progress import Progress
from drafting.workbench.bench import Bench

from .conftest import Visitor
from .test_baselines_screen import write


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are those of Linux")
def test_files_unpacked_with_another_machines_signs_are_named_and_stop_no_page(visitor: Visitor, bench: Bench) -> None:
    """A page, the list of projects and a build failed on a name in GBK."""
    folder = write(bench.home.root / "行业")
    name = "专家一".encode("gbk")
    (bench.home.root / os.fsdecode(name) / "记录").mkdir(parents=True)
    for where in ("", "判断矩阵", "企业调查表", "意见"):
        (folder / where).mkdir(exist_ok=True)
        (folder / where / os.fsdecode(name + b".xlsx")).write_bytes(b"PK")
    (folder / "判断矩阵" / os.fsdecode(b"~$" + name + b".xlsx")).write_bytes(b"PK")
    for page in ("/", "/p/行业", "/p/行业/files", "/p/行业/findings", "/p/行业/rounds", "/p/行业/opinions"):
        assert visitor.get(page).status_code == 200, page
    listed = visitor.get("/").text
    assert "有 1 个项目打不开" in listed
    assert "在文件管理器中把文件夹改名" in listed
    shown = visitor.get("/p/行业/findings").text
    assert "含有读不出的字符" in shown
    assert "判断矩阵；企业调查表；意见" in shown
    build(folder, formats=("md",), quick=True)
    assert "含有读不出的字符" in (folder / "成果" / "结果.json").read_text("utf-8")


@pytest.mark.parametrize("name", ["旧版.docx\0", "旧版." + "d" * 400, "旧版.d:*"])
def test_an_earlier_edition_of_a_strange_name_is_refused_in_words(visitor: Visitor, name: str) -> None:
    sent = f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.bench.csrf}\r\n--x\r\n' + (
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\nPK\r\n--x--\r\n'
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    reply = visitor.http.post("/new/import", content=sent.encode(), headers=headers)
    assert (reply.status_code, "没有读出指标体系表" in reply.text) == (400, True)


def test_two_files_for_a_slot_of_one_are_refused(visitor: Visitor, bench: Bench) -> None:
    folder = write(bench.home.root / "行业")
    before = (folder / "项目.xlsx").read_bytes()
    reply = visitor.upload("行业", "project", ("甲.xlsx", before), ("乙.xlsx", before + b"0"))
    assert (reply.status_code, "选了 2 个" in reply.text) == (400, True)
    assert (folder / "项目.xlsx").read_bytes() == before


def test_a_number_without_end_in_an_address_is_no_page(visitor: Visitor) -> None:
    for path in ("/e/" + "9" * 5_000, "/o/p/" + "9" * 5_000, "/p/" + "x" * 5_000):
        assert visitor.get(path).status_code == 404


def test_a_project_moved_in_mid_build_is_not_made_anew_with_nothing_but_its_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "行业")

    def move(_: dict[str, Any], progress: Progress) -> dict[str, Any]:
        shutil.move(folder, tmp_path / "改了名")
        progress.last_chance()
        raise AssertionError("it would have been written")

    asked, said = io.StringIO(json.dumps({"folder": str(folder)}) + "\ngo\n"), io.StringIO()
    with monkeypatch.context() as inside:
        inside.setattr(building, "do", move)
        inside.setattr(sys, "stdin", asked)
        inside.setattr(sys, "stdout", said)
        building.main()
        sys.stdout.close()
    assert "已被移走或改名" in json.loads(said.getvalue().splitlines()[-1])["fault"]
    assert not folder.exists()


def test_what_a_page_says_comes_from_the_server_and_not_from_its_address(visitor: Visitor, bench: Bench) -> None:
    """A link that somebody was sent could put its own words into the page as if the workbench said them."""
    folder = write(bench.home.root / "行业")
    kept = freeze(folder, "之前", NAMED)
    reply = visitor.post(f"/p/行业/versions/{kept.label}/restore")
    assert f"已恢复到“{kept.label}”" in visitor.get(reply.headers["location"]).text
    for page in ("versions", "rounds"):
        for name in ("restored", "said"):
            assert "外来的话" not in visitor.get(f"/p/行业/{page}?{name}=外来的话").text
