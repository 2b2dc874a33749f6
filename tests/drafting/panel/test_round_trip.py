"""What the panel exports and what returned workbooks give are the same to ``drafting weights``."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from drafting.panel import converting, items, records
from drafting.panel.definition import Instrument
from drafting.panel.lifecycle import snapshot
from drafting.pipeline.running import run_project
from drafting.project.folder import load_project
from drafting.record.results import weights_json

from .client import Site

pytestmark = pytest.mark.slow


def weigh(folder: Path) -> Mapping[str, Any]:
    """What ``drafting weights --json`` says about the weights and the experts."""
    found = run_project(folder, until="weights").results.weights
    assert found is not None
    said = weights_json(found)
    return {k: said[k] for k in ("first_level", "second_level", "experts")}


def set_setting(folder: Path, label: str, value: str) -> None:
    """Type a setting into 项目.xlsx."""
    path = folder / "项目.xlsx"
    book = load_workbook(path)
    for row in book["方法设置"].iter_rows():
        if row[0].value == label:
            row[1].value = value
    book.save(path)


def share(expert: int, number: int, group: int, size: int) -> list[int]:
    """What one expert gives in one round: 100 points, opinions drawing nearer from round to round."""
    raw = [10 + ((expert * 7 + group * 5 + k * 11) % (9 - 2 * number)) for k in range(size)]
    points = [100 * r // sum(raw) for r in raw]
    points[expert % size] += 100 - sum(points)
    return points


def matrices_by_expert(folder: Path) -> dict[str, list[Any]]:
    """The example's returned judgement matrices."""
    inputs = load_project(folder).inputs
    assert inputs is not None
    found: dict[str, list[Any]] = {}
    for matrix in inputs.judgements:
        found.setdefault(matrix.expert, []).append(matrix)
    return found


def upload(site: Site, organiser: Any, number: int, files: Mapping[str, bytes]) -> str:
    """Send returned workbooks on the organiser's page; its answer."""
    sent = [("workbook", (name, data, "application/octet-stream")) for name, data in files.items()]
    return organiser.http.post(
        f"/o/r/{number}/upload", data={"csrf": organiser.csrf(f"/o/r/{number}/files")}, files=sent
    ).text


def test_comparisons_half_on_the_web_half_by_mail_weigh_like_all_by_mail(site: Site, demo_source: Path) -> None:
    """The example's own judgements, half typed, half uploaded, give the example's weights to the last bit."""
    organiser = site.organiser()
    links, number = site.links(organiser), site.round(organiser, "pairwise")
    with site.service.engine.connect() as connection:
        definition = records.panel(connection, site.panel_id).definition
    returned = matrices_by_expert(demo_source)
    codes = sorted(links)
    for code in codes[:6]:
        expert = site.visitor().enter(links[code])
        values = converting.values_of_matrices(definition, returned[code])
        for g, group in enumerate(definition.groups):
            form = {q: values.get(q, "") for q in items.questions(Instrument.PAIRWISE, g, group)}
            assert expert.post(f"/e/{number}/{g}", form).status_code == 303
        assert expert.post(f"/e/{number}/submit", page=f"/e/{number}/review").status_code == 303
    said = upload(
        site, organiser, number, {f"{c}.xlsx": (demo_source / "判断矩阵" / f"{c}.xlsx").read_bytes() for c in codes[6:]}
    )
    assert said.count("已导入") == 6, said
    site.close(organiser, number)
    organiser.post(f"/o/r/{number}/files")
    assert sorted(p.stem for p in (site.folder / "判断矩阵").iterdir()) == codes
    expected = weigh(demo_source)
    assert len(expected["experts"]) == 12 * len(definition.groups)
    assert weigh(site.folder) == expected


def write_mail(folder: Path, number: int) -> dict[str, bytes]:
    """Questionnaires of ``drafting questionnaires --delphi N``, filled in as an expert would, by code."""
    from datetime import date

    from drafting.pipeline.questionnaires import write_delphi

    filled = {}
    for path in write_delphi(load_project(folder), number, today=date(2026, 6, 1)).files:
        book = load_workbook(path)
        expert = int(path.stem[-2:])
        for title, group_of in (("一级指标权重", None), ("二级指标权重", "一级指标")):
            sheet = book[title]
            top = next(r for r in range(1, 9) if "权重" in [c.value for c in sheet[r]])
            places = {c.value: c.column for c in sheet[top]}
            rows: dict[str, list[int]] = {}
            for row in range(top + 1, sheet.max_row + 1):
                name = sheet.cell(row, places["一级指标"]).value
                if name:
                    rows.setdefault(str(name) if group_of else "", []).append(row)
            for g, (_, where) in enumerate(rows.items(), start=1 if group_of else 0):
                for row, points in zip(where, share(expert, number, g, len(where)), strict=True):
                    sheet.cell(row, places["权重"]).value = points
        stream = io.BytesIO()
        book.save(stream)
        filled[path.stem] = stream.getvalue()
    return filled


@pytest.mark.slow
def test_two_delphi_rounds_half_by_mail_weigh_like_all_by_mail(lone: Site, tmp_path: Path) -> None:
    """Mixed rounds through the server and the same rounds put into the folder by hand: identical weights."""
    mailed = tmp_path / "邮寄" / "建筑陶瓷"
    shutil.copytree(lone.folder, mailed)
    for folder in (lone.folder, mailed):
        set_setting(folder, "权重方法", "专家咨询法")
    organiser = lone.organiser()
    links = lone.links(organiser)
    codes = sorted(links)
    with lone.service.engine.connect() as connection:
        groups = records.panel(connection, lone.panel_id).definition.groups
    for number in (1, 2):
        returned = write_mail(mailed, number)
        target = mailed / "德尔菲" / f"第{number}轮"
        target.mkdir(parents=True)
        for code, data in returned.items():
            (target / f"{code}.xlsx").write_bytes(data)
        own = lone.round(organiser)
        for code in codes[:6]:
            expert = lone.visitor().enter(links[code])
            for g, group in enumerate(groups):
                points = share(int(code[-2:]), number, g, len(group.items))
                form = {items.weight(g, k): str(v) for k, v in enumerate(points)}
                assert expert.post(f"/e/{own}/{g}", form).status_code == 303
            assert expert.post(f"/e/{own}/submit", page=f"/e/{own}/review").status_code == 303
        said = upload(lone, organiser, own, {f"{c}.xlsx": returned[c] for c in codes[6:]})
        assert said.count("已导入") == 6, said
        lone.close(organiser, own)
        page = organiser.post(f"/o/r/{own}/files").text
        assert "新写出" in page
    assert weigh(lone.folder) == weigh(mailed)
    assert (lone.folder / "记录" / "停止规则.json").is_file()


def test_ratings_come_back_as_they_were_given(lone: Site) -> None:
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser, "rating")
    for k, code in enumerate(sorted(links)[:5]):
        expert = lone.visitor().enter(links[code])
        form = {items.rating(0, i): str(1 + (k + i) % 5) for i in range(4)} | {items.opinion(0, 1): "=1+1"}
        assert expert.post(f"/e/{number}/0", form).status_code == 303
        assert expert.post(f"/e/{number}/submit", page=f"/e/{number}/review").status_code == 303
    lone.close(organiser, number)
    organiser.post(f"/o/r/{number}/files")
    inputs = load_project(lone.folder).inputs
    assert inputs is not None
    assert inputs.delphi == ()  # a round of ratings is none of weights
    (only,) = inputs.ratings
    first = next(a for a in only.answers if a.expert == "专家01")
    codes = [i.code for i in inputs.system.of(inputs.system.adopted[0].name)]
    assert [first.ratings[c] for c in codes] == [1, 2, 3, 4]
    assert first.suggestions[codes[1]] == "=1+1"
    with lone.service.engine.connect() as connection:
        taken = snapshot(connection, number)
    assert len(taken.answers) == 5


def test_an_export_adds_files_and_replaces_none(lone: Site) -> None:
    """A file of that name, or another file of the same expert, stays as it is."""
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    for code in sorted(links)[:3]:
        expert = lone.visitor().enter(links[code])
        expert.post(f"/e/{number}/3", {"w.3.0": "60", "w.3.1": "40"})
        assert expert.post(f"/e/{number}/submit", page=f"/e/{number}/review").status_code == 303
    lone.close(organiser, number)
    folder = lone.folder / "德尔菲" / "第1轮"
    folder.mkdir(parents=True)
    (folder / "专家01.xlsx").write_bytes(b"mine")
    packed = zipfile.ZipFile(io.BytesIO(organiser.get(f"/o/r/{number}/answers.zip").content))
    (folder / "another name.xlsx").write_bytes(packed.read("德尔菲/第1轮/专家02.xlsx"))
    page = organiser.post(f"/o/r/{number}/files").text
    assert "原有 <strong>2</strong> 个未动" in page
    assert (folder / "专家01.xlsx").read_bytes() == b"mine"
    assert sorted(p.name for p in folder.iterdir()) == ["another name.xlsx", "专家01.xlsx", "专家03.xlsx"]
    again = organiser.post(f"/o/r/{number}/files").text
    assert "新写出 <strong>0</strong> 个文件" in again


def test_exports_name_no_pseudonym_and_no_time(lone: Site) -> None:
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    expert = lone.visitor().enter(links["专家05"])
    expert.post(f"/e/{number}/3", {"w.3.0": "60", "w.3.1": "40"})
    expert.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    lone.close(organiser, number)
    text = organiser.get(f"/o/r/{number}/answers.json").text
    content = json.loads(text)
    assert content["experts"][0]["answers"]["水资源消耗"]["weights"] == {"S1": 60.0, "S2": 40.0}
    assert not any(m.pseudonym in text for m in lone.members)
    assert str(int(lone.clock.now))[:6] not in text
    packed = zipfile.ZipFile(io.BytesIO(organiser.get(f"/o/r/{number}/answers.zip").content))
    assert {i.date_time for i in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("name", "spoil", "says"),
    [
        ("专家01.xlsx", lambda d: d[:2000], "损坏"),
        ("专家01.xlsx", lambda d: b"", "空"),
        ("专家01.xlsx", lambda d: b"MZ" + d, "xlsx"),
        ("../../专家01.xlsx", lambda d: d, "这是“判断矩阵”问卷，此处应放“权重”问卷"),
    ],
)
def test_unusable_workbooks_are_named_and_change_nothing(
    lone: Site, demo_source: Path, name: str, spoil: Any, says: str
) -> None:
    organiser = lone.organiser()
    number = lone.round(organiser)
    data = spoil((demo_source / "判断矩阵" / "专家01.xlsx").read_bytes())
    said = upload(lone, organiser, number, {name: data})
    assert "已导入" not in said
    assert says in said, said
    with lone.service.engine.connect() as connection:
        assert records.answers_saved(connection, number) == 0
