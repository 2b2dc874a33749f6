"""Whatever visitors do in whatever order: nothing is deleted, what is closed stays, history is whole."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from drafting.panel import lifecycle
from drafting.panel import tables as t
from drafting.panel.records import RoundState
from tests.drafting.panel.proving import CODES, Browser, Site, blank_database, set_up, site_of

EXPERTS = CODES[:3]
ITEMS = ("w.0.0", "w.0.1", "w.0.2", "w.1.0", "o.0.0", "a.0")
NUMBERS = st.sampled_from(["", "0", "10", "30", "33.4", "60", "100", "１０", " 5 ", "5%"])
WRONG = st.sampled_from(["101", "-1", "nan", "1e999999999", "inf", "١", "x", "1_0", "0x10", "1" * 30, "\x00", "5\x005"])
TEXT = st.text(max_size=60)
CANONICAL = {"１０": "10", " 5 ": "5", "5%": "5"}


class Panel(RuleBasedStateMachine):
    """Three experts and an organiser on one server, beside a model made of two dictionaries and a list."""

    def __init__(self, fresh: Callable[[], str]) -> None:
        super().__init__()
        self.fresh = fresh
        self.stack = ExitStack()
        self.present: dict[tuple[int, str, str], tuple[str, int]] = {}
        self.steps: list[tuple[int, str, str, str, int]] = []
        self.handed: dict[tuple[int, str], dict[str, str]] = {}
        self.late = 0
        self.frozen: dict[int, tuple[Any, ...]] = {}
        self.open: int | None = None
        self.closed: list[int] = []

    @initialize()
    def begin(self) -> None:
        self.stage = set_up(self.fresh(), codes=EXPERTS)
        self.site: Site = self.stack.enter_context(site_of(self.stage))
        self.experts: dict[str, Browser] = {code: self.site.expert(code) for code in EXPERTS}
        self.open = self.stage.round()

    def teardown(self) -> None:
        self.stack.close()
        if hasattr(self, "stage"):
            self.stage.engine.dispose()

    def _note(self, round_id: int, code: str, item: str, value: str) -> int:
        key = (round_id, code, item)
        before, version = self.present.get(key, ("", 0))
        if value != before:
            version += 1
            self.present[key] = (value, version)
            self.steps.append((*key, value, version))
        return version

    @rule(
        code=st.sampled_from(EXPERTS),
        item=st.sampled_from(ITEMS[:4]),
        value=NUMBERS,
        how=st.sampled_from(["any", "same", "stale"]),
    )
    def answer(self, code: str, item: str, value: str, how: str) -> None:
        number = self.open or self.closed[-1]
        key = (number, code, item)
        before, version = self.present.get(key, ("", 0))
        kept = CANONICAL.get(value, value)
        base = {"any": None, "same": version, "stale": max(version - 1, 0)}[how]
        reply = self.experts[code].answer(number, item, value, base)
        if self.open is None:
            assert reply.status_code == 410
            assert reply.json()["sent"] == kept
            self.late += 1
        elif how == "stale" and version > 0 and kept != before:
            assert reply.status_code == 409
            assert (reply.json()["value"], reply.json()["version"]) == (before, version)
        else:
            assert reply.status_code == 200
            assert (reply.json()["value"], reply.json()["version"]) == (kept, self._note(number, code, item, kept))

    @precondition(lambda self: self.open)
    @rule(code=st.sampled_from(EXPERTS), said=TEXT)
    def opinion(self, code: str, said: str) -> None:
        reply = self.experts[code].answer(self.open or 0, "o.0.0", said)
        assert reply.status_code in (200, 422)
        if reply.status_code == 200:
            kept = reply.json()["value"]
            assert kept == said.replace("\r\n", "\n").strip()
            self._note(self.open or 0, code, "o.0.0", kept)

    @precondition(lambda self: self.open)
    @rule(code=st.sampled_from(EXPERTS), item=st.sampled_from(ITEMS[:4]), value=WRONG)
    def nonsense(self, code: str, item: str, value: str) -> None:
        assert self.experts[code].answer(self.open or 0, item, value).status_code == 422

    @precondition(lambda self: self.open)
    @rule(code=st.sampled_from(EXPERTS), first=st.sampled_from(["20", "50", "70"]))
    def whole_group_by_form(self, code: str, first: str) -> None:
        """The way without script: a page is opened and sent back whole."""
        number = self.open or 0
        browser = self.experts[code]
        page = browser.get(f"/e/{number}/0").text
        assert page
        given_ = {"w.0.0": first, "w.0.1": "20", "w.0.2": str(80 - int(first))}
        base = {i: self.present[number, code, i][1] for i in given_ if (number, code, i) in self.present}
        reply = browser.post(f"/e/{number}/0", {**given_, "base": json.dumps(base)})
        assert reply.status_code == 303
        for item, value in given_.items():
            self._note(number, code, item, value)

    @precondition(lambda self: self.open)
    @rule(code=st.sampled_from(EXPERTS))
    def submit(self, code: str) -> None:
        number = self.open or 0
        own = {i: v for (r, c, i), (v, _) in self.present.items() if (r, c) == (number, code) and v}
        first = [own.get(f"w.0.{k}") for k in range(3)]
        second = [own.get(f"w.1.{k}") for k in range(3)]

        def fine(group: list[str | None]) -> bool:
            return all(v is None for v in group) or (None not in group and sum(map(float, filter(None, group))) == 100)

        browser = self.experts[code]
        browser.get("/e")
        reply = browser.post(f"/e/{number}/submit")
        if fine(first) and fine(second) and any(v is not None for v in first + second):
            assert reply.status_code == 303
            self.handed[number, code] = own
        else:
            assert reply.status_code == 422
            assert "还不能提交" in reply.text

    @precondition(lambda self: self.open)
    @rule()
    def close(self) -> None:
        number = self.open or 0
        self.stage.close(number)
        self.open = None
        self.closed.append(number)
        self.frozen[number] = self._all_of(number)
        with self.stage.engine.connect() as c:
            taken = lifecycle.snapshot(c, number)
        names = {p: c for c, p in self.stage.pseudonyms.items()}
        assert {names[p]: dict(v) for p, v in taken.answers.items()} == {
            c: v for (r, c), v in self.handed.items() if r == number
        }

    @precondition(lambda self: self.open is None)
    @rule()
    def next_round(self) -> None:
        self.open = self.stage.round()

    @rule(code=st.sampled_from(EXPERTS))
    def come_back(self, code: str) -> None:
        """Another device, the same link."""
        self.experts[code] = self.site.expert(code)

    def _all_of(self, number: int) -> tuple[Any, ...]:
        tables = (t.answers, t.history, t.submissions, t.snapshots)
        return tuple(
            tuple(sorted(tuple(r) for r in self.stage.rows(table) if r.round_id == number)) for table in tables
        )

    @invariant()
    def the_database_is_the_model(self) -> None:
        if not hasattr(self, "stage"):
            return
        names = {p: c for c, p in self.stage.pseudonyms.items()}
        steps = [(r.round_id, names[r.pseudonym], r.item, r.value, r.version) for r in self.stage.rows(t.history)]
        assert sorted(steps) == sorted(self.steps)
        rows = {(r.round_id, names[r.pseudonym], r.item): (r.value, r.version) for r in self.stage.rows(t.answers)}
        assert rows == self.present
        assert len(self.stage.rows(t.late_answers)) == self.late
        assert sum(r.action == "answer" for r in self.stage.rows(t.audit)) == len(self.steps)
        for number, content in self.frozen.items():
            assert self._all_of(number) == content
        states = {r.id: r.state for r in self.stage.rows(t.rounds)}
        assert all(states[n] == RoundState.CLOSED for n in self.closed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_visitors_do_the_database_is_the_model(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    count = itertools.count()

    def fresh() -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'panel-{next(count)}.sqlite3'}"
        return blank_database(request.getfixturevalue("postgres"))

    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # of hypothesis
        lambda: Panel(fresh),
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),  # an example takes a second: shrinking would take minutes
        ),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["item", "value", "base", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=JSON)
def test_no_body_breaks_the_answers_address(staged: Site, sent: object) -> None:
    browser = _one(staged)
    reply = browser.client.post(
        "/e/1/answer", content=json.dumps(sent), headers={"x-csrf": browser.csrf, "content-type": "application/json"}
    )
    assert reply.status_code in (200, 422)
    assert reply.json()["state"] in ("saved", "refused")


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.binary(max_size=200))
def test_no_bytes_break_the_answers_address(staged: Site, sent: bytes) -> None:
    browser = _one(staged)
    reply = browser.client.post(
        "/e/1/answer", content=sent, headers={"x-csrf": browser.csrf, "content-type": "application/json"}
    )
    assert reply.status_code in (200, 422)


NAMES = ("w.0.0", "w.0.1", "o.0.0", "base", "go", "x")


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=6))
def test_no_form_breaks_a_page(staged: Site, form: dict[str, str]) -> None:
    browser = _one(staged)
    browser.get("/e")
    reply = browser.post("/e/1/0", form)
    assert reply.status_code in (303, 422)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(
            ["e", "o", "l", "p", "r", "1", "0", "-1", "99999999999999999999", "%00", "..", "%2e%2e", "x", "answer"]
        ),
        max_size=5,
    )
)
def test_no_address_breaks_the_server(staged: Site, parts: list[str]) -> None:
    for browser in (_one(staged), _boss(staged)):
        reply = browser.client.get("/" + "/".join(parts))
        assert reply.status_code < 500, (parts, reply.text)


def _one(site: Site) -> Browser:
    """One expert in an open round, the same for all examples."""
    if not site.clients:
        site.stage.round()
        site.expert()
    browser = Browser(site.clients[0])
    browser.get("/e")
    return browser


def _boss(site: Site) -> Browser:
    if len(site.clients) < 2:
        site.organiser()
    return Browser(site.clients[1])


# --- bad input of the issue --------------------------------------------------------------------------------
def test_sums_other_than_100_are_kept_and_named(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert()
    for k, value in enumerate(("50", "30", "19.9999999999")):
        assert me.answer(number, f"w.0.{k}", value).status_code == 200
    me.get("/e")
    reply = me.post(f"/e/{number}/submit")
    assert reply.status_code == 422
    assert "合计 99.9999999999，还差 0.0000000001" in reply.text
    assert not staged.stage.rows(t.submissions)
    me.answer(number, "w.0.2", "20.5")
    me.get("/e")
    assert "多出 0.5" in me.post(f"/e/{number}/submit").text
    me.answer(number, "w.0.2", "20")
    me.get("/e")
    assert me.post(f"/e/{number}/submit").status_code == 303


def test_a_comment_of_a_megabyte_is_refused_with_words_and_breaks_nothing(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert()
    long = "长" * (1 << 20)
    assert me.answer(number, "o.0.0", long).status_code == 413
    assert me.answer(number, "o.0.0", "长" * 32_768).json()["message"].startswith("意见最多 32767 字")
    me.get(f"/e/{number}/0")
    reply = me.post(f"/e/{number}/0", {"o.0.0": "长" * 200_000, "w.0.0": "5"})
    assert reply.status_code == 422
    assert "意见最多 32767 字，现有 200000 字" in reply.text
    assert {r.item: r.value for r in staged.stage.rows(t.answers)} == {"w.0.0": "5"}  # the rest of the form is saved
    assert me.answer(number, "o.0.0", "长" * 32_767).status_code == 200


def test_a_round_that_closes_while_answering_loses_nothing(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert()
    me.answer(number, "w.0.0", "50")
    me.get(f"/e/{number}/0")
    staged.stage.close(number)
    reply = me.answer(number, "w.0.0", "40")
    assert reply.status_code == 410
    assert reply.json()["sent"] == "40"
    assert "不计入结果" in reply.json()["message"]
    form = me.post(f"/e/{number}/0", {"w.0.1": "17", "o.0.0": "写到一半"})
    assert "本轮已结束，这个答案已留存，但不计入结果" in form.text
    assert 'value="17"' in form.text
    assert "写到一半" in form.text
    assert {(r.item, r.value) for r in staged.stage.rows(t.late_answers)} == {
        ("w.0.0", "40"),
        ("w.0.1", "17"),
        ("o.0.0", "写到一半"),
    }
    assert "不计入" in me.get(f"/e/{number}/review").text


def test_two_tabs_are_told_apart(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert()
    page = me.get(f"/e/{number}/0")
    assert page.status_code == 200
    me.answer(number, "w.0.0", "50", 0)  # the other tab
    reply = me.answer(number, "w.0.0", "40", 0)
    assert reply.status_code == 409
    assert (reply.json()["value"], reply.json()["sent"]) == ("50", "40")
    me.get("/e")
    form = me.post(f"/e/{number}/0", {"w.0.0": "40", "base": "{}"})
    assert form.status_code == 422
    assert "已在另一个窗口改为“50”" in form.text
    assert 'value="40"' in form.text  # what was typed is still there
    assert me.answer(number, "w.0.0", "40", reply.json()["version"]).status_code == 200


def test_text_of_every_script_is_shown_as_it_was_given(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert()
    for said in ("👩‍🔬🇨🇳 好", "שלום abc", "𠮷", "a\u0301"):
        assert me.answer(number, "o.0.0", said).json()["value"] == said
        assert said in me.get(f"/e/{number}/0").text
    for said in ("a\x00b", "\x1b[31m", "\ud800", "שלום \u202eabc", "\u2066a", "\x9b"):
        reply = me.client.post(
            f"/e/{number}/answer", content=json.dumps({"item": "o.0.0", "value": said}),
            headers={"x-csrf": me.csrf, "content-type": "application/json"},
        )  # fmt: skip
        assert reply.status_code == 422, said
        assert "控制字符" in reply.json()["message"]
    assert {r.value for r in staged.stage.rows(t.answers)} == {"a\u0301"}


@pytest.mark.parametrize(
    "item",
    ["w.00.0", "w.0.00", "w.\u0660.0", "w.0.0 ", "W.0.0", "w.0.3", "w.9.0", "r.0.0", "p.0.0.1", "a.5", "", "w.0"],
)
def test_every_question_has_one_name(staged: Site, item: str) -> None:
    number = staged.stage.round()
    assert staged.expert().answer(number, item, "5").status_code == 422
    assert not staged.stage.rows(t.answers)
