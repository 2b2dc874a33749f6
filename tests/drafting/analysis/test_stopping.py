"""The stopping rule: made from settings, frozen, compared with its record, worded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from drafting.analysis.weights.stopping import evaluate, governing_rule, in_words, rule_of
from drafting.findings import Cell, Provenance
from drafting.model.experts import FrozenRule
from drafting.model.inputs import Inputs
from drafting.model.weight_groups import groups_of
from drafting.project.stopping_record import RECORD_FILE, RecordError, freeze, read_frozen_rule
from tests.drafting.weights_projects import CODES, NOWHERE, TRUE, a_round, inputs

RECORD = Cell(RECORD_FILE)
SETTING = Cell("项目.xlsx", "方法设置", "B22")
PLACES = Provenance({("stopping-rule",): RECORD, ("setting", "停止规则：变异系数"): SETTING})


def agreeing(rounds: int, **settings: object) -> Inputs:
    answers = {c: dict(TRUE) for c in CODES}
    given = inputs(weight_method="专家咨询法", **settings)
    return replace(given, delphi=tuple(a_round(n, answers) for n in range(1, rounds + 1)))


def frozen(given: Inputs) -> Inputs:
    rule = rule_of(given.settings)
    return replace(given, frozen_rule=FrozenRule(rule.canonical_json(), rule.sha256, "2026-03-01"))


def outcome(given: Inputs) -> tuple[str, list[str]]:
    details, found = evaluate(given, groups_of(given.system), PLACES)
    assert details is not None
    return details.verdict.outcome, [f.code for f in found]


def test_one_round_is_never_enough_however_much_all_agree() -> None:
    assert outcome(frozen(agreeing(1))) == ("continue", ["delphi-go-on"])


def test_two_equal_rounds_stop_with_the_reason() -> None:
    assert outcome(frozen(agreeing(2))) == ("stable-consensus", ["delphi-stopped"])


def test_the_last_round_stops_without_consensus_and_says_so() -> None:
    given = frozen(agreeing(0, stop_rounds=2))
    swapped = {c: {**TRUE, "水资源消耗": (70, 30) if k % 2 else (10, 90)} for k, c in enumerate(CODES)}
    given = replace(given, delphi=(a_round(1, {c: dict(TRUE) for c in CODES}), a_round(2, swapped)))
    assert outcome(given) == ("maximum-rounds", ["delphi-stopped-without-consensus"])


def test_experts_must_answer_both_rounds() -> None:
    answers = [{c: dict(TRUE) for c in part} for part in (CODES[:6], CODES[6:])]
    given = frozen(agreeing(0))
    given = replace(given, delphi=(a_round(1, answers[0]), a_round(2, answers[1])))
    details, _ = evaluate(given, groups_of(given.system), NOWHERE)
    assert details is not None
    assert not details.verdict.stable


def test_a_share_of_the_items_may_do() -> None:
    given = agreeing(0, stop_share=Decimal("0.7"))
    moved = {c: {**TRUE, "水资源消耗": (10, 90)} for c in CODES}  # 2 of 12 items move
    given = frozen(replace(given, delphi=(a_round(1, {c: dict(TRUE) for c in CODES}), a_round(2, moved))))
    assert outcome(given)[0] == "stable-consensus"
    strict = frozen(replace(given, settings=replace(given.settings, stop_share=Decimal(1))))
    assert outcome(strict)[0] == "continue"


def test_a_record_is_written_once_and_later_changes_are_appended(tmp_path: Path) -> None:
    rule = rule_of(inputs().settings)
    assert freeze(tmp_path, rule, in_words(rule), date(2026, 3, 1), 1)
    assert not freeze(tmp_path, rule, in_words(rule), date(2026, 3, 2), 1)
    first = (tmp_path / RECORD_FILE).read_bytes()
    other = rule_of(inputs(stop_cv=Decimal("0.5")).settings)
    assert freeze(tmp_path, other, in_words(other), date(2026, 4, 1), 2)
    entries = json.loads((tmp_path / RECORD_FILE).read_text("utf-8"))["entries"]
    assert entries[0] == json.loads(first)["entries"][0]
    assert [e["before_round"] for e in entries] == [1, 2]
    read = read_frozen_rule((tmp_path / RECORD_FILE).read_bytes())
    assert (read.text, read.sha256, read.day) == (rule.canonical_json(), rule.sha256, "2026-03-01")


def test_a_damaged_record_is_left_alone_and_reported(tmp_path: Path) -> None:
    path = tmp_path / RECORD_FILE
    path.parent.mkdir()
    path.write_text("{", "utf-8")
    with pytest.raises(RecordError):
        freeze(tmp_path, rule_of(inputs().settings), "", date(2026, 3, 1), 1)
    assert path.read_text("utf-8") == "{"
    given = replace(agreeing(1), frozen_rule=read_frozen_rule(b"{"))
    _, found = governing_rule(given, PLACES)
    assert [(f.code, f.place) for f in found] == [("stopping-record-unreadable", RECORD)]


def test_an_altered_record_names_both_hashes() -> None:
    rule = rule_of(inputs().settings)
    given = replace(agreeing(1), frozen_rule=FrozenRule(rule.canonical_json(), "0" * 64))
    _, found = governing_rule(given, PLACES)
    assert [(f.code, f.place) for f in found] == [("stopping-record-altered", RECORD)]
    assert "0" * 64 in found[0].message
    assert rule.sha256 in found[0].message


def test_a_changed_setting_is_found_at_its_cell_and_the_frozen_rule_counts() -> None:
    given = frozen(agreeing(2))
    given = replace(given, settings=replace(given.settings, stop_cv=Decimal("0.9")))
    rule, found = governing_rule(given, PLACES)
    assert rule is not None
    assert rule.max_cv == 0.25
    assert [f.code for f in found] == ["stopping-rule-changed"]
    assert found[0].place.cell == "B22"
    assert "由 0.25 改为 0.9" in found[0].message


def test_answers_without_a_record_are_warned_about() -> None:
    _, found = governing_rule(agreeing(1), NOWHERE)
    assert [f.code for f in found] == ["stopping-rule-not-frozen"]
