"""Pages by plain forms: what is taken, what is refused and how it is said."""

from __future__ import annotations

import io
import re
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from drafting.panel import checks, items
from drafting.panel.definition import Definition, Group, Instrument, Item
from drafting.panel.submitting import group_state
from drafting.panel.web.words import judgement
from drafting.panel.writer import UnavailableError

from .client import Site, Visitor

HIDDEN = ("\u202e", "\u2066", "\u200f", "\u061c", "\x85", "\x1b")
THREE = Definition(
    (Group("一级指标", tuple(Item(c, c) for c in "甲乙丙")),),
    {
        "rating_scale": 9,
        "cr_limit": "0.10",
        "random_index": "saaty-1980",
        "quartile": "type-7",
        "prioritisation": "特征向量法",
    },
    (Group("甲", (Item("A1", "某指标"),)),),
)


@pytest.fixture
def expert(lone: Site) -> tuple[Visitor, int]:
    """An expert in an open round of allocations."""
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    return lone.visitor().enter(links["专家01"]), number


@pytest.mark.parametrize(
    ("instrument", "item", "said", "kept"),
    [
        (Instrument.ALLOCATION, "w.0.0", " １２．５０ ", "12.5"),
        (Instrument.ALLOCATION, "w.0.2", "100", "100"),
        (Instrument.ALLOCATION, "w.0.2", "0", "0"),
        (Instrument.ALLOCATION, "w.0.2", "30%", "30"),
        (Instrument.ALLOCATION, "w.0.2", "30 %", "30"),
        (Instrument.ALLOCATION, "w.0.2", "30\u00a0％", "30"),
        (Instrument.ALLOCATION, "w.0.2", "３０\u3000﹪ ", "30"),
        (Instrument.RATING, "r.0.0", "9\u202f", "9"),
        (Instrument.RATING, "r.0.0", "9", "9"),
        (Instrument.PAIRWISE, "p.0.0.2", "1/3", "1/3"),
        (Instrument.PAIRWISE, "p.0.0.2", "２", "2"),
        (Instrument.PAIRWISE, "p.0.0.2", "0.35", "0.35"),
        (Instrument.ALLOCATION, "o.0.1", "  很好 😀\r\nمرحبا ", "很好 😀\nمرحبا"),
        (Instrument.ALLOCATION, "a.4", "很熟悉", "很熟悉"),
        (Instrument.ALLOCATION, "w.0.0", "", ""),
    ],
)
def test_answers_are_kept_exactly(instrument: Instrument, item: str, said: str, kept: str) -> None:
    assert items.canonical(THREE, instrument, item, said) == kept


@pytest.mark.parametrize(
    ("instrument", "item", "said"),
    [
        (Instrument.ALLOCATION, "w.0.0", "-1"),
        (Instrument.ALLOCATION, "w.0.0", "100.1"),
        (Instrument.ALLOCATION, "w.0.0", "NaN"),
        (Instrument.ALLOCATION, "w.0.0", "1e999999999"),
        (Instrument.ALLOCATION, "w.0.0", "Infinity"),
        (Instrument.ALLOCATION, "w.0.0", "12" * 30),
        (Instrument.ALLOCATION, "w.0.0", "十二"),
        (Instrument.ALLOCATION, "w.0.3", "1"),
        (Instrument.ALLOCATION, "w.1.0", "1"),
        (Instrument.ALLOCATION, "p.0.0.1", "1"),
        (Instrument.ALLOCATION, "w.0.0'; --", "1"),
        (Instrument.ALLOCATION, "", "1"),
        (Instrument.ALLOCATION, "w.0", "1"),
        (Instrument.RATING, "r.0.0", "0"),
        (Instrument.RATING, "r.0.0", "10"),
        (Instrument.RATING, "r.0.0", "3.5"),
        (Instrument.PAIRWISE, "p.0.1.0", "1"),
        (Instrument.PAIRWISE, "p.0.1.1", "1"),
        (Instrument.PAIRWISE, "p.0.0.1", "10"),
        (Instrument.PAIRWISE, "p.0.0.1", "1/10"),
        (Instrument.PAIRWISE, "p.0.0.1", "1/0"),
        (Instrument.PAIRWISE, "p.0.0.1", "1e99999999"),
        (Instrument.PAIRWISE, "o.0.0", "text"),
        (Instrument.ALLOCATION, "o.0.0", "字" * 32_768),
        (Instrument.ALLOCATION, "o.0.0", "a\0b"),
        (Instrument.ALLOCATION, "o.0.0", "\ud800"),
        *((Instrument.ALLOCATION, item, f"好{c}评") for item in ("o.0.0", "c.0", "c.1") for c in HIDDEN),
        (Instrument.ALLOCATION, "w.0.0", "3 0"),
        (Instrument.ALLOCATION, "w.0.0", "30 % %"),
        (Instrument.ALLOCATION, "a.4", "大"),
        (Instrument.ALLOCATION, "a.5", "大"),
    ],
)
def test_impossible_answers_are_refused_in_words(instrument: Instrument, item: str, said: str) -> None:
    with pytest.raises(items.AnswerError, match=r"[\u4e00-\u9fff]"):
        items.canonical(THREE, instrument, item, said)


@given(st.sampled_from(["w.0.0", "o.0.0", "p.0.0.1", "a.0"]), st.text(max_size=60))
def test_any_text_is_taken_or_refused_and_taken_answers_stay(item: str, text: str) -> None:
    """Whatever is sent: an answer in words, and an answer that was kept is kept the same when sent again."""
    instrument = Instrument.PAIRWISE if item[0] == "p" else Instrument.ALLOCATION
    try:
        kept = items.canonical(THREE, instrument, item, text)
    except items.AnswerError:
        return
    assert items.canonical(THREE, instrument, item, kept) == kept


def test_every_step_of_the_scale_is_its_own_number() -> None:
    from fractions import Fraction

    assert len(items.STEPS) == 17
    for text, (value, inverse) in items.STEPS.items():
        assert (value, inverse) == (float(Fraction(text)), float(1 / Fraction(text)))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"w.0.0": "50", "w.0.1": "30", "w.0.2": "19.9"}, "合计 99.9，还差 0.1"),
        ({"w.0.0": "50", "w.0.1": "30", "w.0.2": "21"}, "合计 101，多出 1"),
        ({"w.0.0": "33.3333333333", "w.0.1": "33.3333333333", "w.0.2": "33.3333333334"}, ""),
        ({"w.0.0": "0.1", "w.0.1": "0.2", "w.0.2": "99.7"}, ""),
        ({"w.0.0": "100"}, "还有 2 项没有填写"),
        ({}, ""),
    ],
)
def test_sums_are_decimal(values: dict[str, str], fault: str) -> None:
    assert group_state(Instrument.ALLOCATION, 0, THREE.groups[0], values).fault == fault


def test_the_live_check_names_cr_advice_and_cycle() -> None:
    """A circular triad: 甲 3 乙, 乙 3 丙, 丙 3 甲; λ = 1 + 3 + 1/3, so CI = 2/3 and CR = (2/3)/0.58 (Saaty 1980)."""
    seen = checks.check(THREE, 0, {"p.0.0.1": "3", "p.0.1.2": "3", "p.0.0.2": "1/3"})
    assert seen.cr == pytest.approx((2 / 3) / 0.58)
    assert seen.consistent is False
    assert seen.cycles == ("“甲”重于“乙”，“乙”重于“丙”，但“丙”又重于“甲”",)
    assert len(seen.advice) == 3
    assert all(a.cr_after < seen.cr for a in seen.advice if seen.cr)
    unfinished = checks.check(THREE, 0, {"p.0.0.1": "3"})
    assert unfinished.cr is None
    assert "连在一起" in unfinished.state.fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "未比较"),
        ("1", "“甲”与“乙”同等重要"),
        ("5", "“甲”比“乙”明显重要（5）"),
        ("1/9", "“乙”比“甲”极端重要（9）"),
        ("2.5", "“甲”比“乙”介于同等与稍微之间（2.5）"),
        ("1/2.5", "“乙”比“甲”介于同等与稍微之间（2.5）"),
        ("0.4", "“乙”比“甲”介于同等与稍微之间（2.5）"),
    ],
)
def test_a_judgement_is_said_in_words(text: str, said: str) -> None:
    assert judgement(text, "甲", "乙") == said


def test_plain_form_saves_shows_sum_and_leads_on(expert: tuple[Visitor, int]) -> None:
    visitor, number = expert
    assert visitor.post(f"/e/{number}/3", {"w.3.0": "60", "w.3.1": "30"}).headers["location"] == f"/e/{number}/3"
    assert "合计 90，还差 10。" in visitor.get(f"/e/{number}/3").text
    refused = visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    assert refused.status_code == 422
    assert "水资源消耗：合计 90，还差 10" in refused.text
    page = visitor.get(f"/e/{number}/3").text
    base = re.search(r'name="base" value="([^"]*)"', page)
    assert base
    import html

    form = {"w.3.0": "60", "w.3.1": "40", "go": "next", "base": html.unescape(base[1])}
    assert visitor.post(f"/e/{number}/3", form).headers["location"] == f"/e/{number}/4"
    assert visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review").headers["location"].endswith("/receipt")


def test_a_stale_form_does_not_overwrite_silently(expert: tuple[Visitor, int]) -> None:
    """The page was loaded before another window answered: the form's value is shown as not saved."""
    visitor, number = expert
    visitor.answer(number, "w.3.0", "70")
    stale = visitor.post(f"/e/{number}/3", {"w.3.0": "20", "w.3.1": "30"})
    assert stale.status_code == 422
    assert "已在另一个窗口改为“70”" in stale.text
    assert 'value="20"' in stale.text
    assert visitor.answer(number, "w.3.0", "70").json()["version"] == 1


def test_wrong_values_of_a_form_are_shown_again_beside_their_reason(expert: tuple[Visitor, int]) -> None:
    visitor, number = expert
    reply = visitor.post(f"/e/{number}/3", {"w.3.0": "abc", "w.3.1": "30", "o.3.1": "字" * 50_000})
    assert reply.status_code == 422
    assert 'value="abc"' in reply.text
    assert "请填写 0～100 之间的数" in reply.text
    assert "意见最多 32767 字，现有 50000 字" in reply.text
    assert visitor.answer(number, "w.3.1", "30").json() == {"state": "saved", "value": "30", "version": 1}


def test_changes_after_submitting_count_only_when_submitted_again(lone: Site) -> None:
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    visitor = lone.visitor().enter(links["专家01"])
    visitor.post(f"/e/{number}/3", {"w.3.0": "60", "w.3.1": "40"})
    visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    visitor.answer(number, "w.3.0", "99")
    assert "提交之后又有修改，须重新提交才计入" in visitor.get("/e").text
    lone.close(organiser, number)
    said = organiser.get(f"/o/r/{number}/answers.json").json()["experts"]
    assert said[0]["answers"]["水资源消耗"]["weights"] == {"S1": 60.0, "S2": 40.0}
    assert "之后的修改未计入" in visitor.get("/e").text


def test_feedback_stays_hidden_below_five_answers(lone: Site) -> None:
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    visitors = [lone.visitor().enter(links[f"专家{k:02d}"]) for k in range(1, 6)]
    for k, visitor in enumerate(visitors):
        visitor.post(f"/e/{number}/3", {"w.3.0": str(50 + k), "w.3.1": str(50 - k)})
        if k < 4:
            visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    lone.close(organiser, number)
    assert "有效答复不足 5 份" in organiser.get(f"/o/r/{number}/results").text
    second = lone.round(organiser)
    page = visitors[0].get(f"/e/{second}/3").text
    assert "上一轮有效答复不足 5 份" in page
    assert "中位数" not in page
    assert "您上轮：<strong>50</strong>" in page


def test_later_comparisons_show_what_was_handed_in_before(lone: Site) -> None:
    """In words beside each pair; nothing is preset, and what was changed after handing in is not shown."""
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser, "pairwise")
    visitor = lone.visitor().enter(links["专家01"])
    for item, value in (("p.7.0.1", "5"), ("p.7.0.2", "1/3"), ("p.7.1.2", "2")):
        assert visitor.answer(number, item, value).status_code == 200
    visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    visitor.answer(number, "p.7.0.1", "9")
    lone.close(organiser, number)
    second = lone.round(organiser, "pairwise")
    page = visitor.get(f"/e/{second}/7").text
    assert "您上轮：<strong>“产品放射性核素限量（内照射指数）”比“产品优等品率”明显重要（5）" in page
    assert page.count("您上轮：<strong>“") == 3
    assert " checked" not in page
    other = lone.visitor().enter(links["专家02"])
    assert "您上轮：<strong>“" not in other.get(f"/e/{second}/7").text


def test_a_receipt_names_blank_groups_in_one_line_and_keeps_their_opinions(expert: tuple[Visitor, int]) -> None:
    visitor, number = expert
    visitor.post(f"/e/{number}/3", {"w.3.0": "60", "w.3.1": "40"})
    visitor.post(f"/e/{number}/4", {"o.4.0": "这一组我不熟悉"})
    visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    page = visitor.get(f"/e/{number}/receipt").text
    assert page.count("<table>") == 2
    assert "这一组我不熟悉" in page
    assert "<h2>未作答的组</h2><p>一级指标、" in page


def test_links_shown_once_fill_a_mail_merge_table_with_a_readable_code(lone: Site) -> None:
    import base64

    organiser = lone.organiser()
    path = f"/o/p/{lone.panel_id}/people"
    page = organiser.post(path, {"member": [str(m.id) for m in lone.members], "days": "30"}).text
    packed = re.search(r"base64,([A-Za-z0-9+/=]+)\"", page[page.index("邮件合并") - 50 :])
    merged = re.search(r'href="data:application/vnd[^,]+,([A-Za-z0-9+/=]+)"', page)
    assert packed
    assert merged
    sheet = load_workbook(io.BytesIO(base64.b64decode(merged[1]))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("专家代号", "链接", "邮件正文")
    assert len(rows) == 13
    assert page.count("data:image/png;base64,") == 12
    token = str(rows[1][1]).rsplit("/", 1)[1]
    assert len(token) == 43
    assert token not in organiser.get(path).text
    assert lone.visitor().enter(token).get("/e").status_code == 200


def test_reports_name_no_expert(lone: Site) -> None:
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    for k in range(1, 7):
        visitor = lone.visitor().enter(links[f"专家{k:02d}"])
        visitor.post(f"/e/{number}/3", {"w.3.0": str(40 + 5 * k), "w.3.1": str(60 - 5 * k), "o.3.0": "|# 理由 *x*"})
        visitor.post(f"/e/{number}/submit", page=f"/e/{number}/review")
    lone.close(organiser, number)
    path = f"/o/p/{lone.panel_id}/report"
    texts = [organiser.get(path).text, organiser.get(f"{path}?to=md").text, organiser.get(f"{path}?to=json").text]
    for text in texts:
        assert "积极系数 50.0%" in text
        assert not re.search(r"专家\d\d", text)
        assert not any(m.pseudonym in text for m in lone.members)
    assert "\\|\\# 理由 \\*x\\*" in texts[1]
    from docx import Document

    document = Document(io.BytesIO(organiser.get(f"{path}?to=docx").content))
    assert any("停止规则" in p.text for p in document.paragraphs)
    assert document.tables


def test_every_refusal_asks_for_what_is_parked(
    lone: Site, expert: tuple[Visitor, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages of 403, 409, 413, 503 and of what does not exist carry the script that sends, or tells of, answers."""
    me, number = expert
    form, page = {"content-type": "application/x-www-form-urlencoded"}, {"accept": "text/html"}
    large = me.http.post(f"/e/{number}/0", content=b"csrf=" + b"x" * (3 << 20), headers=form | page)
    refused = {
        403: me.http.post(f"/e/{number}/0", data={"csrf": "old"}),
        404: me.get("/nowhere", headers=page),
        405: me.http.put(f"/e/{number}/0", headers=page),
        413: large,
    }
    with monkeypatch.context() as patch:
        patch.setattr(lone.service, "change", mock.Mock(side_effect=UnavailableError))
        refused[503] = me.post(f"/e/{number}/0", {"w.0.0": "7"})
    token = me.csrf(f"/e/{number}/0")
    lone.close(lone.organiser(), number)
    refused[409] = me.http.post(f"/e/{number}/submit", data={"csrf": token})
    assert {status: reply.status_code for status, reply in refused.items()} == {s: s for s in refused}
    for status, reply in refused.items():
        assert 'data-ask="/e/parked"' in reply.text, status
        assert re.search(r'<script src="[^"]*parking[^"]*"', reply.text), status
        assert 'id="parked"' in reply.text, status
    assert "内容过大" in large.text
