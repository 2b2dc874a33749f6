"""The rounds of a project: by workbook and in the browser, who is missing, back into the project, methods beside."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drafting.desk.asking import side_by_side
from drafting.keeping.versions import versions_of
from drafting.panel import items, records
from drafting.panel.answering import Answer, save_answers
from drafting.panel.definition import Instrument
from drafting.panel.submitting import submit
from drafting.pipeline.running import run_project
from drafting.resources import templates
from drafting.workbench.bench import Bench
from tests.drafting.test_tables_rounds import doubled, single
from tests.drafting.weights_projects import CODES, TRUE, fill_allocation, fill_judgements, project

from .conftest import Visitor


def text(page: str) -> str:
    """A page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1]).split())


def headline(visitor: Visitor) -> str:
    found = re.search(r"<h1>(.*?)</h1>", visitor.get("/p/小组/rounds").text)
    assert found
    return found[1]


def given(instrument: Instrument, number: int, group: Any) -> Iterator[tuple[str, str]]:
    """Questions of a group with what everybody says: the true weights, or that all is of equal importance."""
    asked = items.questions(instrument, number, group)
    if instrument is Instrument.PAIRWISE:
        yield from ((q, "1") for q in asked)
    else:
        yield from zip(asked, map(str, TRUE[group.name]), strict=True)


def answer(bench: Bench, number: int, codes: tuple[str, ...], *, handed: bool = True) -> None:
    """Experts answer in the browser."""
    service = bench.panel.service()

    def work(connection: Any) -> None:
        own = records.round_(connection, number)
        panel = records.panel(connection, own.panel_id)
        people = {m.code: m.pseudonym for m in records.members_of(connection, own.panel_id)}
        for code in codes:
            values = [
                Answer(None, number, people[code], q, value)
                for g, group in enumerate(panel.definition.groups)
                for q, value in given(own.instrument, g, group)
            ]
            save_answers(connection, values if handed else values[:2], service.now)
            if handed:
                submit(connection, panel, number, people[code], service.now)

    service.change(work)


@pytest.mark.slow
def test_a_round_half_on_the_web_half_by_mail(served: Visitor, tmp_path: Path) -> None:
    """From nothing asked to weights: the one thing to do is said at every step, and what came in is in the project."""
    bench, folder = served.bench, served.bench.home.root / "小组"
    assert headline(served) == "还没有问过专家"
    assert [served.get(path).status_code for path in ("/e", "/l/x", "/o/p/1")] == [404] * 3
    assert not (bench.home.root / "专家咨询.sqlite3").exists()  # looking makes nothing
    panel = served.post("/p/小组/rounds").headers["location"]
    assert served.post("/p/小组/rounds").headers["location"] == panel  # a second click finds it
    assert "专家轮次" in served.get(panel).text  # the panel's page stands in the frame of the project
    served.post(f"{panel}/rounds", {"instrument": "allocation"})
    assert headline(served) == "第1轮 权重分配已准备，还没有开始"
    assert served.post("/o/r/1/open").headers["location"] == "/o/r/1"
    # questionnaires in one zip
    reply = served.post("/p/小组/rounds/questionnaires", {"kind": "delphi-1"})
    assert "已生成 12 份问卷" in text(served.get(reply.headers["location"]).text)
    packed = served.get("/p/小组/rounds/questionnaires?which=德尔菲第1轮")
    assert packed.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert len(archive.namelist()) == 12
        archive.extractall(tmp_path / "寄出")
    for which in ("..", "../..", "没有", "德尔菲第1轮/.."):
        assert served.get(f"/p/小组/rounds/questionnaires?which={which}").status_code == 404
    # six in the browser, one of them not handed in; five by workbook, dropped on the screen's place for the round
    answer(bench, 1, CODES[:5])
    answer(bench, 1, CODES[5:6], handed=False)
    page = served.get("/p/小组/rounds").text
    place = re.search(r'action="(/o/r/1/upload)"', page)
    assert place
    assert '/files/delphi-1"' not in page  # while the round is open there is one place for its workbooks
    sent = []
    for code in CODES[6:11]:
        back = tmp_path / "收回" / f"{code}.xlsx"
        fill_allocation(tmp_path / "寄出" / "德尔菲第1轮" / f"{code}.xlsx", back, TRUE)
        sent.append(("workbook", (back.name, back.read_bytes())))
    assert served.post(place[1], files=sent).text.count("已导入") == 5
    page = text(served.get("/p/小组/rounds").text)
    assert headline(served) == "第1轮 权重分配征询中：还差 2 位专家"
    assert "已答 2/12，没有提交 专家06" in page
    assert "还没有作答 专家12" in page
    assert page.count("网上已提交") == 5
    assert page.count("工作簿已提交") == 5
    assert run_project(folder, until="weights").results.weights is None or "德尔菲" not in {
        p.name for p in folder.iterdir()
    }  # an open round's answers are nobody's yet
    # ended, and taken back by the existing export
    served.post("/o/r/1/close")
    assert headline(served) == "第1轮 权重分配已结束，答案还没有带回项目"
    assert "新写出 <strong>10</strong>" in served.post("/o/r/1/files").text
    assert len(list((folder / "德尔菲" / "第1轮").glob("*.xlsx"))) == 10
    assert headline(served) == "要再问 2 位专家"
    assert "德尔菲第1轮问卷 还没有交回 专家06、专家12" in text(served.get("/p/小组/rounds").text)
    first = run_project(folder, until="weights").results.weights
    assert first is not None
    assert [str(w.published) for w in first.first_level.weights] == ["0.50", "0.20", "0.30"]
    # one who was late sends the workbook after all: into the project's own place, nothing there is replaced
    late = tmp_path / "收回" / "专家12.xlsx"
    fill_allocation(tmp_path / "寄出" / "德尔菲第1轮" / "专家12.xlsx", late, TRUE)
    served.post("/p/小组/files/delphi-1", files=[("file", (late.name, late.read_bytes()))])
    assert headline(served) == "要再问 1 位专家"
    assert not [v for v in versions_of(folder) if v.kind == "更换前"]


@pytest.mark.slow
def test_comparisons_of_a_second_round_are_not_taken_for_the_first_ones(served: Visitor) -> None:
    """Matrices of all rounds lie in one folder and none is replaced: that is told, and not that they are there."""
    bench = served.bench
    panel = served.post("/p/小组/rounds").headers["location"]
    for number in (1, 2):
        served.post(f"{panel}/rounds", {"instrument": "pairwise"})
        served.post(f"/o/r/{number}/open")
        answer(bench, number, CODES[:2])
        served.post(f"/o/r/{number}/close")
        assert headline(served) == f"第{number}轮 两两比较已结束，答案还没有带回项目"
        done = served.post(f"/o/r/{number}/files").text
        assert f"新写出 <strong>{[2, 0][number - 1]}</strong>" in done
        assert f"原有 <strong>{[0, 2][number - 1]}</strong> 个未动" in done
        assert "还没有带回" not in headline(served)


@pytest.mark.slow
def test_methods_stand_side_by_side(served: Visitor, tmp_path: Path) -> None:
    """Matrices and allocations of the same experts: the weights of each method are those of the library by itself."""
    folder = served.bench.home.root / "小组"
    for kind in ("ahp-1", "delphi-1"):
        served.post("/p/小组/rounds/questionnaires", {"kind": kind})
    turned = {group: tuple(reversed(weights)) for group, weights in TRUE.items()}
    for code in CODES[:7]:
        fill_allocation(folder / f"成果/问卷/德尔菲第1轮/{code}.xlsx", folder / f"德尔菲/第1轮/{code}.xlsx", TRUE)
        fill_judgements(folder / f"成果/问卷/层次分析法/{code}.xlsx", folder / f"判断矩阵/{code}.xlsx", turned)
    page = served.get("/p/小组/rounds").text
    table = page.split('id="methods"', 1)[1]
    cells = re.findall(r'<th scope="row">([^<]+)</th><td class="n[^"]*">([^<]+)</td><td class="n[^"]*">([^<]+)', table)
    first, second = ({row[0]: row[k] for row in cells} for k in (1, 2))
    delphi = run_project(folder, until="weights").results.weights
    assert delphi is not None
    assert first["能源消耗"] == str(delphi.first_level.published("能源消耗")) == "0.50"
    project(folder, weight_method="层次分析法")
    by_pairs = run_project(folder, until="weights").results.weights
    assert by_pairs is not None
    for w in by_pairs.first_level.weights:
        assert second[w.name] == str(w.published)
    assert second["能源消耗"] != first["能源消耗"]


def test_two_equal_tables_show_twice_the_same() -> None:
    """Each table's methods stand apart, and are those of that table by itself."""
    alone = single(3, 1)
    (one,) = side_by_side(alone)
    assert one.methods == ("专家咨询法",)
    both = side_by_side(doubled(alone))
    assert [c.rows for c in both] == [one.rows, one.rows]
    assert len({c.caption for c in both}) == 2


@pytest.mark.slow
def test_a_round_over_two_tables_asks_each_for_the_own(served: Visitor) -> None:
    """What an expert of one table has to answer is counted for that table alone."""
    from tests.drafting.panel.test_tables_on_the_web import LAST as OTHER
    from tests.drafting.panel.test_tables_on_the_web import two_tables

    bench = served.bench
    two_tables(bench.home.root / "两表")
    panel = served.post("/p/两表/rounds").headers["location"]
    served.post(f"{panel}/rounds", {"instrument": "allocation"})
    served.post("/o/r/1/open")
    service = bench.panel.service()
    with service.looking() as connection:
        own = records.round_(connection, 1)
        definition = records.panel(connection, own.panel_id).definition
        people = {m.code: m for m in records.members_of(connection, own.panel_id)}
    groups = definition.of(own.instrument)
    whole = sum(len(items.questions(own.instrument, g, group)) for g, group in enumerate(groups))
    mine = [g for g, group in enumerate(groups) if group.concerns(people[OTHER].tables)]
    asked = [q for g in mine for q in items.questions(own.instrument, g, groups[g])]
    assert 1 < len(asked) < whole
    first = Answer(None, 1, people[OTHER].pseudonym, asked[0], "50")
    service.change(lambda c: save_answers(c, [first], service.now))
    page = text(served.get("/p/两表/rounds").text)
    assert f"已答 1/{len(asked)}，没有提交 {OTHER}" in page


def test_another_program_has_the_database(served: Visitor) -> None:
    """What is asked by workbook works on; the page says what is wrong with the other half."""
    from drafting.panel.alone import Hold
    from drafting.panel.database import migrate, open_database

    bench = served.bench
    engine = open_database(bench.panel.url)
    migrate(engine)
    hold = Hold(engine)
    hold.take()
    page = served.get("/p/小组/rounds")
    assert page.status_code == 200
    assert "由另一个" in page.text
    assert "收回的工作簿放在这里" in page.text
    assert served.post("/p/小组/rounds").status_code == 503
    assert served.get("/e").status_code == 503
    hold.let_go()
    engine.dispose()
    panel = served.post("/p/小组/rounds").headers["location"]
    assert re.findall(r'<script src="([^"]+)"', served.get(panel).text)
    scripts = templates().rglob("*.js")
    assert 0 < sum(len(s.read_bytes()) for s in scripts) <= 60_000  # the budget, of all there are and not packed
    # the projects lie elsewhere: so does the database, and none is made by looking
    assert served.post("/folder", {"folder": str(bench.home.root.parent / "别处")}).status_code == 303
    assert served.get("/o/p/1").status_code == 404
    assert not (bench.home.root / "专家咨询.sqlite3").exists()


def test_on_the_own_machine_nobody_is_told_to_restart_with_options(served: Visitor) -> None:
    """Links that open on this machine alone: what helps stands on pages, --public-url is for who starts servers."""
    served.post("/p/小组/rounds")
    page = served.get("/o/p/1/people").text
    assert "请专家来这台电脑上作答，或在“专家轮次”页生成邮寄的问卷" in page
    assert "--public-url" not in page
    served.post("/o/p/1/rounds", {"instrument": "allocation"})
    assert "先邀请专家" in served.get("/o/r/1").text
