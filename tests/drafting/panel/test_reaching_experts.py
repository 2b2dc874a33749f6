"""What reaches whom: links that open, reminders that say what is missing, opinions passed on, reasons asked of few."""

from __future__ import annotations

import io
import json
import random
import re

import numpy as np
import pytest
from openpyxl import load_workbook

from drafting.panel import furthest, lifecycle, naming, records, submitting
from drafting.panel.answering import Answer, save_answers
from drafting.panel.config import Config
from drafting.panel.database import writing
from drafting.panel.definition import Definition, Instrument, ReasonRule
from drafting.panel.figures import figures
from drafting.panel.records import Channel
from drafting.project.folder import load_project
from tests.drafting.panel.proving import CODES, Site, Stage, site_of


def hand_in(stage: Stage, number: int, code: str, first: int, **more: str) -> None:
    given = {"w.0.0": str(first), "w.0.1": str(90 - first), "w.0.2": "10"}
    given |= {k.replace("_", "."): v for k, v in more.items()}
    with writing(stage.engine) as c:
        p = stage.pseudonyms[code]
        save_answers(c, [Answer(None, number, p, i, v) for i, v in given.items()], 0)
        submitting.submit(c, records.panel(c, stage.panel_id), number, p, 0)


# --- links ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("config", "says"),
    [
        (Config(), "只有这台电脑自己打得开"),
        (Config(behind_proxy=True, public_url="https://localhost"), "只有这台电脑自己打得开"),
        (Config(host="192.168.1.10", insecure_lan=True), "只有同一内网的专家打得开"),
        (Config(behind_proxy=True, public_url="https://no-such-host.invalid"), "查不到主机名"),
        (Config(behind_proxy=True, public_url="https://8.8.4.4"), ""),
    ],
)
def test_an_address_that_experts_cannot_reach_is_said(config: Config, says: str) -> None:
    assert says in config.unreachable()
    assert bool(says) == bool(config.unreachable())


def test_it_is_said_before_links_are_made(staged: Site) -> None:
    boss = staged.organiser()
    assert "只有这台电脑自己打得开" in boss.get(f"/o/p/{staged.stage.panel_id}/people").text


def test_reminders_say_what_is_missing_and_carry_a_link_that_works(staged: Site) -> None:
    stage = staged.stage
    number = stage.round()
    hand_in(stage, number, CODES[0], 50)
    hand_in(stage, number, CODES[1], 50)
    me, other = staged.expert(CODES[1]), staged.expert(CODES[2])
    me.answer(number, "w.0.0", "51")
    other.answer(number, "w.0.0", "30")
    boss = staged.organiser()
    boss.get(f"/o/r/{number}")
    sheet = load_workbook(io.BytesIO(boss.post(f"/o/r/{number}/missing.xlsx").content)).worksheets[0]
    rows = {r[0]: r for r in sheet.iter_rows(min_row=2, values_only=True)}
    assert set(rows) == set(CODES[1:6])
    assert "改动还没有提交" in str(rows[CODES[1]][3])
    assert "还没有提交，目前不计入" in str(rows[CODES[2]][3])
    assert "尚未收到" in str(rows[CODES[3]][3])
    token = str(rows[CODES[2]][2]).rsplit("/", 1)[1]
    assert token != stage.links[CODES[2]]
    assert staged.browser().enter(token).status_code == 303
    assert staged.browser().enter(stage.links[CODES[2]]).status_code == 303  # the first one still opens
    assert other.answer(number, "w.0.1", "60").status_code == 200  # and nobody was signed out


# --- opinions ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "codes", "found"),
    [
        ("同意专家03 的看法", ("专家01", "专家03"), ("专家03",)),
        ("同意专家０３的看法", ("专家03",), ("专家03",)),
        ("e1 说得对", ("E1", "E10"), ("E1",)),
        ("见 E10 条", ("E1",), ()),
        ("甲醛排放更要紧", ("甲",), ()),
        ("专家甲认为", ("甲",), ("甲",)),
        ("", ("甲",), ()),
    ],
)
def test_codes_in_a_text_are_found_as_words(text: str, codes: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert naming.named(text, codes) == found


def test_every_opinion_reaches_the_others_but_what_is_kept_back(staged: Site) -> None:
    stage = staged.stage
    number = stage.round()
    hand_in(stage, number, CODES[0], 40, o_0_0="自己的话", c_0="自己对问卷的话")
    hand_in(stage, number, CODES[1], 41, o_0_0="在四分位以内的话", c_1="建议增加：单位产品碳排放")
    hand_in(stage, number, CODES[2], 41, o_0_0="【仅供组织者】私下的话", c_0="问卷太长")
    hand_in(stage, number, CODES[3], 41, o_1_0="没有分配的组也有话说")
    for code in CODES[4:6]:
        hand_in(stage, number, code, 80, o_0_0=f"我是{code}")
    stage.close(number)
    boss = staged.organiser()
    board = boss.get(f"/o/r/{number}/dissent").text
    for said in ("自己的话", "在四分位以内的话", "私下的话", "问卷太长", "没有分配的组也有话说", "单位产品碳排放"):
        assert said in board
    assert "其中 2 条提到专家代号" in board
    report = boss.get(f"/o/p/{stage.panel_id}/report").text
    assert "在四分位以内的话" in report
    assert "单位产品碳排放" in report
    assert "私下的话" not in report
    assert "另有 1 条注明仅供组织者" in report
    second = stage.round(opened=False)
    assert "2 条意见提到专家代号" in boss.get(f"/o/r/{second}/open").text
    with writing(stage.engine) as c:
        lifecycle.open_round(c, second, "-", 0)
    me = staged.expert(CODES[0])
    page, end = me.get(f"/e/{second}/0").text, me.get(f"/e/{second}/review").text
    assert "在四分位以内的话" in page
    assert "自己的话" not in page
    assert "私下的话" not in page
    assert "问卷太长" in end
    assert "自己对问卷的话" not in end
    assert "单位产品碳排放" not in end


def test_a_code_in_an_opinion_is_pointed_out_to_its_writer(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert(CODES[0])
    reply = me.answer(number, "o.0.0", f"我（{CODES[0]}）认为").json()
    assert reply["state"] == "saved"
    assert CODES[0] in reply["note"]
    assert "note" not in me.answer(number, "o.0.1", "无可指认").json()
    assert f"专家代号“{CODES[0]}”" in me.get(f"/e/{number}/review").text


# --- reasons ----------------------------------------------------------------------------------------------
def test_reasons_are_asked_of_the_furthest_few_by_the_frozen_rule(stage: Stage) -> None:
    """By a second route: per item the tenth furthest from the median, outside the quartiles, three items per expert."""
    generator = random.Random(20261130)
    with stage.engine.connect() as c:
        definition = records.panel(c, stage.panel_id).definition
        own = records.Round(1, 1, "delphi", 1, Instrument.ALLOCATION, records.RoundState.CLOSED, "", "", 0, 0)
    people = [f"e{k}" for k in range(24)]
    answers = {}
    for p in people:
        values = {}
        for g, group in enumerate(definition.groups):
            cuts = sorted(generator.sample(range(1, 100), len(group.items) - 1))
            points = np.diff([0, *cuts, 100])
            values |= {f"w.{g}.{k}": str(v) for k, v in enumerate(points)}
        answers[p] = values
    taken = lifecycle.Snapshot(own, "", tuple(people), answers, dict.fromkeys(people, Channel.WEB))
    found = furthest.asked(figures(taken, definition))
    candidates: dict[str, list[tuple[float, str]]] = {p: [] for p in people}
    for g, group in enumerate(definition.groups):
        for k in range(len(group.items)):
            column = np.array([float(answers[p][f"w.{g}.{k}"]) for p in people])
            q1, q3 = np.quantile(column, [0.25, 0.75])
            out = [i for i, v in enumerate(column) if v < q1 or v > q3]
            ranked = sorted((abs(column[i] - np.median(column)) for i in out), reverse=True)
            least = ranked[:2][-1]  # a tenth of 24
            for i in out:
                if abs(column[i] - np.median(column)) >= least:
                    candidates[people[i]].append((max(q1 - column[i], column[i] - q3), f"o.{g}.{k}"))
    for p in people:
        best = {n for _, n in sorted(candidates[p], key=lambda x: (-x[0], x[1]))[:3]}
        assert found.get(p, frozenset()) == best
    before = Definition.from_json(re.sub(r'"reasons":\{[^}]*\},', "", definition.canonical_json()))
    everybody = furthest.asked(figures(taken, before))
    assert sum(map(len, found.values())) < sum(map(len, everybody.values())) / 3


def test_a_panel_frozen_without_the_rule_keeps_its_hash(stage: Stage) -> None:
    with stage.engine.connect() as c:
        definition = records.panel(c, stage.panel_id).definition
    assert definition.reasons == ReasonRule()
    old = re.sub(r'"reasons":\{[^}]*\},', "", definition.canonical_json())
    assert "reasons" not in json.loads(old)
    assert Definition.from_json(old).canonical_json() == old


def test_ratings_go_to_a_folder_of_their_own(stage: Stage) -> None:
    number = stage.round(Instrument.RATING)
    with writing(stage.engine) as c:
        p = stage.pseudonyms[CODES[0]]
        panel = records.panel(c, stage.panel_id)
        asked = [f"r.{g}.{k}" for g, group in enumerate(panel.definition.rated) for k in range(len(group.items))]
        save_answers(c, [Answer(None, number, p, i, "3") for i in asked], 0)
        submitting.submit(c, panel, number, p, 0)
    stage.close(number)
    with site_of(stage) as site:
        boss = site.organiser()
        boss.get(f"/o/r/{number}/files")
        assert boss.post(f"/o/r/{number}/files").status_code == 200
    assert [f.name for f in (stage.folder / "重要性评分" / "第1轮").iterdir()] == [f"{CODES[0]}.xlsx"]


def test_all_that_was_written_comes_through_the_export_and_back_by_mail(staged: Site) -> None:
    """A cell's fill of text, an opinion in a blank group, comments, proposals, the self-assessment; then as mail."""
    stage = staged.stage
    number = stage.round()
    said = {
        "o.0.0": "长" * 32_767, "o.1.0": "没有分配的组也有话说", "o.1.1": "仅供组织者：私下的话", "c.0": "问卷太长",
        "c.1": "建议增加：单位产品碳排放", "a.0": "大", "a.1": "中", "a.2": "中", "a.3": "小", "a.4": "熟悉",
    }  # fmt: skip
    hand_in(stage, number, CODES[0], 40, **{i.replace(".", "_"): text for i, text in said.items()})
    stage.close(number)
    boss = staged.organiser()
    boss.get(f"/o/r/{number}/files")
    assert boss.post(f"/o/r/{number}/files").status_code == 200
    inputs = load_project(stage.folder).inputs
    assert inputs is not None
    (answer,) = inputs.delphi[0].answers
    assert "长" * 32_767 in answer.allocations[0].opinions.values()
    remarks = {(r.text.rpartition("：")[2], r.proposal, r.private) for r in inputs.remarks}
    assert remarks == {
        ("问卷太长", False, False), ("单位产品碳排放", True, False), ("没有分配的组也有话说", False, False),
        ("私下的话", False, True),
    }  # fmt: skip
    # what the committee typed counts, so the form itself is looked at
    (file,) = (stage.folder / "德尔菲" / "第1轮").iterdir()
    form = {row[0].value: row[1].value for row in load_workbook(file)["专家"].iter_rows(max_row=12)}
    assert [form[w] for w in ("实践经验", "理论分析", "国内外资料", "直觉", "熟悉程度")] == [
        "大",
        "中",
        "中",
        "小",
        "熟悉",
    ]
    as_json = json.loads(boss.get(f"/o/r/{number}/answers.json").text)
    assert "没有分配的组也有话说" in json.dumps(as_json, ensure_ascii=False)


# --- round two ----------------------------------------------------------------------------------------------
def test_a_group_is_kept_with_one_form_and_what_was_changed_stays(staged: Site) -> None:
    stage = staged.stage
    first = stage.round()
    with stage.engine.connect() as c:
        size = len(records.panel(c, stage.panel_id).definition.groups[1].items)
    elsewhere = {f"w.1.{k}": str(100 if k == 0 else 0) for k in range(size)}
    hand_in(stage, first, CODES[0], 40, **{i.replace(".", "_"): v for i, v in elsewhere.items()})
    stage.close(first)
    second = stage.round()
    me = staged.expert(CODES[0])
    page = me.get(f"/e/{second}/0").text
    assert "本组其余和另外 1 组都沿用上轮" in page
    assert 'value="40"' not in page  # nothing is answered in advance
    assert (
        me.post(f"/e/{second}/0", {"w.0.0": "45", "w.0.1": "45", "go": "keep"}).headers["location"] == f"/e/{second}/1"
    )
    with stage.engine.connect() as c:
        now = records.answers_of(c, second, stage.pseudonyms[CODES[0]])
    assert {i: v for i, (v, _) in now.items()} == {"w.0.0": "45", "w.0.1": "45", "w.0.2": "10"}
    # what no longer adds up is shown instead of passed over
    me.answer(second, "w.0.2", "")
    me.answer(second, "w.0.0", "60")
    me.get(f"/e/{second}/0")
    assert me.post(f"/e/{second}/0", {"go": "keep"}).headers["location"] == f"/e/{second}/0"
    assert "多出 15" in me.get(f"/e/{second}/0").text
    # or all groups at once: what is missing anywhere is as before, what was given stays
    me.answer(second, "w.0.0", "50")
    assert me.post(f"/e/{second}/0", {"go": "keep-all"}).headers["location"] == f"/e/{second}/review"
    with stage.engine.connect() as c:
        now = records.answers_of(c, second, stage.pseudonyms[CODES[0]])
    said = {i: v for i, (v, _) in now.items()}
    assert said == {"w.0.0": "50", "w.0.1": "45", "w.0.2": "10"} | elsewhere


def test_finishing_names_every_gap_and_asks_the_self_assessment_once(staged: Site) -> None:
    stage = staged.stage
    number = stage.round(Instrument.PAIRWISE)
    me = staged.expert(CODES[0])
    me.answer(number, "p.0.0.1", "3")
    page = me.get(f"/e/{number}/review").text
    assert f'href="/e/{number}/0#pair-0-2"' in page  # the pairs that are missing, each with the way to it
    assert f'href="/e/{number}/0#pair-1-2"' in page
    assert "还没有提交" in page
    me.answer(number, "p.0.0.2", "3")
    words = dict(zip([f"a.{k}" for k in range(5)], ("大", "中", "中", "小", "熟悉"), strict=True))
    me.get(f"/e/{number}/review")
    assert me.post(f"/e/{number}/submit", {**words, "c.0": "一句话"}).status_code == 303
    second = stage.round()
    page = me.get(f"/e/{second}/review").text
    assert "已填，各轮通用" in page
    for path in ("/e", f"/e/{second}/0", f"/e/{number}/receipt"):
        assert "还没有提交" not in re.sub(
            r'<p class="error strip" id="unsubmitted" hidden>.*?</p>', "", me.get(path).text
        )
    me.answer(second, "w.0.0", "1")
    for path in ("/e", f"/e/{second}/0", f"/e/{number}/receipt", f"/e/{number}/0"):
        page = me.get(path).text
        assert "还没有提交" in page
        places = json.loads(re.search(r'data-places="([^"]*)"', page)[1].replace("&#34;", '"'))  # type: ignore[index]
        assert {p["save"] for p in places} == {f"/e/{number}/answer", f"/e/{second}/answer"}


def test_what_keeps_a_round_from_being_handed_in_is_said_in_words(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert(CODES[0])
    assert "还不能提交" not in me.get(f"/e/{number}/review").text
    me.answer(number, "w.0.0", "50")
    me.get(f"/e/{number}/review")
    reply = me.post(f"/e/{number}/submit")
    assert reply.status_code == 422
    assert re.search(r"还不能提交：[^<]*还有 2 项没有填写", reply.text)
    me.get(f"/e/{number}/review")
    reply = me.post(f"/e/{number}/submit", {"a.0": "很大"})
    assert "有填写的内容没有保存" in reply.text
    assert "请选择大、中、小之一" in reply.text


def test_a_closed_round_with_too_few_asks_for_another_and_not_for_what_it_cannot_take(staged: Site) -> None:
    stage = staged.stage
    number = stage.round()
    hand_in(stage, number, CODES[0], 40)
    stage.close(number)
    boss = staged.organiser()
    for page in (boss.get(f"/o/r/{number}/results").text, boss.get(f"/o/p/{stage.panel_id}/report").text):
        assert "为暂定" in page
        assert "本轮已结束，不再收答复；应再征询一轮（第 2 轮）" in page
        assert "催收" not in page
