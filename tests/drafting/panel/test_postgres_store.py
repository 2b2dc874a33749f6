"""The store on SQLite and on PostgreSQL: the same promises on both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from drafting.panel import accounts, lifecycle, records, submitting
from drafting.panel import tables as t
from drafting.panel.answering import Answer, Fate, save_answers
from drafting.panel.database import is_alive, migrate, writing
from drafting.panel.definition import Instrument
from drafting.panel.records import NotFoundError, RoundState, StateError
from drafting.panel.writer import UnavailableError, Writer
from tests.drafting.panel.proving import CODES, NOW, Stage, set_up


@pytest.fixture
def store(database_url: str) -> Iterator[Stage]:
    found = set_up(database_url, at=NOW)
    yield found
    found.engine.dispose()


def answer(stage: Stage, round_id: int, item: str, value: str, base: int | None = None, code: str = CODES[0]) -> Answer:
    return Answer(None, round_id, stage.pseudonyms[code], item, value, base)


def save(stage: Stage, *answers: Answer, at: int = NOW) -> list[Fate]:
    with writing(stage.engine) as c:
        return [o.fate for o in save_answers(c, answers, at)]


def values(stage: Stage, round_id: int, code: str = CODES[0]) -> dict[str, tuple[str, int]]:
    with stage.engine.connect() as c:
        return dict(records.answers_of(c, round_id, stage.pseudonyms[code]))


def test_last_answer_stands_and_every_step_is_kept(store: Stage) -> None:
    number = store.round()
    assert save(store, answer(store, number, "w.0.0", "50")) == [Fate.SAVED]
    assert save(store, answer(store, number, "w.0.0", "40"), answer(store, number, "w.0.0", "30")) == [Fate.SAVED] * 2
    assert values(store, number) == {"w.0.0": ("30", 3)}
    assert [(r.value, r.version) for r in store.rows(t.history)] == [("50", 1), ("40", 2), ("30", 3)]
    assert sum(r.action == "answer" for r in store.rows(t.audit)) == 3


def test_a_repeated_answer_is_acknowledged_and_written_once(store: Stage) -> None:
    number = store.round()
    again = answer(store, number, "w.0.0", "50", base=0)
    assert save(store, again, again) == [Fate.SAVED, Fate.SAVED]
    assert save(store, again) == [Fate.SAVED]
    assert len(store.rows(t.history)) == 1


def test_two_windows_do_not_overwrite_each_other_unseen(store: Stage) -> None:
    number = store.round()
    assert save(store, answer(store, number, "w.0.0", "50", base=0)) == [Fate.SAVED]
    assert save(store, answer(store, number, "w.0.0", "20", base=0)) == [Fate.CONFLICT]
    assert values(store, number) == {"w.0.0": ("50", 1)}
    assert save(store, answer(store, number, "w.0.0", "20", base=1)) == [Fate.SAVED]


def test_text_of_every_script_comes_back_as_it_was(store: Stage) -> None:
    number = store.round()
    for said in ("评分👩‍🔬🇨🇳", "עברית العربية", "𠮷野家", "a\u0301 = á", "' OR 1=1; --", "%s %(x)s :x"):
        assert save(store, answer(store, number, "o.0.0", said)) == [Fate.SAVED]
        assert values(store, number)["o.0.0"][0] == said


def test_a_closed_round_takes_nothing_and_keeps_what_came_late(store: Stage) -> None:
    number = store.round()
    save(store, *(answer(store, number, f"w.0.{k}", v) for k, v in enumerate(("50", "20", "30"))))
    with writing(store.engine) as c:
        submitting.submit(c, records.panel(c, store.panel_id), number, store.pseudonyms[CODES[0]], NOW)
    store.close(number)
    before = store.dump("late_answers", "audit")
    assert save(store, answer(store, number, "w.0.0", "1")) == [Fate.CLOSED]
    assert store.dump("late_answers", "audit") == before
    assert [(r.item, r.value) for r in store.rows(t.late_answers)] == [("w.0.0", "1")]


def test_only_what_was_handed_in_counts(store: Stage) -> None:
    number = store.round()
    save(store, *(answer(store, number, f"w.0.{k}", v) for k, v in enumerate(("50", "20", "30"))))
    with writing(store.engine) as c:
        submitting.submit(c, records.panel(c, store.panel_id), number, store.pseudonyms[CODES[0]], NOW)
    save(store, answer(store, number, "w.0.0", "45"), answer(store, number, "w.0.0", "99", code=CODES[1]))
    fingerprint = store.close(number)
    with store.engine.connect() as c:
        taken = lifecycle.snapshot(c, number)
    assert taken.sha256 == fingerprint
    assert {p: v["w.0.0"] for p, v in taken.answers.items()} == {store.pseudonyms[CODES[0]]: "50"}


GROWING = ("answer_history", "late_answers", "submissions", "snapshots", "audit")


@pytest.mark.parametrize("table", ["rounds", "answers", *GROWING])
def test_the_database_itself_refuses_to_delete(store: Stage, table: str) -> None:
    _filled(store)
    whole = t.metadata.tables[table]
    with pytest.raises(DBAPIError, match="immutable"), writing(store.engine) as c:
        c.execute(delete(whole))
    assert store.rows(whole)


@pytest.mark.parametrize("table", ["rounds", "answers", *GROWING])
def test_the_database_itself_refuses_to_rewrite_what_is_closed(store: Stage, table: str) -> None:
    _filled(store)
    whole = t.metadata.tables[table]
    name = {"rounds": "notice", "audit": "detail", "snapshots": "content", "submissions": "content"}.get(table, "value")
    before = store.rows(whole)
    with pytest.raises(DBAPIError, match="immutable"), writing(store.engine) as c:
        c.execute(update(whole).values({name: "x"}))
    assert store.rows(whole) == before


@pytest.mark.parametrize("table", ["answers", "answer_history", "submissions"])
def test_the_database_itself_refuses_rows_for_closed_rounds(store: Stage, table: str) -> None:
    number = _filled(store)
    row = {
        "round_id": number,
        "pseudonym": "x",
        "item": "w.0.0",
        "value": "1",
        "version": 1,
        "channel": "web",
        "at": NOW,
    }
    row |= {"number": 1, "content": "{}", "sha256": "0"}
    whole = t.metadata.tables[table]
    with pytest.raises(DBAPIError, match="immutable"), writing(store.engine) as c:
        c.execute(insert(whole).values({k: v for k, v in row.items() if k in whole.c}))


def _filled(stage: Stage) -> int:
    """A closed round that has left a row in every growing table."""
    number = stage.round()
    save(stage, *(answer(stage, number, f"w.0.{k}", v) for k, v in enumerate(("50", "20", "30"))))
    with writing(stage.engine) as c:
        submitting.submit(c, records.panel(c, stage.panel_id), number, stage.pseudonyms[CODES[0]], NOW)
    stage.close(number)
    save(stage, answer(stage, number, "w.0.0", "1"))
    return number


def test_rounds_go_one_way_only(store: Stage) -> None:
    number = store.round(opened=False)
    with pytest.raises(StateError):
        store.close(number)
    with writing(store.engine) as c:
        lifecycle.open_round(c, number, "-", NOW)
    with pytest.raises(StateError), writing(store.engine) as c:
        lifecycle.open_round(c, number, "-", NOW)
    with pytest.raises(StateError):  # the next round waits for this one
        store.round()
    assert store.round(Instrument.PAIRWISE) != number  # a track of its own
    store.close(number)
    for again in (store.close, lambda n: _open(store, n)):
        with pytest.raises(StateError):
            again(number)
    with store.engine.connect() as c:
        assert records.round_(c, number).state is RoundState.CLOSED


def _open(stage: Stage, number: int) -> None:
    with writing(stage.engine) as c:
        lifecycle.open_round(c, number, "-", NOW)


def test_rules_are_frozen_when_the_first_round_opens(store: Stage) -> None:
    from dataclasses import replace as changed

    from tests.drafting.panel.proving import _source

    with store.engine.connect() as c:
        before = records.panel(c, store.panel_id)
    assert before.frozen_at is None
    store.round()
    with writing(store.engine) as c:
        other = changed(_source(), rule=before.rule.canonical_json(), codes=(*CODES,))
        settings = {**other.definition.settings, "stop_rounds": 9, "quartile": "other"}
        other = changed(other, definition=changed(other.definition, settings=settings))
        assert lifecycle.refresh_panel(c, records.panel(c, store.panel_id), other, "-", NOW) == len(CODES) - 6
    with store.engine.connect() as c:
        after = records.panel(c, store.panel_id)
    assert after.frozen_at == NOW
    assert (after.definition, after.rule) == (before.definition, before.rule)


def test_links_expire_by_time_are_revoked_and_replaced(store: Stage) -> None:
    token = store.links[CODES[0]]
    with store.engine.connect() as c:
        _, member = accounts.link_member(c, token, NOW)
        assert member.code == CODES[0]
        with pytest.raises(NotFoundError):
            accounts.link_member(c, token, NOW + 61 * accounts.DAY)
        with pytest.raises(NotFoundError):
            accounts.link_member(c, token[:-1] + ("A" if token[-1] != "A" else "B"), NOW)
    with writing(store.engine) as c:
        session = accounts.begin_expert_session(c, token, None, NOW)
        fresh = accounts.invite(c, [member], "-", NOW)[0].token
        with pytest.raises(NotFoundError):
            accounts.link_member(c, token, NOW)
        assert accounts.session_of(c, session, NOW) is None
        assert accounts.link_member(c, fresh, NOW)[1] == member


def test_a_session_that_ended_meanwhile_saves_nothing(store: Stage) -> None:
    number = store.round()
    with writing(store.engine) as c:
        token = accounts.begin_expert_session(c, store.links[CODES[0]], None, NOW)
        session = accounts.session_of(c, token, NOW)
        assert session is not None
        assert session.member is not None
        mine = Answer(session.id, number, session.member.pseudonym, "w.0.0", "50", None)
        accounts.end_session(c, token, NOW)
    assert save(store, mine) == [Fate.SIGNED_OUT]
    assert not store.rows(t.answers)


def test_what_only_differs_in_time_is_the_same_snapshot(database_url: str) -> None:
    stage = set_up(database_url, at=NOW)
    first = stage.round()
    save(stage, *(answer(stage, first, f"w.0.{k}", v) for k, v in enumerate(("50", "20", "30"))), at=NOW)
    with writing(stage.engine) as c:
        submitting.submit(c, records.panel(c, stage.panel_id), first, stage.pseudonyms[CODES[0]], NOW)
    stage.close(first)
    content = json.loads(stage.rows(t.snapshots)[0].content)
    assert str(NOW) not in json.dumps(content)
    stage.engine.dispose()


@pytest.mark.parametrize("jump", [-40_000_000, 40_000_000])
def test_a_clock_that_jumps_changes_no_order(store: Stage, jump: int) -> None:
    number = store.round()
    save(store, answer(store, number, "w.0.0", "50"), at=NOW)
    save(store, answer(store, number, "w.0.0", "40"), at=NOW + jump)
    assert values(store, number)["w.0.0"] == ("40", 2)
    save(store, *(answer(store, number, f"w.0.{k}", v) for k, v in enumerate(("50", "20", "30"))), at=NOW + jump)
    with writing(store.engine) as c:
        panel = records.panel(c, store.panel_id)
        submitting.submit(c, panel, number, store.pseudonyms[CODES[0]], NOW + jump)
        save_answers(c, [answer(store, number, "w.0.0", "60"), answer(store, number, "w.0.1", "10")], NOW)
        last = submitting.submit(c, panel, number, store.pseudonyms[CODES[0]], NOW)
    store.close(number)
    with store.engine.connect() as c:
        taken = lifecycle.snapshot(c, number)
    assert last.number == 2
    assert taken.answers[store.pseudonyms[CODES[0]]]["w.0.0"] == "60"


def test_many_writers_at_once_lose_nothing(store: Stage) -> None:
    number = store.round()
    writer = Writer(store.engine)
    writer.start()

    async def one(code: str, k: int) -> None:
        for step in range(25):
            outcome = await writer.save(answer(store, number, f"w.0.{k}", str(step + 1), code=code))
            assert outcome.fate is Fate.SAVED

    async def everybody() -> None:
        await asyncio.gather(*(one(code, k) for code in CODES[:6] for k in range(3)))

    asyncio.run(everybody())
    writer.stop()
    with store.engine.connect() as c:
        assert c.scalar(select(func.count()).select_from(t.history)) == 6 * 3 * 25
        rows = c.execute(select(t.answers.c.value, t.answers.c.version)).all()
    assert set(rows) == {("25", 25)}
    with pytest.raises(UnavailableError):
        writer.change(lambda c: None)


def test_one_bad_answer_does_not_take_the_others_with_it(store: Stage) -> None:
    """What a page would never let through, e.g. a NUL that PostgreSQL cannot hold, fails alone."""
    number = store.round()
    writer = Writer(store.engine)

    async def everybody() -> list[object]:
        waiting = [writer.save(answer(store, number, f"o.0.{k}", v)) for k, v in enumerate(("好", "a\x00b", "\ud800"))]
        writer.start()  # all three in one group
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    good, _, torn = asyncio.run(everybody())
    writer.stop()
    assert good.fate is Fate.SAVED  # type: ignore[attr-defined]  # gather mixes results and exceptions
    assert isinstance(torn, UnavailableError)
    assert values(store, number)["o.0.0"] == ("好", 1)


def test_migrating_again_changes_nothing(store: Stage) -> None:
    before = store.dump()
    migrate(store.engine)
    assert store.dump() == before
    assert is_alive(store.engine)
