"""A record is recomputed from its own data: right ones agree, each kind of tampered figure is named."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drafting.record.codec import plain, understood
from drafting.record.schema import Evidence, FirstLevelLine, GradeLine, SecondLevelLine
from drafting.verification import RecordError, verify

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"
Record = dict[str, Any]


@pytest.fixture(scope="session")
def record() -> Record:
    from drafting.pipeline.running import run_project
    from drafting.record.results import record

    return json.loads(json.dumps(record(run_project(EXAMPLE, until="trial")), ensure_ascii=False, allow_nan=False))


def written(record: Record, folder: Path) -> Path:
    path = folder / "结果.json"
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return path


def test_every_figure_of_the_example_agrees(record: Record, tmp_path: Path, capfd: Any) -> None:
    from drafting.cli.app import run

    assert run(["verify", str(written(record, tmp_path)), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["differences"] == []
    verdict = SimpleNamespace(kinds=said["kinds"])
    enterprises, indicators = len(record["trial"]["enterprises"]), len(record["baselines"]["indicators"])
    assert verdict.kinds["试评价"] >= 8 * enterprises
    assert verdict.kinds["样本"] >= 7 * indicators
    assert verdict.kinds["基准值"] > 10 * indicators
    assert verdict.kinds["一致性"] >= 7 * len(record["weights"]["experts"])


def level(record: Record, code: str) -> Record:
    return next(i for i in record["baselines"]["indicators"] if i["code"] == code)


def graded(record: Record) -> Record:
    return next(e for e in record["trial"]["enterprises"] if e["grade"] == "II")


def set_to(find: Callable[[Record], Any], key: Any, value: Any) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        found = find(record)
        found[key] = value(found[key]) if callable(value) else value

    return change


# what is tampered with, the change, the path that must be named
TAMPERED: list[tuple[str, Callable[[Record], None], str]] = [
    (
        "first-level weight",
        set_to(lambda r: r["weights"]["first_level"][0], "weight", "0.99"),
        "weights.first_level.生产工艺及装备.weight",
    ),
    (
        "exact weight",
        set_to(lambda r: r["weights"]["first_level"][1], "exact", lambda x: x + 1e-6),
        "weights.first_level.能源消耗.exact",
    ),
    (
        "second-level weight",
        set_to(lambda r: r["weights"]["second_level"]["能源消耗"][0], "weight", "0.44"),
        "weights.second_level.能源消耗.N1.weight",
    ),
    ("consistency ratio", set_to(lambda r: r["weights"]["experts"][0], "cr", lambda x: x / 2), ".cr"),
    ("largest eigenvalue", set_to(lambda r: r["weights"]["experts"][3], "lambda_max", 9.0), ".lambda_max"),
    ("verdict on an expert", set_to(lambda r: r["weights"]["experts"][0], "consistent", False), ".consistent"),
    (
        "group CR",
        set_to(lambda r: r["weights"]["groups"]["一级指标"], "group_cr", 0.05),
        "weights.groups.一级指标.group_cr",
    ),
    (
        "consensus",
        set_to(lambda r: r["weights"]["groups"]["一级指标"]["consensus"], "s_star", 0.99),
        "weights.groups.一级指标.consensus.s_star",
    ),
    (
        "bootstrap interval",
        set_to(lambda r: r["weights"]["groups"]["一级指标"]["bootstrap"]["items"][0], "lower", 0.0),
        "weights.groups.一级指标.bootstrap.items.生产工艺及装备.lower",
    ),
    ("a setting", set_to(lambda r: r["weights"]["settings"], "CR限值", "0.2"), "weights.settings.CR限值"),
    ("baseline", set_to(lambda r: level(r, "N1")["I"], "value", "1.00"), "baselines.N1.I.value"),
    ("printed baseline", set_to(lambda r: level(r, "N1")["II"], "bound", "≤1.00"), "baselines.N1.II.bound"),
    ("share reached", set_to(lambda r: level(r, "S1")["III"], "share", 0.9), "baselines.S1.III.share"),
    ("exact baseline", set_to(lambda r: level(r, "S1")["III"], "exact", lambda x: x * 1.001), "baselines.S1.III.exact"),
    ("interval", set_to(lambda r: level(r, "S1")["II"]["interval"], 0, 0.0), "baselines.S1.II.interval.1"),
    ("rank", set_to(lambda r: level(r, "S1")["II"], "k", lambda k: k + 1), "baselines.S1.II.k"),
    ("sample", set_to(lambda r: level(r, "N2"), "n", 5), "baselines.N2.n"),
    ("missing answers", set_to(lambda r: level(r, "N2"), "missing", 0), "baselines.N2.missing"),
    (
        "source of a tightened grade",
        set_to(lambda r: level(r, "W5")["III"], "source", "survey"),
        "baselines.W5.III.source",
    ),
    ("share of answers", set_to(lambda r: level(r, "G1")["II"], "share", 0.5), "baselines.G1.II.share"),
    ("grade", set_to(graded, "grade", "I"), ".grade"),
    ("index", set_to(graded, "Y_I", 100.0), ".Y_I"),
    ("exact index", set_to(lambda r: graded(r)["exact"], "Y_II", "85"), ".exact.Y_II"),
    ("exclusion", set_to(graded, "excluded", True), ".excluded"),
    ("distribution", set_to(lambda r: r["trial"]["distribution"], "I", lambda n: n + 1), "trial.distribution.I"),
]


def test_every_tampered_figure_is_named_and_no_other(record: Record, tmp_path: Path) -> None:
    changed = copy.deepcopy(record)
    for _, change, _ in TAMPERED:
        change(changed)
    found = verify(written(changed, tmp_path)).differences
    for what, _, path in TAMPERED:
        assert any(d.path.endswith(path) for d in found), what
    assert len(found) == len(TAMPERED), [d.path for d in found]
    assert all(any("\u4e00" <= c <= "\u9fff" for c in d.what) for d in found)


def test_tampered_data_shows_in_every_figure_that_rests_on_it(record: Record, tmp_path: Path) -> None:
    changed = copy.deepcopy(record)
    column = changed["data"]["survey"]["columns"]["N1"]
    column["values"] = [None if v is None else v / 2 for v in column["values"]]
    del changed["trial"]["enterprises"][0]
    paths = {d.path for d in verify(written(changed, tmp_path)).differences}
    assert {"baselines.N1.I.value", "baselines.N1.II.exact", "baselines.N1.III.bound", "trial.enterprises"} <= paths


@pytest.mark.parametrize(
    ("tree", "names", "value"),
    [("0.38", {}, "0.38"), (["+", "0.14", ["*", "0.08", ["name", "n"]]], {"n": "3"}, "0.38"), (["neg", "2"], {}, "-2"),
     (["call", "max", "1", ["/", "3", "2"]], {}, "1.5"), (["^", "2", "10"], {}, "1024")],
)  # fmt: skip
def test_formulas_are_exact(tree: Any, names: dict[str, str], value: str) -> None:
    from fractions import Fraction

    from drafting.verification.opinion.formula import value_of

    assert value_of(tree, {k: Fraction(v) for k, v in names.items()}) == Fraction(value)


def test_the_schema_knows_every_key_of_the_data_and_what_is_printed(record: Record) -> None:
    """Read by the classes and written again nothing is missing: a key without a field would go unread."""
    assert plain(understood(record["data"], Evidence)) == record["data"]
    for row, kind in [
        *((w, FirstLevelLine) for w in record["weights"]["first_level"]),
        *((w, SecondLevelLine) for of in record["weights"]["second_level"].values() for w in of),
        *((i[g], GradeLine) for i in record["baselines"]["indicators"] for g in ("I", "II", "III")),
    ]:
        assert plain(understood(row, kind)) == row


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda r: r["data"]["groups"][0].update(keys=7), "data.groups[0].keys"),
        (lambda r: r["data"]["survey"]["columns"]["N1"].update(states=["是"]), "data.survey.columns[...].states[0]"),
        (lambda r: r["data"]["indicators"][2]["typed"].update(I=[]), "data.indicators[2].typed[...]"),
        (lambda r: r["data"].pop("experts"), "data"),
        (lambda r: r.update(trial={"details": 1}), "trial.details"),
        (lambda r: r.update(digests=[]), "digests"),
        (lambda r: r["weights"]["first_level"][0].update(weight=0.5), "weights.first_level[0].weight"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_its_place(
    record: Record, change: Callable[[Record], Any], where: str, tmp_path: Path
) -> None:
    changed = copy.deepcopy(record)
    change(changed)
    with pytest.raises(RecordError, match="无法复算") as refused:
        verify(written(changed, tmp_path))
    assert where in str(refused.value)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda d: d["indicators"][0].update(category="没有的一类"), None),
        (lambda d: d["groups"][0].update(keys=[]), None),
        (lambda d: d["survey"]["columns"].clear(), None),
        (lambda d: d["judgements"][0].update(values=[[1.0]]), None),
        (lambda d: d["standard"].update(shares={"I": "无"}), "有的数值或文字不能理解"),
        (lambda d: d.update(settings={}), "没有的代码、名称或序号"),
    ],
)
def test_a_damaged_record_is_refused_in_chinese_words_by_cause(
    record: Record, change: Callable[[Any], Any], cause: str | None, tmp_path: Path
) -> None:
    changed = copy.deepcopy(record)
    change(changed["data"])
    try:
        verdict = verify(written(changed, tmp_path))
    except RecordError as refused:
        said = str(refused)
        assert not re.search(r"[A-Za-z]{3,}", said.replace("drafting build", "")), said
        assert cause is None or cause in said
    else:
        assert cause is None
        assert verdict.differences  # it could be computed, and came out otherwise


# --- what is no record ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "不是完整的 JSON"),
        ('{"format": 2', "不是完整的 JSON"),
        ("[1, 2]", "不是 drafting 写出的"),
        ('{"a": 1}', "不是 drafting 写出的"),
        ('{"format": 2, "weights": null, "baselines": null, "trial": null, "data": {}}', "其他版本"),
        ('{"format": 1, "weights": null, "baselines": null, "trial": null}', "其他版本"),
        ('{"format": 3, "baselines": null, "data": {}}', "不完整：缺少 weights"),
        (
            '{"format": 3, "weights": {}, "baselines": {}, "trial": {}, "data": {}, "digests": {},'
            ' "versions": {}, "inputs": {}, "sources": {}, "findings": []}',
            "无法复算",
        ),
    ],
)
def test_what_is_no_record_is_answered_in_chinese(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "结果.json"
    path.write_text(content, "utf-8")
    with pytest.raises(RecordError, match=word):
        verify(path)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="找不到"):
        verify(tmp_path / "没有.json")
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(RecordError, match="不是文本文件"):
        verify(tmp_path / "x.json")


def test_the_command_ends_with_1_when_something_differs(record: Record, tmp_path: Path, capfd: Any) -> None:
    from drafting.cli.app import run

    changed = copy.deepcopy(record)
    level(changed, "N1")["I"]["value"] = "1.00"
    assert run(["verify", str(written(changed, tmp_path)), "--json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert [d["path"] for d in said["differences"]] == ["baselines.N1.I.value"]
    assert run(["verify", str(tmp_path / "没有.json")]) == 2
    assert "找不到" in capfd.readouterr().err


@pytest.mark.parametrize(
    "tree", [["/", "1", "0"], "9" * 5000, ["^", "9", ["^", "9", "9"]], [["x"]]], ids=["zero", "digits", "power", "no"]
)
def test_a_formula_beyond_measure_in_a_record_is_refused_in_words(tree: Any) -> None:
    from drafting.verification.opinion.formula import UndefinedFormulaError, value_of

    with pytest.raises((RecordError, UndefinedFormulaError, ValueError)):
        value_of(tree, {})


def test_a_record_nested_without_end_is_refused_in_words(record: Record, tmp_path: Path) -> None:
    deep = copy.deepcopy(record)
    for group in deep["data"]["groups"]:
        group.pop("values", None)
        group["formulas"] = ["tree"] * len(group["keys"])
    file = written(deep, tmp_path)
    file.write_text(file.read_text("utf-8").replace('"tree"', '["neg", ' * 985 + '"1"' + "]" * 985), "utf-8")
    with pytest.raises(RecordError):
        verify(file)
